// Labels that change while a host attests: its own choose its policy, those of others are nothing to it.
import assert from 'node:assert/strict';
import { decodeUtf8 } from '../../../src/core/encoding/index.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import {
  applyPolicy,
  attest,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { auditDraft } from '../../support/stored-records.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('attestation while labels change', () => {
  let server: TestServer;
  let world: TrustedWorld;
  /** Done between an appraisal and its recording. */
  let meanwhile: (store: Store) => Promise<unknown>;
  beforeEach(async () => {
    meanwhile = () => Promise.resolve();
    server = await startTestServer({
      start: {
        wrapStore: (store) => ({
          ...store,
          recordAttestation: async (record) => {
            await meanwhile(store);
            return store.recordAttestation(record);
          },
        }),
      },
    });
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  const label = (hostId: string, labels: Record<string, string>) =>
    server.operator.call('setHostLabels', { path: { hostId }, body: { labels } });

  const attestations = async () => {
    const { body } = await server.operator.callRaw('getMetrics', { headers: { accept: 'text/plain' } });
    const counted = [...decodeUtf8(body).matchAll(/^touchstone_attestations_total{.*} (\d+)$/gm)];
    return counted.reduce((sum, [, count]) => sum + Number(count), 0);
  };

  it('ends well, however often those of other hosts change', async () => {
    await enrol(server, paperHost('hv-2'));
    let number = 0;
    meanwhile = (store) => store.setHostLabels('hv-2', { number: `${(number += 1)}` }, auditDraft('host.labelled'));
    for (let round = 1; round <= 3; round += 1) {
      assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'affirming');
      assert.equal(number, round, 'it was recorded the first time');
    }
  });

  it('ends well for hosts that attest while an operator labels others in a loop', async () => {
    await Promise.all(['hv-2', 'hv-3'].map((name) => enrol(server, paperHost(name))));
    let isOver = false;
    const labelling = ['hv-2', 'hv-3'].map(async (name) => {
      for (let number = 0; !isOver; number += 1) await label(name, { number: `${number}` });
    });
    for (let round = 0; round < 20; round += 1)
      assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'affirming');
    isOver = true;
    await Promise.all(labelling);
  });

  it('never ends under the policy that its own labels chose before', async () => {
    await applyPolicy(server, 'strict', { hosts: { labels: { tier: 'control' } }, layers: ['confidential-guest'] });
    let times = 0;
    meanwhile = async (store) => {
      times += 1;
      if (times === 1) await store.setHostLabels('hv-1', { tier: 'control' }, auditDraft('host.labelled'));
    };
    const counted = await attestations();
    const { verdict } = await attest(world.enrolled, world.host);
    assert.deepEqual([verdict.policy?.id, verdict.status === 'affirming', times], ['strict', false, 2]);
    assert.equal(await attestations(), counted + 1, 'a verdict that was not recorded is none to count');
  });

  it('is refused when its own labels change all the time, after five appraisals, and its challenge is spent', async () => {
    let number = 0;
    meanwhile = (store) => store.setHostLabels('hv-1', { number: `${(number += 1)}` }, auditDraft('host.labelled'));
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    await refuses(submit(world.enrolled, evidence), 'REQUEST_CONFLICT', 409);
    assert.equal(number, 5);
    await refuses(submit(world.enrolled, evidence), 'CHALLENGE_NOT_FOUND', 409);
  });

  it('keeps to labels of any text, in any order', async () => {
    await label('hv-1', { 2: 'b', 1: 'a', z: '', a: '\ud800 "\\ \u2028 é' });
    assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'affirming');
  });
});
