// Hardening facts from the kernel command line. See `hardening.table.ts` for the names.
import type { BootFacts, Fact, HardeningFact } from './facts.ts';
import { readPattern, type HardeningPattern } from './hardening-pattern.ts';
import { hardening } from './hardening.table.ts';
import type { CommandLines } from './kernel-command-line.ts';
import { parseCommandLine, parseInitArguments, splitParameter, type KernelParameter } from './kernel-parameter.ts';

/** Off where any text that may be the command line weakens; on only where the one that booted is known and strengthens. */
export function readHardening({ booted, candidates }: CommandLines): BootFacts['hardening'] {
  const lines = candidates.map(readLine);
  const known = booted && readLine(booted);
  const facts = patterns.map(([name, demands]) => [name, readOne(demands, known, lines)] as const);
  return Object.fromEntries(facts) as BootFacts['hardening'];
}

/** Values by name; a parameter without value is `undefined` here. */
type Parameters = ReadonlyMap<string, readonly (string | undefined)[]>;

interface Line {
  readonly event: number | undefined;
  /** What the kernel reads. */
  readonly parameters: Parameters;
  /** That, and what it leaves to init: systemd reads /proc/cmdline to its end. */
  readonly everything: Parameters;
}

function readLine({ value, event }: Fact<string>): Line {
  const read = parseCommandLine(value);
  const left = parseInitArguments(value);
  const parameters = groupByName(read);
  return {
    event,
    parameters,
    everything: left.length === 0 ? parameters : groupByName([...read, ...left.map(splitParameter)]),
  };
}

function groupByName(read: readonly KernelParameter[]): Parameters {
  const parameters = new Map<string, (string | undefined)[]>();
  for (const { name, value } of read) {
    const values = parameters.get(name);
    if (values) values.push(value);
    else parameters.set(name, [value]);
  }
  return parameters;
}

interface Patterns {
  readonly on: readonly HardeningPattern[];
  readonly off: readonly HardeningPattern[];
}

function readOne({ on, off }: Patterns, booted: Line | undefined, lines: readonly Line[]): HardeningFact {
  for (const line of lines) {
    const word = findWord(line.everything, off);
    if (word !== undefined) return { value: 'off', event: line.event, word };
  }
  if (!booted) return { value: 'unknown', event: undefined };
  const word = findWord(booted.parameters, on);
  return word === undefined ? { value: 'default', event: booted.event } : { value: 'on', event: booted.event, word };
}

function findWord(parameters: Parameters, wanted: readonly HardeningPattern[]): string | undefined {
  for (const { name, matches } of wanted) {
    const values = parameters.get(name) ?? [];
    const found = values.findIndex(matches);
    if (found < 0) continue;
    const value = values[found];
    return value === undefined ? name : `${name}=${value}`;
  }
  return undefined;
}

/** The rows of the table, read once. */
const patterns = Object.entries(hardening).map(([name, { on, off }]) => {
  const read = {
    on: on.map((text) => readPattern(text, { weakens: false })),
    off: off.map((text) => readPattern(text, { weakens: true })),
  };
  return [name, read] as const;
});
