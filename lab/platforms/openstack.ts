// `npm run lab:openstack`: OpenStack's placement and Keystone as Debian ships them, our controller with the files of
// deploy/openstack, and which hosts GET /allocation_candidates offers as hosts gain and lose trust.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { tellLogin } from './openstack-login.ts';
import { tellTraits } from './openstack-traits.ts';
import { ensurePrograms } from './programs.ts';
import { tellStory } from './story.ts';
import { openFleet } from './touchstone.ts';

/** What is running ends with this process, however it ends. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await tellStory(async ({ step }, print) => {
  ensurePrograms('--platforms');
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-openstack-'));
  const closers: (() => Promise<void>)[] = [];
  const defer = (close: () => Promise<void>): void => void closers.push(close);
  try {
    const fleet = await openFleet(folder);
    defer(() => fleet.server.close().catch(() => undefined));
    const stage = { folder, fleet, step, defer };
    await tellTraits(stage);
    await tellLogin(stage);
  } finally {
    for (const close of closers.reverse()) await close();
    if (process.argv.includes('--keep')) print(`kept: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
});
