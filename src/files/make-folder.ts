// Folders, by a walk that ends.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** With the folders above it. `recursive` of Node 20 never ends where a file system refuses a folder as if the one above were missing: below /proc.
 * @throws what the system says of the first folder that cannot be made */
export function makeFolder(path: string, mode = 0o777): void {
  const whole = resolve(path);
  if (existsSync(whole)) return;
  makeFolder(dirname(whole), mode);
  try {
    mkdirSync(whole, { mode });
  } catch (cause) {
    // Somebody else may have made it meanwhile.
    if (!existsSync(whole)) throw cause;
  }
}
