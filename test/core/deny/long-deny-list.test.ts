// A deny list of thousands of entries is read in pieces, where somebody has something else to do.
import assert from 'node:assert/strict';
import {
  encodeDenyList,
  parseDenyEnvelope,
  parseDenyList,
  readDenyEnvelopeAhead,
  readDenyListAhead,
  verifyDenyList,
} from '../../../src/core/deny/index.ts';
import { decodeUtf8, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { createSigner } from '../golden/material.ts';
import { denyEntry, denyList, sealList } from './material.ts';

const signers = [createSigner('alice')];
const denies = { kind: 'firmware-version', version: '1.0' } as const;
const entries = Array.from({ length: 2500 }, (_, index) => denyEntry(denies, { id: `e-${index}` }));
const list = denyList(entries);

describe('a long deny list', () => {
  let pauses = 0;
  beforeEach(() => (pauses = 0));
  const pause = () => Promise.resolve(void (pauses += 1));

  it('is read in pieces, and once at once for who parses or verifies it then', async () => {
    const payload = encodeDenyList(list);
    const expected = parseDenyList(payload);
    await readDenyListAhead(payload, pause);
    assert.ok(pauses >= 5 + 5, `${pauses} pauses`);
    const read = parseDenyList(payload);
    assert.deepEqual(read, expected);
    assert.notEqual(parseDenyList(payload), read);
    const envelope = sealList(list, signers);
    pauses = 0;
    await readDenyEnvelopeAhead(envelope, pause);
    assert.ok(pauses >= 1 + 5 + 5, `${pauses} pauses`);
    const claimed = parseDenyEnvelope(envelope);
    assert.deepEqual(claimed.untrustedList, expected);
    await readDenyEnvelopeAhead(envelope, pause);
    assert.deepEqual(verifyDenyList(envelope, { signers, quorum: 1 }).list, expected);
    await readDenyEnvelopeAhead(envelope, pause);
    assert.throws(() => verifyDenyList(envelope, { signers: [], quorum: 1 }), { code: 'DENY_LIST_QUORUM_NOT_REACHED' });
  });

  it('that is wrong is told by who parses it, and not before', async () => {
    const payload = encodeUtf8(decodeUtf8(encodeDenyList(list)).replace('"e-2499"', '"e-2498"'));
    await readDenyListAhead(payload, pause);
    assert.throws(() => parseDenyList(payload), { code: 'DENY_LIST_INVALID' });
    assert.throws(() => parseDenyList(payload), { code: 'DENY_LIST_INVALID' });
    const none = encodeUtf8('{}');
    await readDenyEnvelopeAhead(none, pause);
    assert.throws(() => parseDenyEnvelope(none), { code: 'ENCODING_DSSE_INVALID' });
  });
});
