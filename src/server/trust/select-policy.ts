// Which policy a host falls under: the most specific one that selects it.
import { selectsHost, type HostRecord } from '../storage/index.ts';
import type { PolicyInForce } from '../golden/trust-cache.ts';

/** Named hosts before labelled ones, more labels before fewer, all hosts last; among equals the least id. */
export function selectPolicy(
  policies: readonly PolicyInForce[],
  host: Pick<HostRecord, 'hostId' | 'labels'>,
): PolicyInForce | undefined {
  return policies
    .map((candidate) => ({ candidate, rank: rankOf(candidate, host) }))
    .filter(({ rank }) => rank > 0)
    .sort((left, right) => right.rank - left.rank || (left.candidate.id < right.candidate.id ? -1 : 1))
    .at(0)?.candidate;
}

/** 0: does not select the host. */
function rankOf({ hosts }: PolicyInForce, host: Pick<HostRecord, 'hostId' | 'labels'>): number {
  if (!selectsHost(hosts, host)) return 0;
  if ('names' in hosts) return Number.MAX_SAFE_INTEGER;
  return 'labels' in hosts ? 1 + Object.keys(hosts.labels).length : 1;
}
