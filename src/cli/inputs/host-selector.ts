// Which hosts a policy is for, as the API's contract has it (HostSelector): read without a server.
import { asRecord } from '../json.ts';

const hostName = /^[a-z0-9][a-z0-9.-]{0,62}$/;
const labelName = /^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,127}$/;
const maximumNames = 10_000;
const maximumLabels = 64;
const maximumLabel = 256;

/** What is wrong with it; undefined where nothing is. */
export function findSelectorMistake(hosts: unknown): string | undefined {
  const [member, ...more] = Object.entries(asRecord(hosts) ?? {});
  if (member === undefined || more.length > 0) return 'one of all, names or labels expected';
  const [kind, value] = member;
  if (kind === 'all') return value === true ? undefined : 'all: true expected';
  if (kind === 'names') return areNames(value) ? undefined : 'names: a list of names of hosts expected, each once';
  if (kind === 'labels') return areLabels(value) ? undefined : 'labels: names with texts expected';
  return 'one of all, names or labels expected';
}

function areNames(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > maximumNames) return false;
  const names: readonly unknown[] = value;
  return new Set(names).size === names.length && names.every((name) => typeof name === 'string' && hostName.test(name));
}

function areLabels(value: unknown): boolean {
  const labels = Object.entries(asRecord(value) ?? {});
  return (
    labels.length > 0 &&
    labels.length <= maximumLabels &&
    labels.every(([name, text]) => labelName.test(name) && typeof text === 'string' && text.length <= maximumLabel)
  );
}
