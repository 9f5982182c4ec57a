import assert from 'node:assert/strict';
import type { ServerContext } from '../../../src/server/context.ts';
import type { IntermediateSourceRecord, MissingIntermediateRecord } from '../../../src/server/storage/index.ts';
import { allowSource, isDue } from '../../../src/server/trust/intermediate-sources.ts';
import { startPublisher } from '../../support/publisher.ts';

const at = Date.parse('2026-11-27T12:00:00Z');

describe('a source of intermediates', () => {
  const due = (
    source: Partial<IntermediateSourceRecord>,
    ...missing: Partial<MissingIntermediateRecord>[]
  ): boolean => {
    const asked = { id: '', url: '', keyIdHex: undefined, name: undefined, createdAt: 0, askedAt: at - 60_000, failure: undefined }; // prettier-ignore
    const missed = missing.map((one) => ({ name: 'CN=A', keyIdHex: 'a1', firstAt: 0, lastAt: at, ...one }));
    return isDue({ ...asked, ...source }, { missing: missed, at, refreshMs: 3_600_000 });
  };

  it('is asked at once, and again when its time has come', () => {
    assert.ok(due({ askedAt: undefined }));
    assert.ok(due({ askedAt: at - 3_600_000 }));
    assert.ok(!due({ askedAt: at - 3_599_999 }));
  });

  it('is asked sooner where hosts came to miss what it is for since it was asked, and by nothing else', () => {
    assert.ok(due({ keyIdHex: 'a1' }, { keyIdHex: 'b2' }, {}));
    assert.ok(due({ name: 'CN=A' }, { keyIdHex: undefined }));
    assert.ok(!due({ keyIdHex: 'a1' }, { keyIdHex: 'b2' }));
    assert.ok(!due({ name: 'CN=B' }, {}));
    assert.ok(!due({}, { keyIdHex: undefined }), 'one for nothing in particular');
    assert.ok(!due({ keyIdHex: 'a1', name: 'CN=A' }, { lastAt: at - 60_000 }), 'it was asked after that');
  });

  it('beyond the most that are kept is refused, and not asked', async () => {
    const publisher = await startPublisher((_request, response) => response.end());
    const context = {
      config: { intermediates: { fetchHosts: [publisher.address] } },
      store: { saveIntermediateSource: () => Promise.resolve('full') },
      now: () => new Date(at),
    } as unknown as ServerContext;
    const request = { url: `http://${publisher.address}/ca.crt`, keyIdHex: undefined, name: undefined };
    await assert.rejects(allowSource(context, request, 'operator'), { code: 'INTERMEDIATES_FULL' });
    assert.deepEqual(publisher.requests, []);
    await publisher.close();
  });
});
