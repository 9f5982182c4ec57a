// Hardening facts from the kernel command line. See `hardening.table.ts` for the names.
import type { BootFacts, Fact, HardeningState } from './facts.ts';
import { hardening, type HardeningName } from './hardening.table.ts';
import type { CommandLines } from './kernel-command-line.ts';

/** Off where any text that may be the command line weakens; on only where the one that booted is known and strengthens. */
export function readHardening({ booted, candidates }: CommandLines): BootFacts['hardening'] {
  const facts = Object.keys(hardening).map(
    (name) => [name, readOne(name as HardeningName, booted, candidates)] as const,
  );
  return Object.fromEntries(facts) as BootFacts['hardening'];
}

function readOne(
  name: HardeningName,
  booted: Fact<string> | undefined,
  candidates: readonly Fact<string>[],
): Fact<HardeningState> {
  const { on, off } = hardening[name];
  const weak = candidates.find(({ value }) => sets(value, off));
  if (weak) return { value: 'off', event: weak.event };
  if (!booted) return { value: 'unknown', event: undefined };
  return { value: sets(booted.value, on) ? 'on' : 'default', event: booted.event };
}

function sets(commandLine: string, patterns: readonly string[]): boolean {
  const parameters = parseCommandLine(commandLine);
  return patterns.some((pattern) => {
    const { name, value } = splitParameter(pattern);
    return parameters.some((parameter) => parameter.name === name && matchesValue(parameter.value, value));
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
