import assert from 'node:assert/strict';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { systemRandom } from '../../../src/server/keys/random.ts';
import { openChallenge, type ChallengeWish } from '../../../src/server/attestation/challenge.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import type { ChallengeRecord, Store } from '../../../src/server/storage/index.ts';

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

describe('a challenge', () => {
  const known = { hostId: 'hv-1', state: 'active', epoch: 3, labels: {}, akName: akName() };
  const digest = (byte: string) => ({ sha256: byte.repeat(32) });

  /** Opened by a server that holds one log. */
  async function open(wish: ChallengeWish, hosts: readonly object[] = [known]) {
    const kept: { challenge?: ChallengeRecord; more?: Parameters<Store['openChallenge']>[1] } = {};
    const context = {
      config: { serverId: 'test', attestation: { challengeSeconds: 120 } },
      store: {
        findHost: () => Promise.resolve(hosts[0]),
        hasLog: (name: string) => Promise.resolve(name === digest('aa').sha256),
        openChallenge: (challenge: ChallengeRecord, more: Parameters<Store['openChallenge']>[1]) =>
          Promise.resolve(void Object.assign(kept, { challenge, more })),
      },
      trust: { current: () => Promise.resolve({ policies: [] }) },
      now: () => new Date(1000),
      random: systemRandom,
    } as unknown as ServerContext;
    const { want } = await openChallenge(context, 'hv-1', wish);
    return { want, ...kept };
  }

  it('wants each log that the server does not hold, whatever the host says it has', async () => {
    const kinds = ['eventLog', 'imaLog', 'userspaceLog'] as const;
    const all = { pcrs: true, eventLog: true, imaLog: true, userspaceLog: true };
    assert.deepEqual((await open({})).want, all);
    for (const kind of kinds) {
      assert.deepEqual((await open({ logs: { [kind]: digest('aa') } })).want, { ...all, [kind]: false });
      assert.deepEqual((await open({ logs: { [kind]: digest('bb') } })).want, all);
    }
    const { challenge } = await open({ logs: { eventLog: digest('aa'), imaLog: digest('bb') } });
    assert.deepEqual([challenge?.heldEventLog, challenge?.heldImaLog], [digest('aa').sha256, undefined]);
  });

  it('is for the binding that the host has now, and one of eight at most', async () => {
    const { challenge, more } = await open({});
    assert.deepEqual([challenge?.epoch, challenge?.rides, more?.maxOpen], [3, false, 8]);
  });

  it('ends what was believed of an earlier boot, where the host says that it booted', async () => {
    assert.equal((await open({})).more?.boot, undefined);
    const { boot } = (await open({ untrustedBootId: 'another' })).more ?? {};
    assert.equal(boot?.untrustedBootId, 'another');
    const { at, actor, action, subject, details } = boot.audit;
    assert.deepEqual([at, actor, action, subject], [1000, 'host hv-1', 'verdict.voided', 'hv-1']);
    assert.deepEqual(details, { code: 'HOST_REBOOTED' });
  });

  it('is for nobody who is not enrolled, or is no more', async () => {
    for (const state of ['released', 'replacing', 'retired'])
      await assert.rejects(open({}, [{ ...known, state }]), { code: 'HOST_RELEASED' });
    await assert.rejects(open({}, []), { code: 'HOST_NOT_FOUND' });
  });
});

function akName(): Uint8Array {
  const name = new Uint8Array(34).fill(7);
  name.set([0x00, 0x0b]);
  return name;
}
