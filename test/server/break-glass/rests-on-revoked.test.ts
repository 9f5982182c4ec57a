import assert from 'node:assert/strict';
import { hashHex } from '../../../src/core/crypto/index.ts';
import { createRevocationReader } from '../../../src/server/break-glass/rests-on-revoked.ts';
import type { EvidenceRecord } from '../../../src/server/storage/index.ts';

const eventLog = Uint8Array.of(1, 2, 3);
const boot = { hostId: 'hv-1', eventLog: hashHex('sha256', eventLog), revision: 7 };

/** What a reader says of the boot, one time after the other, where this is stored of the host. */
async function ask(evidence: Partial<EvidenceRecord> | undefined): Promise<readonly (boolean | 'unread')[]> {
  const isRevoked = createRevocationReader({
    findEvidence: () => Promise.resolve(evidence as EvidenceRecord | undefined),
    listGoldensByState: () => Promise.resolve([]),
  });
  const one = () => isRevoked(boot).catch(() => 'unread' as const);
  return [await one(), await one()];
}

describe('whether a boot is one that was revoked', () => {
  it('is taken for granted where the log of that boot is not there: none, without a log, or the log of another', async () => {
    assert.deepEqual(await ask(undefined), [true, true]);
    assert.deepEqual(await ask({ eventLog: undefined }), [true, true]);
    assert.deepEqual(await ask({ eventLog: Uint8Array.of(1, 2, 4) }), [true, true]);
  });

  it('is never answered from a log that no quote proves', async () => {
    assert.deepEqual(await ask({ eventLog }), ['unread', 'unread']);
  });
});
