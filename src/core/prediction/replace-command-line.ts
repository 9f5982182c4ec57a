// A planned change of the kernel's parameters, made to the configuration as an editor would.
import { MalformedError } from '../error.ts';

const kernelLine = /^([ \t]*linux(?:efi)?[ \t]+\S+)[^\n]*$/gm;

/** The configuration with `parameters` behind the kernel's path, on its one line with `linux`.
 * @throws MalformedError PREDICTION_PLAN_INVALID */
export function replaceCommandLine(configuration: string, parameters: string): string {
  const found = configuration.match(kernelLine)?.length ?? 0;
  if (found !== 1) {
    throw new MalformedError(
      'PREDICTION_PLAN_INVALID',
      `grub.cfg has ${found} lines that load a kernel, one is expected`,
    );
  }
  if (/[\n\r]/.test(parameters)) {
    throw new MalformedError('PREDICTION_PLAN_INVALID', 'a command line is one line');
  }
  return configuration.replace(kernelLine, (_line, start: string) => `${start} ${parameters}`);
}
