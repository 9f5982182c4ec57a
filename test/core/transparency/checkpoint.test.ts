// Checkpoints: that a key signed one, and that a log was only appended to between two.
import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  hashLeaf,
  hashSubtree,
  openCheckpoint,
  proveConsistency,
  signCheckpoint,
  verifyAppended,
  type Checkpoint,
} from '../../../src/core/transparency/index.ts';
import { signDetached } from '../../../src/core/verdict/index.ts';
import { createKeyPair } from '../crypto/test-keys.ts';

const pair = createKeyPair('ES256', 'server');
const keys = [pair.verification];
const at = new Date('2026-11-27T03:00:00.000Z');
const leafAt = (index: number): Uint8Array => hashLeaf(Uint8Array.of(index));
const hashOf = (first: number, size: number): Uint8Array =>
  size === 1 ? leafAt(first) : hashSubtree(first, size, hashOf);
const checkpointOf = (size: number, more: Partial<Checkpoint> = {}): Checkpoint => ({
  log: 'test.example',
  size,
  root: hashOf(0, size),
  at,
  ...more,
});
const open = async (checkpoint: Checkpoint) => openCheckpoint(await signCheckpoint(checkpoint, pair.signing), keys);

describe('a checkpoint', () => {
  it('is what the key signed, and says which one', async () => {
    const opened = await open(checkpointOf(7));
    assert.deepEqual({ ...opened }, { ...checkpointOf(7), kid: 'server' });
  });

  it('is refused with another text, another key, another type, or none of these', async () => {
    const signed = await signCheckpoint(checkpointOf(7), pair.signing);
    const other = createKeyPair('ES256', 'other');
    const asManifest = await signDetached(encodeUtf8(signed.text), pair.signing, {
      typ: 'touchstone-evidence-manifest',
    });
    const refusals = [
      ['VERDICT_TOKEN_SIGNATURE', { ...signed, text: signed.text.replace('7', '8') }, keys],
      ['VERDICT_TOKEN_SIGNATURE', { ...signed, text: `${signed.text} ` }, keys],
      ['VERDICT_TOKEN_KEY_UNKNOWN', await signCheckpoint(checkpointOf(7), other.signing), [pair.verification, createKeyPair('ES256').verification]], // prettier-ignore
      ['VERDICT_TOKEN_TYPE', { ...signed, signature: asManifest }, keys],
      ['VERDICT_TOKEN_MALFORMED', { ...signed, signature: '' }, keys],
      ['VERDICT_KEYS_EMPTY', signed, []],
    ] as const;
    for (const [code, wrong, trusted] of refusals) await assert.rejects(openCheckpoint(wrong, trusted), { code }, code);
  });

  it('is refused when it says nothing that a log can be, whoever signed it', async () => {
    const good = { log: 'test.example', size: 7, root: 'a'.repeat(64), at: at.toISOString() };
    const wrong: readonly unknown[] = [
      { ...good, size: 0 },
      { ...good, size: 1.5 },
      { ...good, size: '7' },
      { ...good, root: 'A'.repeat(64) },
      { ...good, root: 'a'.repeat(62) },
      { ...good, at: 'now' },
      { ...good, log: '' },
      { ...good, more: 1 },
      { log: good.log, size: 7, root: good.root },
      [good],
      null,
    ];
    for (const document of wrong) {
      const text = JSON.stringify(document);
      const signature = await signDetached(encodeUtf8(text), pair.signing, { typ: 'touchstone-audit-checkpoint' });
      await assert.rejects(openCheckpoint({ text, signature }, keys), { code: 'CHECKPOINT_MALFORMED' }, text);
    }
  });

  const earlier = 6;
  const size = 9;
  const path = proveConsistency(earlier, size, hashOf);
  const appended = async (first: Checkpoint, second: Checkpoint, proof: readonly Uint8Array[] | undefined) =>
    verifyAppended(await open(first), await open(second), proof);
  const refuses = async (code: string, ...question: Parameters<typeof appended>): Promise<void> => {
    await assert.rejects(appended(...question), { code });
  };

  it('holds a later one to what was before: the same entries, or more behind them', async () => {
    await appended(checkpointOf(earlier), checkpointOf(size), path);
    await appended(checkpointOf(size), checkpointOf(size), []);
    await appended(checkpointOf(size), checkpointOf(size), undefined);
  });

  it('refuses one of another server [1]', async () => {
    await refuses('CHECKPOINT_LOG_FOREIGN', checkpointOf(earlier), checkpointOf(size, { log: 'other.example' }), path);
  });

  it('refuses one of fewer entries, whatever comes with it [2]', async () => {
    await refuses('CHECKPOINT_LOG_CUT', checkpointOf(size), checkpointOf(earlier), path);
    await refuses('CHECKPOINT_LOG_CUT', checkpointOf(size), checkpointOf(earlier), undefined);
  });

  it('refuses one of as many entries and another root [3]', async () => {
    const other = checkpointOf(size, { root: hashOf(1, size) });
    await refuses('CHECKPOINT_HISTORY_CHANGED', checkpointOf(size), other, []);
    await refuses('CHECKPOINT_HISTORY_CHANGED', checkpointOf(size), other, undefined);
  });

  it('refuses one whose beginning is another, and a proof of something else [4]', async () => {
    const other = checkpointOf(earlier, { root: hashOf(1, earlier) });
    await refuses('CHECKPOINT_HISTORY_CHANGED', other, checkpointOf(size), path);
    await refuses('CHECKPOINT_HISTORY_CHANGED', checkpointOf(earlier), checkpointOf(size), path.slice(1));
    await refuses('CHECKPOINT_HISTORY_CHANGED', checkpointOf(earlier - 1), checkpointOf(size), path);
  });

  it('rejects when there is nothing to verify: more entries, and no proof', async () => {
    await refuses('CHECKPOINT_UNPROVEN', checkpointOf(earlier), checkpointOf(size), undefined);
    await refuses('CHECKPOINT_HISTORY_CHANGED', checkpointOf(earlier), checkpointOf(size), []);
  });
});
