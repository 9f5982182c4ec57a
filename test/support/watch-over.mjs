// This process under the eyes of a watchdog.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';

/** What is said to have begun when the process ends. */
export const exiting = 'its exit';

/** Ends this process, and says where it was, when its event loop has stood still for so many seconds, or no test has begun for so
 * many. Returns what tells the watchdog which one begins. */
export function watchOver({ secondsStill, secondsWithoutTest }) {
  const numbers = [process.pid, secondsStill, secondsWithoutTest].map(String);
  const args = [join(import.meta.dirname, 'watchdog.mjs'), ...numbers];
  const watchdog = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  watchdog.unref();
  watchdog.stdin.unref();
  // It may be gone before this process is.
  watchdog.stdin.on('error', () => undefined);
  const say = (begun) => watchdog.stdin.write(`${begun.replaceAll('\n', ' ')}\n`);
  setInterval(() => say(''), 1000).unref();
  process.once('exit', () => say(exiting));
  return say;
}
