// The logs that lie beside a TPM, as files.
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { systemReason } from '../files/index.ts';
import { AgentError } from './errors.ts';

/** In the place of a path: nothing is sent of this log, and none is looked for. */
export const noLog = 'none';

/** The log of the kernel, which may be absent where it usually lies; or the one that somebody named, which has to be there: sent as none, it
 * would cost a trusted host its verdict for a mistyped path.
 * @throws AgentError AGENT_LOG_ABSENT, AGENT_LOG_UNREADABLE */
export async function readLogAt(named: string | undefined, usual: string): Promise<Uint8Array | undefined> {
  if (named === noLog) return undefined;
  const log = await readLog(named ?? usual);
  if (log === undefined && named !== undefined && named !== usual) {
    throw new AgentError('AGENT_LOG_ABSENT', `${named} does not exist`);
  }
  return log;
}

/** A log of the kernel; absent when there is none.
 * @throws AgentError AGENT_LOG_UNREADABLE */
export async function readLog(path: string): Promise<Uint8Array | undefined> {
  return orAbsent(path, async () => new Uint8Array(await readFile(path)));
}

/** systemd marks its log with the sticky bit before it extends a PCR, and takes the mark away once the record is written:
 * a log without it holds all that was extended before. */
const sticky = 0o1000;
const attempts = 10;
const pauseMs = 50;

/** What systemd has measured until now; absent when it keeps no log, or has measured nothing. A log that stays marked was
 * given up by systemd when it failed to write it: it is returned as it stands, and the registers will tell.
 * @throws AgentError AGENT_LOG_UNREADABLE */
export async function readUserspaceLog(
  path: string,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<Uint8Array | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await orAbsent(path, () => readAtRest(path));
    if (found === undefined) return undefined;
    if (found.isAtRest || attempt === attempts) return found.log.length === 0 ? undefined : found.log;
    await sleep(pauseMs);
  }
}

async function readAtRest(path: string): Promise<{ readonly log: Uint8Array; readonly isAtRest: boolean }> {
  const file = await open(path);
  try {
    const before = await stateOf(file);
    const log = new Uint8Array(await file.readFile());
    const after = await stateOf(file);
    return { log, isAtRest: !before.isMarked && !after.isMarked && after.size === log.length };
  } finally {
    await file.close();
  }
}

async function stateOf(file: FileHandle): Promise<{ readonly isMarked: boolean; readonly size: number }> {
  const { mode, size } = await file.stat();
  return { isMarked: (mode & sticky) !== 0, size };
}

async function orAbsent<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (cause) {
    const reason = systemReason(cause);
    if (reason === 'ENOENT') return undefined;
    throw new AgentError('AGENT_LOG_UNREADABLE', `${path} cannot be read (${reason})`, { cause });
  }
}
