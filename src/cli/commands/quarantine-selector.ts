// Which hosts a quarantine is for, as the command line says it.
import type { JsonAnswerOf } from '../../api/index.ts';
import { misuse } from '../errors.ts';

type HostSelector = JsonAnswerOf<'createQuarantine'>['hosts'];

export interface SelectorOptions {
  readonly host?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
  readonly allHosts?: boolean;
}

export function hasSelector({ host, label, allHosts }: SelectorOptions): boolean {
  return host !== undefined || label !== undefined || allHosts === true;
}

/** @throws CliError CLI_USAGE_INVALID */
export function selectorOf({ host, label, allHosts }: SelectorOptions): HostSelector {
  const chosen = [
    ...(host === undefined ? [] : [{ names: [...host] }]),
    ...(label === undefined ? [] : [{ labels: label }]),
    ...(allHosts === true ? [{ all: true as const }] : []),
  ];
  const [only, second] = chosen;
  if (only === undefined || second !== undefined) {
    throw misuse('one of --host, --label and --all-hosts is expected');
  }
  return only;
}

/** The same for selectors that say the same. */
export function nameSelector({ names, labels }: HostSelector): string {
  if (names !== undefined) return JSON.stringify(['names', [...names].sort()]);
  return JSON.stringify(labels === undefined ? ['all'] : ['labels', Object.entries(labels).sort()]);
}

/** One line for people. */
export function describeHosts(hosts: HostSelector): string {
  if (hosts.names !== undefined) return hosts.names.join(' ');
  if (hosts.labels === undefined) return 'all';
  return Object.entries(hosts.labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
