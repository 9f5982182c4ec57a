// A host that has its challenge and finds every place of the server taken: it comes back, and answers the same one.
import assert from 'node:assert/strict';
import { createNextChallenge, exchangeEvidence } from '../../src/agent/index.ts';
import { ApiProblem } from '../../src/api/index.ts';
import { encodeHex } from '../../src/core/encoding/index.ts';
import { challengeFor, enrol, evidenceFor, paperHost, submit, trustSimulator } from '../support/paper-story.ts';
import { createSignal } from '../support/signal.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describe('a host that is sent away with a challenge in its hands', () => {
  let server: TestServer;
  const challenged: string[] = [];
  const held = createSignal();
  let holding = 0;
  before(async () => {
    server = await startTestServer({
      settings: { limits: { hostRequests: 2 } },
      start: {
        wrapStore: (store) => ({
          ...store,
          openChallenge: (challenge, options) => {
            challenged.push(challenge.hostId);
            return store.openChallenge(challenge, options);
          },
          recordAttestation: async (record) => {
            if (record.hostId !== 'hv-3') {
              holding += 1;
              await held.given;
            }
            return store.recordAttestation(record);
          },
        }),
      },
    });
    await trustSimulator(server);
  });
  after(() => server.close());

  it('comes back soon, and does not start over', async () => {
    const hosts = ['hv-1', 'hv-2', 'hv-3'].map((name) => paperHost(name));
    const enrolled = [];
    for (const host of hosts) enrolled.push({ host, enrolled: await enrol(server, host) });
    const [first, second, third] = enrolled;
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    const [asked, thought] = [createSignal(), createSignal()];
    const device: typeof third.host = {
      ...third.host,
      quote: async (...input) => {
        asked.give();
        await thought.given;
        return third.host.quote(...input);
      },
    };
    const { hostId, client } = third.enrolled;
    const state = { hostId, serverId: 'test.example', akName: encodeHex(third.host.akName) };
    const next = createNextChallenge();
    const visit = exchangeEvidence(client, device, state, next);
    await asked.given;
    // A place for what is new is free only while nothing else is under way.
    const evidence = [];
    for (const { host, enrolled } of [first, second])
      evidence.push({ enrolled, body: await evidenceFor(host, await challengeFor(enrolled)) });
    const others = evidence.map(({ enrolled, body }) => submit(enrolled, body));
    while (holding < others.length) await new Promise(setImmediate);
    thought.give();
    await assert.rejects(visit, (error) => {
      assert.ok(error instanceof ApiProblem && error.code === 'SERVER_BUSY', String(error));
      return error.retryAfterSeconds === 1;
    });
    held.give();
    await Promise.all(others);
    const { verdict } = await exchangeEvidence(client, device, state, next);
    assert.equal(verdict.host, 'hv-3');
    assert.deepEqual(challenged.sort(), ['hv-1', 'hv-2', 'hv-3'], 'each asked once');
  });
});
