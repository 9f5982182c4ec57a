// A folder for what a test needs beside what it is about.
import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';

const memory = '/dev/shm';
/** A test server's data directory takes some megabytes, and two files of tests run at a time. */
const neededBytes = 2 ** 30;
const made = new Set<string>();

/** A new empty folder whose name begins with `prefix`: in memory where the machine has a gigabyte free there, so that no write
 * waits for a disk; among temporary files otherwise. Not for tests of what a disk keeps: they name their place themselves. */
export function makeQuickFolder(prefix: string): string {
  const folder = mkdtempSync(join(hasRoom(memory) ? memory : tmpdir(), prefix));
  made.add(folder);
  return folder;
}

// Whoever made one removes it; what a test leaves all the same would take memory until the machine starts anew.
atExit(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= neededBytes;
  } catch {
    return false;
  }
}
