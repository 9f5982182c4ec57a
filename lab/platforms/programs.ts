// What an acceptance needs of the system: installed as root on Debian and Ubuntu; otherwise named, with the line to type.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LabError } from '../lab-error.ts';

/** @throws LabError */
export function ensurePrograms(group: '--platforms'): void {
  const script = fileURLToPath(new URL('../../scripts/ensure-system.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, group], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new LabError('This acceptance cannot run without these programs.');
}
