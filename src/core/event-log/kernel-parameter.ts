// The words of a kernel command line, as the kernel splits and compares them. [LINUX lib/cmdline.c, kernel/params.c]

export interface KernelParameter {
  /** With `_` for `-`, as the kernel compares names; parts of a `sysctl` with `.` for `/`. */
  readonly name: string;
  readonly value: string | undefined;
}

/** As the kernel splits it: at spaces outside double quotes; what follows ` -- ` is for init. */
export function parseCommandLine(commandLine: string): readonly KernelParameter[] {
  const words: readonly string[] = commandLine.match(/(?:[^\s"]|"[^"]*(?:"|$))+/g) ?? [];
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).map((word) => splitParameter(word.replaceAll('"', '')));
}

export function splitParameter(word: string): KernelParameter {
  const equals = word.indexOf('=');
  const name = (equals < 0 ? word : word.slice(0, equals)).replaceAll('-', '_');
  const folded = /^sysctl[./]/.test(name) ? name.replaceAll('/', '.') : name;
  return { name: folded, value: equals < 0 ? undefined : word.slice(equals + 1) };
}
