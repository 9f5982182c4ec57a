import assert from 'node:assert/strict';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { systemRandom } from '../../../src/server/keys/random.ts';
import { openChallenge } from '../../../src/server/attestation/challenge.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import type { ChallengeRecord } from '../../../src/server/storage/index.ts';

describe('challenges', () => {
  it('T14: 100 000 nonces are 32 bytes each and all different', async () => {
    const opened: ChallengeRecord[] = [];
    const context = {
      config: { serverId: 'test', attestation: { challengeSeconds: 120 } },
      store: {
        findHost: () => Promise.resolve({ hostId: 'hv-1', state: 'active', epoch: 1, labels: {}, akName: akName() }),
        openChallenge: (challenge: ChallengeRecord) => Promise.resolve(opened.push(challenge)),
      },
      trust: { current: () => Promise.resolve({ policies: [] }) },
      now: () => new Date(0),
      random: systemRandom,
    } as unknown as ServerContext;
    const data = new Set<string>();
    for (let round = 0; round < 100_000; round += 1) {
      data.add(encodeHex((await openChallenge(context, 'hv-1', {})).qualifyingData));
    }
    assert.equal(new Set(opened.map(({ nonce }) => encodeHex(nonce))).size, 100_000);
    assert.equal(data.size, 100_000);
    assert.equal(new Set(opened.map(({ id }) => id)).size, 100_000);
    assert.ok(opened.every(({ nonce, expiresAt }) => nonce.length === 32 && expiresAt === 120_000));
  });
});

function akName(): Uint8Array {
  const name = new Uint8Array(34).fill(7);
  name.set([0x00, 0x0b]);
  return name;
}
