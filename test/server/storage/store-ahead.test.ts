// What a store over PostgreSQL says of a host that attested to it before, as the request of its next attestation sees it.
import assert from 'node:assert/strict';
import { createStore, openStore, type Store, type StoreAhead } from '../../../src/server/storage/index.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import { attestationOf, bindTestHost, openTestChallenge } from '../../support/stored-records.ts';

const dataDirectory = '/nowhere';

describe('a store that remembers visits', () => {
  let one: Store;
  let other: Store;
  let hosts = 0;
  let hostId: string;
  let sequence: number;
  before(async () => {
    const storage = postgresAt(await createTestDatabase());
    await createStore({ dataDirectory, storage });
    const open = () => openStore({ dataDirectory, storage, attestation: { rememberedHosts: 10, rememberedLogs: 10 } });
    [one, other] = [await open(), await open()];
  });
  after(async () => {
    await one.close();
    await other.close();
  });
  beforeEach(async () => {
    hosts += 1;
    [hostId, sequence] = [`hv-${hosts}`, 0];
    await bindTestHost(one, hostId);
    await openTestChallenge(one, hostId, 'c0');
    await attest(one);
    await attest(one);
  });

  const aheadOf = (store: Store): StoreAhead => {
    const ahead = store.readAhead({ purpose: 'attestation', hostId, tokenId: `tok_${hostId}`, keepEvidence: 2 });
    assert.ok(ahead !== undefined);
    return ahead;
  };

  /** As the server asks, and as it records, with a challenge for the next time unless told. */
  async function record({ store }: StoreAhead, { brings = true, answers = `c${sequence}` } = {}) {
    await store.findToken(`tok_${hostId}`);
    await store.trustRevision();
    await store.findHost(hostId);
    await store.findVerdict(hostId);
    await store.findChallenge(hostId, answers);
    const id = `c${sequence + 1}`;
    const next = brings ? { id, nonce: new Uint8Array(32), drawnAt: 0, expiresAt: 9e12 } : undefined;
    const given = await attestationOf(store, hostId, { challengeId: answers, verdictSequence: sequence, next });
    const outcome = await store.recordAttestation(given);
    if (outcome === 'recorded') sequence += 1;
    return outcome;
  }

  async function attest(store: Store, more?: Parameters<typeof record>[1]): Promise<void> {
    assert.equal(await record(aheadOf(store), more), 'recorded');
  }

  it('asks nothing again that was recorded', async () => {
    const recalled = aheadOf(one);
    assert.ok(recalled.again !== undefined);
    assert.equal(await record(recalled), 'recorded');
    assert.equal(recalled.again(), undefined);
  });

  it('says of nothing that it is outdated or spent by what it remembers, and reads it to whoever asks again', async () => {
    const recalled = aheadOf(one);
    const before = sequence;
    await attest(other);
    const now = sequence;
    sequence = before;
    await assert.rejects(record(recalled), /is not as it was/);
    sequence = now;
    const read = recalled.again?.();
    assert.ok(read !== undefined && read.again === undefined);
    assert.equal(await record(read), 'recorded');
  });

  it('spends no challenge for what is asked again', async () => {
    assert.equal(await aheadOf(one).store.spendChallenge(hostId, `c${sequence}`), false);
    assert.ok(await one.findChallenge(hostId, `c${sequence}`));
  });

  it('reads of a host that asked for a challenge, or got none with its answer', async () => {
    await openTestChallenge(one, hostId, 'asked');
    assert.equal(aheadOf(one).again, undefined);
    await attest(one, { answers: 'asked' });
    assert.ok(aheadOf(one).again !== undefined);
    await attest(one, { brings: false });
    assert.equal(aheadOf(one).again, undefined);
  });

  it('reads where it remembers no host', () => {
    assert.equal(aheadOf(other).again, undefined);
  });
});
