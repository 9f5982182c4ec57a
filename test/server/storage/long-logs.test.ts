// Logs of megabytes are compressed and restored by another thread, so that nobody else's attestation waits for it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { attestationOf, bindTestHost, nameOfTestLog, openTestChallenge } from '../../support/stored-records.ts';
import { describeStore } from './describe-store.ts';

/** As little like itself as a list of digests is. */
const long = Array.from({ length: 100_000 }, (_, index) => createHash('sha256').update(`${index}`).digest('hex')).join(
  '',
);

describeStore('long logs in a store', (under) => {
  const begin = async (hostId: string, log: string) => {
    await bindTestHost(under.store, hostId);
    await openTestChallenge(under.store, hostId, 'c0');
    return attestationOf(under.store, hostId, { challengeId: 'c0', verdictSequence: 0, log });
  };

  it('are compressed while others are recorded, once for all who send them at that time', async () => {
    const records = [await begin('hv-1', long), await begin('hv-2', long), await begin('hv-3', 'short')];
    const recorded: string[] = [];
    const outcomes = await Promise.all(
      records.map(async (record) => {
        const outcome = await under.store.recordAttestation(record);
        recorded.push(record.hostId);
        return outcome;
      }),
    );
    assert.deepEqual(outcomes, ['recorded', 'recorded', 'recorded']);
    assert.equal(recorded[0], 'hv-3');
  });

  it('are what they were, for whoever reads the evidence and what it rested on, or the log alone', async () => {
    const evidence = await under.store.findEvidence('hv-1');
    assert.equal(new TextDecoder().decode(evidence?.eventLog), long);
    const found = await under.store.findCircumstances('hv-2', 1);
    assert.equal(new TextDecoder().decode(found?.evidence.eventLog), long);
    assert.equal(new TextDecoder().decode(await under.store.findLog(nameOfTestLog(long))), long);
  });

  it('are restored while others are read', async () => {
    const read: string[] = [];
    await Promise.all(
      ['hv-1', 'hv-3'].map(async (hostId) => {
        await under.store.findEvidence(hostId);
        read.push(hostId);
      }),
    );
    assert.deepEqual(read, ['hv-3', 'hv-1']);
  });

  it('that are there are not compressed again', async () => {
    const record = await begin('hv-4', long);
    assert.equal(await under.store.recordAttestation(record), 'recorded');
    assert.equal(new TextDecoder().decode((await under.store.findEvidence('hv-4'))?.eventLog), long);
  });
});
