import assert from 'node:assert/strict';
import { tokenSubject, trustRevisionSubject, type Amend } from '../../../../src/server/storage/sql/row-memory.ts';
import { createVisits, type Visits } from '../../../../src/server/storage/sql/visits.ts';
import type { RequestAhead } from '../../../../src/server/storage/index.ts';

const attesting: RequestAhead = { purpose: 'attestation', hostId: 'hv-1', tokenId: 'tok', keepEvidence: 10 };
const asked = { id: 'asked', rides: false };
const riding = { id: 'riding', rides: true };

const host = { quarantines: [] };

/** As an attestation amends what was read. */
const amend: Amend = (name, answer) => (name === 'challenges' ? [...(answer as object[]), riding] : answer);

/** What an attestation reads before it is recorded, or is not. */
async function attest(
  visits: Visits,
  { request = attesting, verdict = 'last', isRecorded = true, isSetAside = false } = {},
) {
  const notes = visits.note(request);
  const read = (subject: { host?: string; name: string }, value: unknown) =>
    notes.recall(subject, () => Promise.resolve(value));
  await read(tokenSubject('tok'), 'token');
  await read(trustRevisionSubject, visits.noteRevision(7));
  await read({ host: 'hv-1', name: 'host' }, isSetAside ? { quarantines: ['one'] } : host);
  await read({ host: 'hv-1', name: 'verdict' }, verdict === '' ? undefined : verdict);
  await read({ host: 'hv-1', name: 'challenges' }, [asked]);
  notes.settle(isRecorded, amend);
  return notes;
}

describe('what a server remembers of hosts where others change the database too', () => {
  it('is what an attestation rested on, as that left it, with the challenge that came with its answer and no other', async () => {
    const visits = createVisits(10);
    await attest(visits);
    const visit = visits.find(attesting);
    assert.deepEqual(visit?.ofHost.get('challenges'), [riding]);
    const { recall } = visits.note(attesting, visit);
    const never = () => assert.fail('it is known');
    assert.equal(await recall({ host: 'hv-1', name: 'host' }, never), host);
    assert.equal(await recall(tokenSubject('tok'), never), 'token');
    assert.equal(await recall({ host: 'hv-1', name: 'kept' }, () => Promise.resolve('read')), 'read');
  });

  it('is for the next attestation with that token alone', async () => {
    const visits = createVisits(10);
    await attest(visits);
    for (const other of [{ tokenId: 'another' }, { hostId: 'hv-2' }, { purpose: 'challenge' }, { purpose: 'verdict' }])
      assert.equal(visits.find({ ...attesting, ...other } as RequestAhead), undefined);
    assert.ok(visits.find({ ...attesting, tokenId: undefined }), 'a host may have no token, but a certificate');
  });

  it('is over when another revision of trust was read, whoever read it', async () => {
    const visits = createVisits(10);
    await attest(visits);
    visits.noteRevision(8);
    assert.equal(visits.find(attesting), undefined);
  });

  it('is nothing where it was not recorded, where no verdict was known, of a host that is set aside, or where something was recorded at the second try', async () => {
    for (const more of [{ isRecorded: false }, { verdict: '' }, { isSetAside: true }]) {
      const visits = createVisits(10);
      await attest(visits, more);
      assert.equal(visits.find(attesting), undefined);
    }
    const visits = createVisits(10);
    const notes = await attest(visits, { isRecorded: false });
    notes.settle(true, amend);
    assert.equal(visits.find(attesting), undefined, 'the token was read before whatever changed');
  });

  it('keeps nothing of a request that opens a challenge', async () => {
    const visits = createVisits(1);
    await attest(visits);
    await attest(visits, { request: { ...attesting, hostId: 'hv-2', purpose: 'challenge' } });
    assert.ok(visits.find(attesting), 'it takes the place of no visit');
  });

  it('is forgotten, and bounded', async () => {
    const visits = createVisits(1);
    await attest(visits);
    visits.forget('hv-1');
    assert.equal(visits.find(attesting), undefined);
    await attest(visits);
    await attest(visits, { request: { ...attesting, hostId: 'hv-2' } });
    assert.equal(visits.find(attesting), undefined);
  });
});
