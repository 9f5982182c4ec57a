// The words of a kernel command line, as the kernel splits and compares them. [LINUX lib/cmdline.c, kernel/params.c]

export interface KernelParameter {
  /** With `_` for `-`, as the kernel compares names; parts of a `sysctl` with `.` for `/`. */
  readonly name: string;
  readonly value: string | undefined;
}

/** As the kernel splits it: at spaces outside double quotes; what follows ` -- ` is for init. */
export function parseCommandLine(commandLine: string): readonly KernelParameter[] {
  const words = splitWords(commandLine);
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).map((word) => splitParameter(unquote(word)));
}

/** What follows ` -- `: the kernel hands it to init as it stands. */
export function parseInitArguments(commandLine: string): readonly string[] {
  const words = splitWords(commandLine);
  const end = words.indexOf('--');
  return end < 0 ? [] : words.slice(end + 1).map(unquote);
}

/** As one word, as the kernel reads it. */
export function joinParameter({ name, value }: KernelParameter): string {
  return value === undefined ? name : `${name}=${value}`;
}

/**
 * The release in the name of the kernel's file, which GRUB puts in front of the command line: `6.8.0-45-generic` of
 * `/boot/vmlinuz-6.8.0-45-generic`. Undefined where the file is called otherwise.
 */
export function kernelReleaseOf(commandLine: string): string | undefined {
  const file = unquote(splitWords(commandLine)[0] ?? '');
  const name = /^[/(]/.test(file) ? file.slice(file.lastIndexOf('/') + 1) : '';
  return /^[A-Za-z]+-(\d.*)$/.exec(name)?.[1];
}

function splitWords(commandLine: string): readonly string[] {
  return commandLine.match(/(?:[^\s"]|"[^"]*(?:"|$))+/g) ?? [];
}

function unquote(word: string): string {
  return word.replaceAll('"', '');
}

/** At the first `=`; a word without one is a name alone. The name is folded as the kernel folds it. */
export function splitParameter(word: string): KernelParameter {
  const equals = word.indexOf('=');
  const name = (equals < 0 ? word : word.slice(0, equals)).replaceAll('-', '_');
  const folded = /^sysctl[./]/.test(name) ? name.replaceAll('/', '.') : name;
  return { name: folded, value: equals < 0 ? undefined : word.slice(equals + 1) };
}
