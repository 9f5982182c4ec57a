// What GRUB measures while it runs a configuration: each command and the kernel's command line into PCR 8, each file it
// reads into PCR 9, the kernel into PCR 4 through shim; and what the kernel's own stub measures of what GRUB hands it.
// GRUB manual, "Measured Boot"; held against the signed GRUBs that docs/prediction.md lists.
import { concatBytes, encodeUtf8 } from '../encoding/index.ts';
import { eventTypes, type EventToEncode } from '../event-log/index.ts';
import type { GrubRelease } from './grub-release.ts';
import { parseGrubScript, unsupported, type GrubCommand, type Word } from './grub-script.ts';
import { measureLinuxStub } from './unified-kernel.ts';

export interface GrubPlan {
  readonly release: GrubRelease;
  readonly configuration: string;
  /** `(hd0,gpt1)/EFI/debian`: where the signed GRUB finds its configuration. */
  readonly prefix: string;
  readonly kernel: Uint8Array;
  readonly initrds: readonly Uint8Array[];
  /** What is measured of the kernel when shim verifies it. */
  readonly kernelEvents: readonly EventToEncode[];
}

interface Run extends GrubPlan {
  readonly variables: Map<string, string>;
  readonly entries: { readonly title: string; readonly block: NonNullable<GrubCommand['block']> }[];
  readonly events: EventToEncode[];
  /** Its path and parameters, once it is loaded. */
  kernelWords: string | undefined;
}

/** Commands that measure nothing but themselves and change nothing that is measured later. */
const silent = new Set(['echo', 'insmod', 'export', 'terminal_input', 'terminal_output', 'clear', 'true', 'loadfont']);

/** @throws MalformedError PREDICTION_GRUB_UNSUPPORTED */
export function measureGrub(plan: GrubPlan): readonly EventToEncode[] {
  const variables = new Map([['prefix', plan.prefix]]);
  const run: Run = { ...plan, variables, entries: [], events: [], kernelWords: undefined };
  if (plan.release.ownScript) for (const command of ownScript(plan.prefix)) measureCommand(run, command);
  for (let reading = 0; reading < plan.release.configurationReadings; reading += 1) {
    measureFile(run, `${plan.prefix}/grub.cfg`, encodeUtf8(plan.configuration));
  }
  for (const command of parseGrubScript(plan.configuration)) runCommand(run, command);
  runDefaultEntry(run);
  measureStub(run);
  return run.events;
}

/** The commands of GRUB's own script that run where the prefix exists. */
function ownScript(prefix: string): readonly string[] {
  return [
    `[ -z ${prefix} -o ! -e ${prefix} ]`,
    `[ -e ${prefix}/x86_64-efi/grub.cfg ]`,
    `[ -e ${prefix}/grub.cfg ]`,
    `source ${prefix}/grub.cfg`,
  ];
}

function runDefaultEntry(run: Run): void {
  const wanted = run.variables.get('default') ?? '0';
  const entry = /^\d+$/.test(wanted) ? run.entries[Number(wanted)] : run.entries.find(({ title }) => title === wanted);
  if (entry === undefined) throw unsupported(1, 'the default entry of the menu is not there');
  measureCommand(run, `setparams ${entry.title}`);
  const { text, line } = entry.block;
  for (const command of parseGrubScript(text.slice(1, -1), line)) runCommand(run, command);
  if (run.kernelWords === undefined) throw unsupported(line, 'the default entry starts no kernel');
}

function runCommand(run: Run, command: GrubCommand): void {
  const words = command.words.map((word) => expand(run, word, command.line));
  const [name = '', ...rest] = words;
  measureCommand(run, [...words, ...(command.block === undefined ? [] : [command.block.text])].join(' '));
  if (name === 'set') setVariable(run, rest, command.line);
  else if (name === 'menuentry') addEntry(run, rest, command);
  else if (name === 'search') search(run, rest, command.line);
  else if (name === 'linux' || name === 'linuxefi') loadKernel(run, rest, command.line);
  else if (name === 'initrd' || name === 'initrdefi') loadInitrds(run, rest, command.line);
  else if (!silent.has(name)) throw unsupported(command.line, `command ${JSON.stringify(name)} is not followed`);
}

