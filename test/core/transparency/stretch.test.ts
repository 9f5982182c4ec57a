// Entries of an audit log that somebody has: one whole stretch of what was signed, or refused, by what is wrong with it.
import assert from 'node:assert/strict';
import { encodeHex, type JsonObject } from '../../../src/core/encoding/index.ts';
import {
  hashEntry,
  hashLeaf,
  hashSubtree,
  openCheckpoint,
  proveInclusion,
  signCheckpoint,
  verifyStretch,
  type OpenedCheckpoint,
} from '../../../src/core/transparency/index.ts';
import { createKeyPair } from '../crypto/test-keys.ts';

const pair = createKeyPair('ES256', 'server');
const at = '2026-11-27T03:00:00.000Z';

type Entry = JsonObject & { readonly hash: string };

function entryAfter(before: Entry | undefined, more: JsonObject = {}): Entry {
  const sequence = before === undefined ? 1 : Number(before['sequence']) + 1;
  const previousHash = before?.hash ?? '0'.repeat(64);
  const entry = { sequence, at, actor: 'alice', action: 'host.labelled', subject: 'hv-1', details: { a: [1] }, previousHash, ...more }; // prettier-ignore
  return { ...entry, hash: encodeHex(hashEntry(entry)) };
}

function logOf(count: number, more: JsonObject = {}): readonly Entry[] {
  const log: Entry[] = [];
  while (log.length < count) log.push(entryAfter(log.at(-1), more));
  return log;
}

const log = logOf(11);
const hashOf = (first: number, size: number): Uint8Array =>
  size === 1 ? hashLeaf(Buffer.from(log[first]?.hash ?? '', 'hex')) : hashSubtree(first, size, hashOf);
const pathTo = (sequence: number, size = log.length) => proveInclusion(sequence - 1, size, hashOf);

describe('a stretch of an audit log', () => {
  let checkpoint: OpenedCheckpoint;
  before(async () => {
    const head = { log: 'test.example', size: log.length, root: hashOf(0, log.length), at: new Date(at) };
    checkpoint = await openCheckpoint(await signCheckpoint(head, pair.signing), [pair.verification]);
  });
  const verify = (entries: readonly JsonObject[], path: readonly Uint8Array[] | undefined) =>
    verifyStretch(entries, checkpoint, path);
  const refuses = (code: string, entries: readonly JsonObject[], path: readonly Uint8Array[] | undefined) =>
    assert.throws(() => verify(entries, path), { code });
  const changed = (index: number, more: JsonObject) =>
    log.map((entry, place) => (place === index ? { ...entry, ...more } : entry));

  it('is proved by the place of its last entry in what was signed: any stretch of any length [RFC9162 §2.1.3.2]', () => {
    for (let from = 1; from <= log.length; from += 1) {
      for (let to = from; to <= log.length; to += 1) {
        const { first, last } = verify(log.slice(from - 1, to), pathTo(to));
        assert.deepEqual([first.sequence, last.sequence, last.at.toISOString()], [from, to, at]);
      }
    }
  });

  it('rejects when there is nothing to verify', () => {
    refuses('AUDIT_ENTRIES_NONE', [], pathTo(11));
    refuses('AUDIT_ENTRIES_NONE', [], undefined);
  });

  it('is refused where an entry was changed, in any member, and where its hash was', () => {
    const changes: readonly JsonObject[] = [
      { actor: 'mallory' },
      { subject: 'hv-2' },
      { action: 'host.retired' },
      { at: '2026-11-27T03:00:01.000Z' },
      { details: { a: [1, 2] } },
      { details: {} },
      { sequence: 6 },
      { previousHash: 'a'.repeat(64) },
      { hash: 'a'.repeat(64) },
    ];
    for (const change of changes) {
      for (const index of [0, 4, 10]) refuses('AUDIT_ENTRY_CHANGED', changed(index, change), pathTo(11));
    }
  });

  it('is refused where an entry is missing, moved, doubled or put in', () => {
    const without = (sequence: number) => log.filter((entry) => entry['sequence'] !== sequence);
    const swapped = [...log.slice(0, 3), ...log.slice(4, 5), ...log.slice(3, 4), ...log.slice(5)];
    refuses('AUDIT_ENTRIES_GAP', without(5), pathTo(11));
    refuses('AUDIT_ENTRIES_GAP', swapped, pathTo(11));
    refuses('AUDIT_ENTRIES_GAP', [...log.slice(0, 5), ...log.slice(4)], pathTo(11));
    refuses('AUDIT_ENTRIES_GAP', [...log.slice(0, 5), ...logOf(11, { actor: 'mallory' }).slice(5)], pathTo(11));
    refuses('AUDIT_ENTRIES_GAP', [entryAfter(undefined, { previousHash: 'a'.repeat(64) })], pathTo(1));
  });

  it('is refused where all hashes were made anew', () => {
    refuses('AUDIT_ENTRIES_FOREIGN', logOf(11, { actor: 'mallory' }), pathTo(11));
    refuses('AUDIT_ENTRIES_FOREIGN', logOf(3, { actor: 'mallory' }), pathTo(3));
  });

  it('is refused without a proof, with that of another entry or size, and where it goes on behind what was signed', () => {
    refuses('AUDIT_ENTRIES_UNPROVEN', log, undefined);
    refuses('AUDIT_ENTRIES_UNPROVEN', [...log, entryAfter(log.at(-1))], pathTo(11));
    refuses('AUDIT_ENTRIES_FOREIGN', log, []);
    refuses('AUDIT_ENTRIES_FOREIGN', log, pathTo(10));
    refuses('AUDIT_ENTRIES_FOREIGN', log.slice(0, 4), pathTo(4, 10));
    refuses('AUDIT_ENTRIES_FOREIGN', log, [...pathTo(11), new Uint8Array(32)]);
  });

  it('is refused where an entry is none', () => {
    const [first] = log;
    assert.ok(first !== undefined);
    const short = Object.fromEntries(Object.entries(first).filter(([name]) => name !== 'subject'));
    refuses('AUDIT_ENTRY_CHANGED', [short], pathTo(1));
    for (const wrong of [
      { ...first, more: 1 },
      { ...first, sequence: 0 },
      { ...first, hash: 'A'.repeat(64) },
    ]) {
      refuses('AUDIT_ENTRY_MALFORMED', [wrong], pathTo(1));
    }
    for (const wrong of [null, [], 'entry', 1]) {
      assert.throws(() => verifyStretch([wrong], checkpoint, pathTo(1)), { code: 'AUDIT_ENTRY_MALFORMED' });
    }
  });
});
