// Hardening facts from the kernel command line. See `hardening.table.ts` for the names.
import type { BootFacts, Fact, HardeningState } from './facts.ts';
import { hardening } from './hardening.table.ts';
import type { CommandLines } from './kernel-command-line.ts';

/** Off where any text that may be the command line weakens; on only where the one that booted is known and strengthens. */
export function readHardening({ booted, candidates }: CommandLines): BootFacts['hardening'] {
  const lines = candidates.map(readLine);
  const known = booted && readLine(booted);
  const facts = patterns.map(([name, demands]) => [name, readOne(demands, known, lines)] as const);
  return Object.fromEntries(facts) as BootFacts['hardening'];
}

interface Line {
  readonly event: number | undefined;
  /** Values by name; a parameter without value is `undefined` here. */
  readonly parameters: ReadonlyMap<string, readonly (string | undefined)[]>;
}

function readLine({ value, event }: Fact<string>): Line {
  const parameters = new Map<string, (string | undefined)[]>();
  for (const parameter of parseCommandLine(value)) {
    const values = parameters.get(parameter.name);
    if (values) values.push(parameter.value);
    else parameters.set(parameter.name, [parameter.value]);
  }
  return { event, parameters };
}

interface Patterns {
  readonly on: readonly KernelParameter[];
  readonly off: readonly KernelParameter[];
}

function readOne({ on, off }: Patterns, booted: Line | undefined, lines: readonly Line[]): Fact<HardeningState> {
  const weak = lines.find((line) => sets(line, off));
  if (weak) return { value: 'off', event: weak.event };
  if (!booted) return { value: 'unknown', event: undefined };
  return { value: sets(booted, on) ? 'on' : 'default', event: booted.event };
}

function sets({ parameters }: Line, wanted: readonly KernelParameter[]): boolean {
  return wanted.some(({ name, value }) => {
    return parameters.get(name)?.some((actual) => matchesValue(actual, value)) === true;
  });
}

/** A pattern without value matches any value: `crashkernel`, `nosmt`. Lists match whole or by one of their items. */
function matchesValue(actual: string | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (actual === undefined) return false;
  return actual === wanted || (!wanted.includes(',') && actual.split(/[,|]/).includes(wanted));
}

export interface KernelParameter {
  /** With `_` for `-`, as the kernel compares names. */
  readonly name: string;
  readonly value: string | undefined;
}

/** As the kernel splits it: at spaces outside double quotes; what follows ` -- ` is for init. */
export function parseCommandLine(commandLine: string): readonly KernelParameter[] {
  const words: readonly string[] = commandLine.match(/(?:[^\s"]|"[^"]*(?:"|$))+/g) ?? [];
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).map((word) => splitParameter(word.replaceAll('"', '')));
}

function splitParameter(word: string): KernelParameter {
  const equals = word.indexOf('=');
  const name = (equals < 0 ? word : word.slice(0, equals)).replaceAll('-', '_');
  return { name, value: equals < 0 ? undefined : word.slice(equals + 1) };
}

/** The rows of the table, split once. */
const patterns = Object.entries(hardening).map(
  ([name, { on, off }]) => [name, { on: on.map(splitParameter), off: off.map(splitParameter) }] as const,
);
