// When the hosts feel a change: what the server knows of their next attestations.
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { counted } from '../../core/encoding/index.ts';
import { askAfterChange } from './after-change.ts';

export type NextAttestations = JsonAnswerOf<'getNextAttestations'>;
type Returns = NextAttestations['untrusted'];

/** Undefined where the server cannot say. `policy`: of the hosts under it. */
export function readNextAttestations(client: ApiClient, policy?: string): Promise<NextAttestations | undefined> {
  return askAfterChange(client.call('getNextAttestations', { query: policy === undefined ? {} : { policy } }));
}

/** What a command adds to its answer. */
export interface Felt {
  readonly data: { readonly nextAttestations?: NextAttestations };
  readonly lines: readonly string[];
}

/** Of what changed nothing. */
export const notFelt: Felt = { data: {}, lines: [] };

/** Asked after the change was made. `policy`: of the hosts under it. */
export async function tellWhenFelt(client: ApiClient, policy?: string): Promise<Felt> {
  const next = await readNextAttestations(client, policy);
  return { data: next === undefined ? {} : { nextAttestations: next }, lines: describeNextAttestations(next) };
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
