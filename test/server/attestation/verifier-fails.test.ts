// The verifier itself fails on evidence: what is said of the host then, and for how long.
import assert from 'node:assert/strict';
import { decodeBase64 } from '../../../src/core/encoding/index.ts';
import { hashHex } from '../../../src/core/crypto/index.ts';
import type { HostRecord } from '../../../src/server/storage/index.ts';
import {
  attest,
  challengeFor,
  evidenceFor,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('a verifier that fails', () => {
  let server: TestServer;
  let world: TrustedWorld;
  /** What the records say of the host once it is known who asks. */
  let changed: Partial<HostRecord> = {};
  let isKnown = false;
  before(async () => {
    server = await startTestServer({
      start: {
        wrapStore: (store) => ({
          ...store,
          findChallenge: (...asked) => {
            isKnown = true;
            return store.findChallenge(...asked);
          },
          findHost: async (id) => {
            const host = await store.findHost(id);
            return host && isKnown ? { ...host, ...changed } : host;
          },
        }),
      },
    });
    world = await trustedWorld(server);
  });
  after(() => server.close());

  for (const [what, record, code] of [
    ['on the key of the record', { akPublic: Uint8Array.of(0, 1, 2) }, 'TPM_STRUCTURE_TRUNCATED'],
    ['by a mistake of its own', { boot: 'no boot state' as never }, 'SERVER_INTERNAL'],
  ] as const) {
    it(`${what} says so in a verdict of a minute, which vouches for nothing and takes the place of the good one`, async () => {
      const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
      [changed, isKnown] = [record, false];
      const { verdict, nextChallenge } = await submit(world.enrolled, evidence).finally(() => (changed = {}));
      const at = server.now();
      assert.deepEqual(
        verdict.findings.map((finding) => [finding.code, finding.severity]),
        [[code, 'error']],
      );
      assert.deepEqual([verdict.status, verdict.vector, verdict.layers, nextChallenge], ['none', {}, {}, undefined]);
      assert.deepEqual(
        [verdict.host, verdict.challengedAt, verdict.issuedAt, verdict.evidenceDigest],
        ['hv-1', at.toISOString(), at.toISOString(), hashHex('sha256', decodeBase64(evidence.attest))],
      );
      assert.equal(Date.parse(verdict.expiresAt) - at.getTime(), 60_000);
      const told = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
      assert.deepEqual([told.decision, told.reasons[0]?.code], ['deny', 'STATUS_TOO_LOW']);
      assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'affirming');
    });
  }
});
