// What a server trusted, as files: those of golden measurements are named without reading what was read before.
import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  encodeTrust,
  nameGoldenFile,
  partsOf,
  readTrust,
  type RecordedTrust,
} from '../../../src/core/evidence-bundle/index.ts';

/** Nothing that could be read as one. */
const envelope = encodeUtf8('an envelope');
const nothing: RecordedTrust = {
  ...{
    signers: [],
    goldens: [],
    denyLists: [],
    namedGoldens: [],
    anchors: [],
    intermediates: [],
    revocationLists: [],
    policies: [],
  },
};

describe('what a server trusted', () => {
  it('names the file of a golden measurement by its layer and its digest, once somebody has read it', () => {
    assert.throws(() => encodeTrust({ ...nothing, goldens: [envelope] }), { code: 'ENCODING_JSON_INVALID' });
    nameGoldenFile(envelope, { id: `sha256:${'ab'.repeat(32)}`, layer: 'kernel' });
    const file = { name: `trust/golden-measurements/kernel.${'ab'.repeat(16)}.dsse.json`, bytes: envelope };
    const parts = encodeTrust({ ...nothing, goldens: [envelope] });
    assert.deepEqual(parts.at(-1), file);
    // Of other bytes it says nothing, also where they are the same.
    assert.throws(() => encodeTrust({ ...nothing, goldens: [envelope.slice()] }));
  });

  it('is written again as it was read, file by file', () => {
    const parts = encodeTrust({ ...nothing, goldens: [envelope] });
    const copies = parts.map(({ name, bytes }) => ({ name, bytes: bytes.slice() }));
    assert.deepEqual(encodeTrust(readTrust(partsOf(copies))), parts);
  });
});