function expand({ variables }: Run, word: Word, line: number): string {
  const pieces = word.map((piece) => {
    if (typeof piece === 'string') return piece;
    const value = variables.get(piece.variable);
    if (value === undefined) throw unsupported(line, `variable ${piece.variable} is set by the machine, or not at all`);
    return value;
  });
  return pieces.join('');
}

function setVariable({ variables }: Run, [assignment = '', ...more]: readonly string[], line: number): void {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(assignment);
  if (match?.[1] === undefined || match[2] === undefined || more.length > 0)
    throw unsupported(line, 'set without value');
  variables.set(match[1], match[2]);
}

function addEntry({ entries }: Run, [title, ...options]: readonly string[], { line, block }: GrubCommand): void {
  if (title === undefined || block === undefined) throw unsupported(line, 'a menu entry without title or block');
  if (options.length > 0) throw unsupported(line, 'options of a menu entry are not followed');
  entries.push({ title, block });
}

/** A search for a file reads it, on the first disk that has it. */
function search(run: Run, words: readonly string[], line: number): void {
  run.variables.delete('root');
  if (words.some((word) => word === '--fs-uuid' || word === '-u' || word === '--label' || word === '-l')) return;
  const sought = words.filter((word) => !word.startsWith('-'));
  const path = sought[0] ?? '';
  if (sought.length !== 1 || !isKernelPath(path)) throw unsupported(line, 'a search for a file other than the kernel');
  measureFile(run, path, run.kernel);
}

function loadKernel(run: Run, [path, ...parameters]: readonly string[], line: number): void {
  if (path === undefined || run.kernelWords !== undefined)
    throw unsupported(line, 'a kernel without path, or a second one');
  run.kernelWords = [path, ...parameters].map(quoteParameter).join(' ');
  measureFile(run, path, run.kernel);
  run.events.push(...run.kernelEvents);
  measureText(run, 'kernel_cmdline', run.kernelWords);
}

function loadInitrds(run: Run, paths: readonly string[], line: number): void {
  if (paths.length !== run.initrds.length) {
    throw unsupported(line, `${paths.length} initrds are loaded, ${run.initrds.length} given`);
  }
  for (const [index, path] of paths.entries()) measureFile(run, path, run.initrds[index] ?? new Uint8Array());
}

/** GRUB hands over the command line without a zero at its end, and one initrd: each file begins at a multiple of 4. */
function measureStub({ release, kernelWords = '', initrds, events }: Run): void {
  if (!release.startsStub) return;
  const aligned = initrds.map((bytes, index) =>
    index === initrds.length - 1 ? bytes : concatBytes(bytes, new Uint8Array(-bytes.length & 3)),
  );
  const initrd = initrds.length === 0 ? undefined : concatBytes(...aligned);
  events.push(...measureLinuxStub(`BOOT_IMAGE=${kernelWords}`, initrd));
}

/** `grub_create_loader_cmdline`: a parameter with a blank is quoted, quotes and backslashes are escaped. */
function quoteParameter(parameter: string): string {
  const escaped = parameter.replace(/["'\\]/g, (character) => `\\${character}`);
  return parameter.includes(' ') ? `"${escaped}"` : escaped;
}

function isKernelPath(path: string): boolean {
  return /(?:^|\/)vmlinu[xz][^/]*$/.test(path);
}

function measureCommand(run: Run, command: string): void {
  measureText(run, 'grub_cmd', command);
}

function measureText({ events }: Run, prefix: string, text: string): void {
  const data = encodeUtf8(`${prefix}: ${text}\0`);
  events.push({ pcr: 8, type: eventTypes.EV_IPL, data, measured: encodeUtf8(text) });
}

function measureFile({ events }: Run, path: string, measured: Uint8Array): void {
  events.push({ pcr: 9, type: eventTypes.EV_IPL, data: encodeUtf8(`${path}\0`), measured });
}
