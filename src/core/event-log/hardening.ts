// Hardening facts from the kernel command line. See `hardening.table.ts` for the names.
import type { BootFacts, Fact, HardeningState } from './facts.ts';
import { readPattern, type HardeningPattern } from './hardening-pattern.ts';
import { hardening } from './hardening.table.ts';
import type { CommandLines } from './kernel-command-line.ts';
import { parseCommandLine } from './kernel-parameter.ts';

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
  readonly on: readonly HardeningPattern[];
  readonly off: readonly HardeningPattern[];
}

function readOne({ on, off }: Patterns, booted: Line | undefined, lines: readonly Line[]): Fact<HardeningState> {
  const weak = lines.find((line) => sets(line, off));
  if (weak) return { value: 'off', event: weak.event };
  if (!booted) return { value: 'unknown', event: undefined };
  return { value: sets(booted, on) ? 'on' : 'default', event: booted.event };
}

function sets({ parameters }: Line, wanted: readonly HardeningPattern[]): boolean {
  return wanted.some(({ name, matches }) => parameters.get(name)?.some((value) => matches(value)) === true);
}

/** The rows of the table, read once. */
const patterns = Object.entries(hardening).map(([name, { on, off }]) => {
  const read = { on: on.map((text) => readPattern(text, false)), off: off.map((text) => readPattern(text, true)) };
  return [name, read] as const;
});
