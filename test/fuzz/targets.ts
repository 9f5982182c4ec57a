// Every reader of bytes that somebody else wrote.
import { breakGlassTargets } from './targets-break-glass.ts';
import { bundleTargets } from './targets-bundle.ts';
import { denyTargets } from './targets-deny.ts';
import { evidenceTargets } from './targets-evidence.ts';
import { eventLogTargets } from './targets-event-log.ts';
import { imaTargets } from './targets-ima.ts';
import { importTargets } from './targets-import.ts';
import { otherTargets } from './targets-other.ts';
import { suppliedTargets } from './targets-supplied.ts';
import { signedTargets } from './targets-signed.ts';
import type { FuzzTarget } from './target.ts';
import { tpmTargets } from './targets-tpm.ts';

const table: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
  ...eventLogTargets,
  ...imaTargets,
  ...tpmTargets,
  ...signedTargets,
  ...suppliedTargets,
  ...importTargets,
  ...denyTargets,
  ...breakGlassTargets,
  ...otherTargets,
  ...evidenceTargets,
  ...bundleTargets,
};

export const targetNames: readonly string[] = Object.keys(table);

export async function createTargets(names: readonly string[]): Promise<readonly FuzzTarget[]> {
  const targets: FuzzTarget[] = [];
  for (const name of new Set(names)) {
    const create = table[name];
    if (create === undefined) throw new TypeError(`no target ${name}`);
    targets.push(await create());
  }
  return targets;
}
