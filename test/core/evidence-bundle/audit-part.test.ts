// The audit log of an evidence bundle as it is written: piece by piece, and the same bytes as in one go.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { decodeUtf8, type JsonObject } from '../../../src/core/encoding/index.ts';
import { encodeAudit } from '../../../src/core/evidence-bundle/audit-part.ts';

describe('the entries of an evidence bundle', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = { privateKey, alg: 'EdDSA', kid: 'test' } as const;
  const write = async (details: readonly JsonObject[]) => {
    const entries = details.map((each, index) => ({
      entry: { sequence: index + 1, details: each },
      path: [Uint8Array.of(7)],
    }));
    let pauses = 0;
    const checkpoint = { log: 'test.example', size: 3, root: new Uint8Array(32), at: new Date(0) };
    const pause = () => Promise.resolve(void (pauses += 1));
    const parts = await encodeAudit({ checkpoint, entries }, { key, pause });
    const plain = entries.map(({ entry }) => ({ entry, path: ['07'] }));
    const text = decodeUtf8(parts.find(({ name }) => name === 'audit/entries.json')?.bytes ?? new Uint8Array());
    return { text, whole: `${JSON.stringify(plain, undefined, 2)}\n`, pauses };
  };

  it('are written with a pause behind each megabyte, and read as in one go', async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `hv-${index}\n\u2028"`);
    const { text, whole, pauses } = await write(
      Array.from({ length: 20 }, () => ({ hosts: JSON.stringify(names), names })),
    );
    assert.ok(text === whole);
    assert.ok(pauses >= Math.floor(whole.length / 1024 / 1024 / 2), `${pauses} for ${whole.length}`);
  });

  it('are the same where there are few, or none', async () => {
    for (const details of [[], [{}], [{ a: { b: [] } }, { c: 'x\ny' }]]) {
      const { text, whole, pauses } = await write(details);
      assert.deepEqual([text, pauses], [whole, 0]);
    }
  });
});
