// Which policy a host falls under: the most specific one that selects it.
import type { HostRecord } from '../storage/index.ts';
import type { PolicyInForce } from './trust-cache.ts';

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
  if ('names' in hosts) return hosts.names.includes(host.hostId) ? Number.MAX_SAFE_INTEGER : 0;
  if ('labels' in hosts) {
    const wanted = Object.entries(hosts.labels);
    const isSelected = wanted.length > 0 && wanted.every(([name, value]) => host.labels[name] === value);
    return isSelected ? 1 + wanted.length : 0;
  }
  return 1;
}
