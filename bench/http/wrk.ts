// A load that costs little, so that the cores are left to whom it asks. [https://github.com/wg/wrk]
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Exchange } from './load.ts';

/** As many clients as an orchestrator with some replicas has: requests over PostgreSQL that come together are asked for together, so each
 * of several servers wants enough of them. */
const connections = 128;

export interface WrkRun {
  readonly answers: number;
  /** Wall time of all of them. */
  readonly microseconds: number;
}

/** Asks the same again and again for some whole seconds, one request after the other on each connection. A machine so busy that the time went
 * into handshakes is given twice as long, and so on.
 * @throws TypeError where an answer is no success, or none came in half a minute */
export async function runWrk(url: string, exchange: Exchange, seconds: number): Promise<WrkRun> {
  const run = await runOnce(url, exchange, seconds);
  if (run.answers > 0) return run;
  if (seconds > 30) throw new TypeError('the load was not answered');
  return runWrk(url, exchange, seconds * 2);
}

async function runOnce(url: string, { path, headers = {} }: Exchange, seconds: number): Promise<WrkRun> {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  const load = ['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`, '--timeout', '30s'];
  const { stdout } = await promisify(execFile)('wrk', [...load, ...lines, new URL(path, url).href]);
  const [, answers, time, unit = ''] = /(\d+) requests in ([\d.]+)(m?s|m)\b/.exec(stdout) ?? [];
  const each = { ms: 1000, s: 1_000_000, m: 60_000_000 }[unit];
  const failed = /Non-2xx|Socket errors/.test(stdout);
  if (each === undefined || failed) throw new TypeError(`the load was not answered: ${stdout}`);
  return { answers: Number(answers), microseconds: Number(time) * each };
}
