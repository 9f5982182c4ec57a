import assert from 'node:assert/strict';
import type { ServerContext } from '../../../src/server/context.ts';
import type { MissingIntermediateRecord } from '../../../src/server/storage/index.ts';
import { listIntermediates } from '../../../src/server/trust/intermediates.ts';
import { noteMissing } from '../../../src/server/trust/missing-intermediates.ts';
import { makeEk, makeIntermediate, makeRoot } from '../../support/pki.ts';

const root = makeRoot({ name: 'Maker root' });
const issuing = makeIntermediate(root, { name: 'Maker CA' });
const ek = makeEk(issuing).certificate;
const now = Date.parse('2026-11-27T12:00:00Z');
const { subject: name, subjectKeyIdHex: keyIdHex } = issuing.certificate;

describe('an authority that is missing', () => {
  const notedBeside = async (known: readonly Partial<MissingIntermediateRecord>[], chain = [] as (typeof ek)[]) => {
    const noted: unknown[] = [];
    const rows = known.map((one) => ({ name, keyIdHex, firstAt: 0, lastAt: now - 59_999, ...one }));
    const store = {
      listMissingIntermediates: () => Promise.resolve(rows),
      noteMissingIntermediate: (missing: object) => Promise.resolve(void noted.push(missing)),
    };
    const context = { store, now: () => new Date(now), log: { info: () => undefined } } as unknown as ServerContext;
    await noteMissing(context, ek, chain);
    return noted;
  };

  it('is noted, and again when it is still missed a minute later', async () => {
    assert.equal((await notedBeside([])).length, 1);
    assert.deepEqual(await notedBeside([{}]), []);
    assert.equal((await notedBeside([{ lastAt: now - 60_000 }])).length, 1);
  });

  it('is one by its name and its key', async () => {
    assert.equal((await notedBeside([{ keyIdHex: 'b2' }])).length, 1);
    assert.equal((await notedBeside([{ name: 'CN=Another' }])).length, 1);
  });

  it('is none where the path is whole and leads to a root that nobody trusts', async () => {
    assert.deepEqual(await notedBeside([], [issuing.certificate, root.certificate]), []);
  });

  it('is listed until one of its name and its key is there', async () => {
    const missing = [{ name, keyIdHex }, { name, keyIdHex: 'b2' }, { name, keyIdHex: undefined }]; // prettier-ignore
    const store = {
      listIntermediates: () => Promise.resolve([{ certificate: issuing.der }]),
      listMissingIntermediates: () => Promise.resolve(missing),
      listIntermediateSources: () => Promise.resolve([]),
    };
    const context = { store, trust: { current: () => Promise.resolve({ anchors: [] }) } } as unknown as ServerContext;
    assert.deepEqual((await listIntermediates(context)).missing, [{ name, keyIdHex: 'b2' }]);
  });
});
