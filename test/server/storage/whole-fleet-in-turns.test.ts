// What changes something of every host of a large fleet: others have their turns of the event loop meanwhile, over SQLite too, which answers
// in the same turn.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { createStore, openStore, type Store } from '../../../src/server/storage/index.ts';
import { makeQuickFolder } from '../../support/quick-folder.ts';
import { auditDraft, bindTestHost } from '../../support/stored-records.ts';
import { turnsDuring } from '../../support/turns-during.ts';

const hosts = 1200;
/** Of a hundred hosts each, and none more. */
const slices = hosts / 100;

describe('what changes something of every host', () => {
  let folder: string;
  let store: Store;
  before(async () => {
    folder = makeQuickFolder('touchstone-fleet-');
    await createStore({ dataDirectory: folder, storage: 'sqlite' });
    store = await openStore({ dataDirectory: folder, storage: 'sqlite' });
    const anchor = {
      id: 'anchor',
      name: 'test',
      scope: 'vendor',
      certificate: new Uint8Array([0]),
      createdAt: 1,
    } as const;
    const standing = { ...anchor, withdrawn: undefined, revocation: 'if-present', staged: false } as const;
    assert.ok(await store.addAnchor(standing, auditDraft('trust-anchor.added')));
    await Promise.all(
      Array.from({ length: hosts }, (_, index) =>
        bindTestHost(store, `hv-${index}`, { isCertified: true, endorser: anchor.id }),
      ),
    );
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const quarantine = (id: string, until: number | undefined) => ({
    ...{ id, hosts: { all: true as const }, reason: 'x', createdAt: 1, createdBy: 'me' },
    ...{ until, lifted: undefined },
  });
  const open = (id: string, until?: number) =>
    store.openQuarantine(quarantine(id, until), { revision: undefined, audit: auditDraft('quarantine.opened') });

  it('lets others have their turns: a quarantine that is opened, lifted, or over', async () => {
    // Of each: certificates that are revoked, and entries of the log.
    const opened = await turnsDuring(async () => assert.equal(await open('one'), hosts));
    assert.ok(opened > 2 * slices, `${opened} turns`);
    const lifting = { reason: 'x', audit: auditDraft('quarantine.lifted') };
    const lifted = await turnsDuring(async () => assert.ok(await store.liftQuarantine('one', lifting)));
    assert.ok(lifted > slices, `${lifted} turns`);
    await open('two', 100);
    const over = await turnsDuring(async () => assert.equal(await store.tellQuarantineEnds(100), 1));
    assert.ok(over > slices, `${over} turns`);
  });

  it('answers who asks meanwhile, of the moment before', async () => {
    const opening = open('three');
    const isThere = async (): Promise<boolean> =>
      (await store.findHost('hv-1'))?.quarantines.some(({ id }) => id === 'three') ?? true;
    let answers = 0;
    for (; !(await isThere()); answers += 1) await setImmediate();
    assert.ok(answers > slices, `${answers} answers`);
    assert.equal(await opening, hosts);
  });

  it('lets others have their turns while an anchor is withdrawn that vouched for each of them', async () => {
    const withdrawal = { reason: 'x', revision: undefined, audit: auditDraft('trust-anchor.withdrawn') };
    const turns = await turnsDuring(async () => assert.equal(await store.withdrawAnchor('anchor', withdrawal), hosts));
    // Those that lose it, their certificates and their verdicts.
    assert.ok(turns >= 3 * slices, `${turns} turns`);
    assert.equal((await store.findHost('hv-7'))?.endorser, undefined);
  });

  it('selects by ten thousand names as by one', async () => {
    const names = Array.from({ length: hosts }, (_, index) => `hv-${index}`).reverse();
    const named = { ...quarantine('four', undefined), hosts: { names: names.slice(0, 700) } };
    assert.equal(await store.openQuarantine(named, { revision: undefined, audit: auditDraft('x') }), 700);
  });
});
