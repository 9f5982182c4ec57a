// How much a folder holds.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of all files in it: of a data directory, logs of the database that are not merged yet included. */
export function sizeOfFolder(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0);
}
