// A folder for what a test needs beside what it is about.
import { accessSync, constants, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memory = '/dev/shm';
/** A test server's data directory takes some megabytes, and two files of tests run at a time. */
const neededBytes = 2 ** 30;

/** A new empty folder whose name begins with `prefix`: in memory where the machine has a gigabyte free there, so that no write
 * waits for a disk; among temporary files otherwise. Not for tests of what a disk keeps: they name their place themselves. */
export function makeQuickFolder(prefix: string): string {
  return mkdtempSync(join(hasRoom(memory) ? memory : tmpdir(), prefix));
}

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= neededBytes;
  } catch {
    return false;
  }
}
