// Programs of the system that the lab drives, each call bounded in time; a failure shows what the program said.
import { execFile } from 'node:child_process';
import { LabError } from './lab-error.ts';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
}

/** What makes file systems is not on everybody's path, and what apt says is read. */
const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8' };
const outputLimit = 64 * 1024 * 1024;

/** Standard output of a program that ended well.
 * @throws LabError */
export function runProgram(name: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { cwd, input, timeoutMs = 120_000 } = options;
  return new Promise((resolve, reject) => {
    const settings = { cwd, env: environment, timeout: timeoutMs, maxBuffer: outputLimit };
    const child = execFile(name, [...args], settings, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new LabError(`${name} failed: ${(stderr || stdout || error.message).trim().slice(-800)}`));
    });
    // A program that does not read its input to the end says so by its exit status.
    child.stdin?.on('error', () => undefined).end(input);
  });
}
