// A challenge is of one binding of a host to its TPM: one that was drawn before another began is none in that, though host and key
// are the same again.
import assert from 'node:assert/strict';
import {
  attest,
  challengeFor,
  enrol,
  evidenceFor,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('a challenge of before a host enrolled anew', () => {
  let server: TestServer;
  let world: TrustedWorld;
  /** Done between the draw of a challenge and its opening. */
  let meanwhile: () => Promise<unknown>;
  before(async () => {
    meanwhile = () => Promise.resolve();
    server = await startTestServer({
      start: {
        wrapStore: (store) => ({
          ...store,
          openChallenge: async (...opened) => {
            await meanwhile();
            return store.openChallenge(...opened);
          },
        }),
      },
    });
    world = await trustedWorld(server);
  });
  after(() => server.close());

  const path = { hostId: 'hv-1' };
  const enrolAnew = async () => {
    await server.operator.call('releaseHost', { path, body: { reason: 'installed anew' } });
    return enrol(server, world.host);
  };

  it('is none where it was opened before', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    const anew = await enrolAnew();
    await refuses(submit(anew, evidence), 'CHALLENGE_NOT_FOUND', 409);
    world = { ...world, enrolled: anew };
  });

  it('is none where it was being opened meanwhile: by whoever held the token of before', async () => {
    let anew = world.enrolled;
    meanwhile = async () => void (anew = await enrolAnew());
    const challenge = await challengeFor(world.enrolled);
    meanwhile = () => Promise.resolve();
    const evidence = await evidenceFor(world.host, challenge);
    await refuses(submit(anew, evidence), 'CHALLENGE_NOT_FOUND', 409);
    const { epoch, status } = await server.operator.call('getHost', { path });
    assert.deepEqual([epoch, status], [3, 'none']);
    assert.equal((await attest(anew, world.host)).verdict.status, 'affirming');
  });
});
