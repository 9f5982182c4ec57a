// The end of simulated hosts on a server that stays: by name and label, so that no other is ever touched.
import { ApiProblem, readAllPages, type ApiClient } from '../../api/index.ts';
import { counted, nameSome, printable } from '../../core/encoding/index.ts';
import { toRefusal } from '../refusal.ts';
import type { Refusal } from '../report.ts';
import { inLanes } from './lanes.ts';
import { callsAtOnce, namePrefix, simulatedLabel } from './server.ts';

export interface KeptHost {
  readonly host: string;
  readonly refusal: Refusal;
}

export interface Retirement {
  /** In the order of their names. */
  readonly retired: readonly string[];
  /** Those that the server did not retire. */
  readonly kept: readonly KeptHost[];
  /** How many were not asked for any more, because the server could not be asked. */
  readonly left: number;
}

const shownHosts = 4;

/** Every simulated host of the server. What it refuses of one does not keep the others. */
export async function retireSimulated(
  api: ApiClient,
  onHost: (done: number, of: number, host: string) => void,
): Promise<Retirement> {
  const hosts = await readAllPages((query) => api.call('listHosts', { query }));
  const due = hosts.filter(
    ({ id, labels, state }) =>
      id.startsWith(namePrefix) && labels['simulated'] === simulatedLabel.simulated && state !== 'retired',
  );
  const retired: string[] = [];
  const kept: KeptHost[] = [];
  const lost = new AbortController();
  const retire = async (host: string): Promise<void> => {
    try {
      await api.call('retireHost', { path: { hostId: host }, body: { reason: 'end of a simulation' } });
      retired.push(host);
      onHost(retired.length, due.length, host);
    } catch (error) {
      kept.push({ host, refusal: toRefusal(error).refusal });
      if (!(error instanceof ApiProblem)) lost.abort();
    }
  };
  await inLanes(due, callsAtOnce, ({ id }) => retire(id), lost.signal);
  return { retired: retired.sort(), kept, left: due.length - retired.length - kept.length };
}

/** `60 hosts: sim-fa24bc-0001, … and 56 more` */
export function describeRetired(retired: readonly string[]): string {
  if (retired.length === 0) return 'no host';
  return `${counted(retired.length, 'host')}: ${nameSome(retired, shownHosts)}`;
}

export function retirementData({ retired, kept }: Retirement): Record<string, unknown> {
  return {
    retired,
    ...(kept.length === 0 ? {} : { notRetired: kept.map(({ host, refusal }) => ({ host, ...refusal })) }),
  };
}

/** Why hosts are left, where some are. */
export function refusalOfRetirement({ retired, kept, left }: Retirement): Refusal | undefined {
  const [first] = kept;
  if (first === undefined) return undefined;
  const all = retired.length + kept.length + left;
  const rest = [
    `${retired.length} of ${counted(all, 'simulated host')} ${retired.length === 1 ? 'was' : 'were'} retired`,
    ...(kept.length > 1
      ? [
          `also refused: ${nameSome(
            kept.slice(1).map(({ host }) => host),
            shownHosts,
          )}`,
        ]
      : []),
    ...(left > 0 ? [`not asked for: ${left}`] : []),
  ];
  return {
    ...first.refusal,
    message: `${printable(first.host)} was not retired: ${first.refusal.message} (${rest.join('; ')})`,
  };
}
