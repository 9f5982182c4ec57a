// Which hosts a policy or a quarantine is about, as it comes over the API.
import { ServerError } from '../../errors.ts';
import type { HostSelector } from '../../storage/index.ts';

/** @throws ServerError REQUEST_INVALID when it selects nobody */
export function selectorOf(hosts: {
  readonly names?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly all?: boolean;
}): HostSelector {
  if (hosts.names !== undefined) return { names: hosts.names };
  if (hosts.labels !== undefined) return { labels: hosts.labels };
  if (hosts.all === true) return { all: true };
  throw new ServerError('REQUEST_INVALID', 'names, labels or all: true is expected', { at: 'hosts' });
}
