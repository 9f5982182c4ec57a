// Where the database lies. Its folder may be moved, removed or restored under a server that runs: what that writes then goes to a file that no
// server will find again, and each write would be acknowledged for nothing. SQLite itself looks for that where it
// keeps a journal, and not in WAL mode.
import { statSync } from 'node:fs';
import { ServerError } from '../../errors.ts';

/** Call it when the database is open. What it returns costs microseconds.
 * @throws ServerError STORAGE_UNAVAILABLE (what it returns) while nothing or another file has the name */
export function notePlace(file: string): () => void {
  const there = look(file);
  return () => {
    const now = look(file);
    if (now === there || now === undefined) return;
    const reason = now === 'nothing' ? 'it was taken away' : 'another file was put in its place';
    throw new ServerError('STORAGE_UNAVAILABLE', `${file}: ${reason}`, { headers: { 'retry-after': '5' } });
  };
}

/** Undefined where it cannot be told: a disk that fails says so itself. */
function look(file: string): bigint | 'nothing' | undefined {
  try {
    return statSync(file, { bigint: true }).ino;
  } catch (error) {
    return /^(?:ENOENT|ENOTDIR)$/.test(String((error as NodeJS.ErrnoException).code)) ? 'nothing' : undefined;
  }
}
