// Whether there is room for what comes. A full disk ends attestation; admission goes on from what is stored.
import { statfsSync } from 'node:fs';
import type { Check } from './check.ts';

const mebibyte = 1024 * 1024;

/** So little is used up by the write-ahead log of a busy hour. */
const leastFree = 256 * mebibyte;
/** With less than this nobody can say whether the next attestation is taken. */
const fullBelow = mebibyte;

export interface FreeSpace {
  /** Bytes that the server may write. */
  readonly free: number;
}

/** Of the disk that holds the data directory. Over PostgreSQL its own disk is another. */
export function readFreeSpace(dataDirectory: string): FreeSpace {
  const { bavail, bsize } = statfsSync(dataDirectory);
  return { free: bavail * bsize };
}

export function checkDisk({ free }: FreeSpace): Check {
  return {
    name: 'disk',
    ok: free >= leastFree,
    severity: free < fullBelow ? 'error' : 'warning',
    message: `${Math.floor(free / mebibyte)} MiB free where the data directory is`,
    remedy: 'Make space before it is full, when no attestation is taken any more: docs/storage.md.',
  };
}
