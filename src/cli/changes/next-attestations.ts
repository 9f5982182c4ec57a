// When the hosts feel a change: what the server knows of their next attestations.
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { counted, nameSome } from '../../core/encoding/index.ts';
import { askAfterChange } from './after-change.ts';

export type NextAttestations = JsonAnswerOf<'getNextAttestations'>;
type Returns = NextAttestations['untrusted'];

/** Whom a change concerns: the hosts under a policy, or those of the stages that rollouts have opened; else all. */
export interface Concerned {
  readonly policy?: string;
  /** Names, with commas between them. */
  readonly rollouts?: string;
  /** Of these, only those that the last step of one reached. */
  readonly lastStep?: boolean;
  /** Those whose policy demands one of these layers, with commas between them. */
  readonly layers?: string;
}

/** Undefined where the server cannot say. */
export function readNextAttestations(
  client: ApiClient,
  concerned: Concerned = {},
): Promise<NextAttestations | undefined> {
  return askAfterChange(client.call('getNextAttestations', { query: concerned }));
}

/** What a command adds to its answer. */
export interface Felt {
  readonly data: { readonly nextAttestations?: NextAttestations };
  readonly lines: readonly string[];
}

/** Of what changed nothing. */
export const notFelt: Felt = { data: {}, lines: [] };

/** Asked after the change was made. */
export async function tellWhenFelt(client: ApiClient, concerned: Concerned = {}): Promise<Felt> {
  const next = await readNextAttestations(client, concerned);
  const whose =
    concerned.rollouts === undefined ? [] : [describeStages(concerned.rollouts.split(','), concerned.lastStep)];
  const lines = describeNextAttestations(next);
  return { data: next === undefined ? {} : { nextAttestations: next }, lines: [...lines, ...whose] };
}

interface Staged {
  readonly layer: string;
  readonly keptBack?: JsonAnswerOf<'getGoldenMeasurement'>['keptBack'] | undefined;
}

/** The same of golden measurements, as they were while they could be matched: one that a rollout keeps back concerns the hosts of its
 * opened stages, and one that was rolled back none; and hosts whose policy demands its layer alone. */
export function tellWhenGoldensFelt(client: ApiClient, goldens: readonly Staged[]): Promise<Felt> {
  const matched = goldens.filter(({ keptBack }) => keptBack?.state !== 'rolled-back');
  const rollouts = matched.flatMap(({ keptBack }) => keptBack?.rollout ?? []);
  if (goldens.length > 0 && matched.length === 0) {
    return Promise.resolve({ data: {}, lines: ['no host feels it: a rollout that was rolled back keeps it from all'] });
  }
  if (matched.length === 0) return tellWhenFelt(client);
  const layers = [...new Set(matched.map(({ layer }) => layer))].join(',');
  if (rollouts.length < matched.length) return tellWhenFelt(client, { layers });
  return tellWhenFelt(client, { rollouts: [...new Set(rollouts)].join(','), layers });
}

function describeStages(rollouts: readonly string[], lastStep = false): string {
  if (lastStep) return '  (of the hosts that this step reached: those of the stages before had it already)';
  return `  (of the stages that ${nameSome(rollouts, 4)} ${rollouts.length === 1 ? 'has' : 'have'} opened: no other host feels it)`;
}

/** For who is trusted now and may not be then, and for who is refused now and may not be then: both are told, as nobody knows which. */
export function describeNextAttestations(next: NextAttestations | undefined): string[] {
  if (next === undefined) return ['hosts feel it by their next attestation'];
  const { trusted, untrusted, partial } = next;
  if (trusted.hosts + untrusted.hosts === 0) return ['no host feels it yet: there is none that it could be about'];
  const part = partial ? ['  (of the hosts that were looked at: the fleet is larger)'] : [];
  const until = trusted.until === undefined ? '' : `; no verdict of theirs holds beyond ${trusted.until}`;
  return [
    'hosts feel it by their next attestation:',
    ...(trusted.hosts === 0
      ? []
      : [`  ${counted(trusted.hosts, 'host')} trusted now: ${describeReturns(trusted)}${until}`]),
    ...(untrusted.hosts === 0
      ? []
      : [`  ${counted(untrusted.hosts, 'host')} not trusted now: ${describeReturns(untrusted)}`]),
    ...part,
  ];
}

function describeReturns({ overdue, unasked, dueBy }: Returns): string {
  const parts = [
    ...(dueBy === undefined ? [] : [`the last is due by ${dueBy}`]),
    ...(overdue === 0 ? [] : [`${overdue} ${overdue === 1 ? 'is' : 'are'} overdue`]),
    ...(unasked === 0
      ? []
      : [
          unasked === 1
            ? '1 has not attested since it enrolled or booted'
            : `${unasked} have not attested since they enrolled or booted`,
        ]),
  ];
  return parts.join(', ');
}
