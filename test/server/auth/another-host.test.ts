// A host that was enrolled and is hostile: what it asks about other hosts, with its own token and its own TPM. It gets nothing, and
// its refusals are the same bytes whatever those hosts are, so that it learns nothing either.
import assert from 'node:assert/strict';
import { request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { routes, type OperationId, type Prove } from '../../../src/api/index.ts';
import { encodeBase64 } from '../../../src/core/encoding/index.ts';
import { hashHex } from '../../../src/core/crypto/index.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';
import {
  attest,
  challengeFor,
  enrol,
  enrolmentBody,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type EnrolledHost,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

/** Operations about a host that its path names. */
const aboutHosts = (Object.keys(routes) as OperationId[]).filter((name) => routes[name].path.includes('{hostId}'));

/** Hosts as another one may find them: trusted, set aside, released, not enrolled. */
const others = ['trusted', 'set-aside', 'released', 'nobody'] as const;

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`another host's name over ${engine}`, () => {
    let server: TestServer;
    let trusted: TrustedWorld;
    let hostile: EnrolledHost;
    let host: PaperHost;
    before(async () => {
      const storage = engine === 'postgres' ? await createTestDatabase() : undefined;
      server = await startTestServer({ storage });
      trusted = await trustedWorld(server, 'trusted');
      for (const name of ['set-aside', 'released']) {
        const host = paperHost(name);
        await attest(await enrol(server, host), host);
      }
      const quarantine = { hosts: { names: ['set-aside'] }, reason: 'test' };
      await server.operator.call('createQuarantine', { body: quarantine });
      await server.operator.call('releaseHost', { path: { hostId: 'released' }, body: { reason: 'test' } });
      host = paperHost('hostile', { tampering: ['changed-kernel'] });
      hostile = await enrol(server, host);
      await attest(hostile, host);
    });
    after(() => server.close());

    interface Asked {
      readonly method: string;
      readonly path: string;
      readonly body?: object | undefined;
      readonly token?: string;
      readonly prove?: Prove;
    }

    /** Status, headers and body, without what is of this request alone. */
    const ask = async ({
      method,
      path,
      body,
      token = hostile.token,
      prove = hostile.prove,
    }: Asked): Promise<string> => {
      const bytes = new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
      const proof = await prove({ method, path, body: bytes, at: server.now().getTime() });
      const headers = {
        authorization: `Bearer ${token}`,
        'touchstone-proof': proof,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length }),
      };
      const asking = send(new URL(path, server.url), { method, headers });
      asking.end(bytes);
      const [answer] = (await once(asking, 'response')) as [IncomingMessage];
      const { instance = '' } = answer.headers['x-request-id']
        ? { instance: String(answer.headers['x-request-id']) }
        : {};
      const said = `${answer.statusCode} ${JSON.stringify({ ...answer.headers, date: '' })} ${await text(answer)}`;
      return said.replace(/"instance":"[^"]*"/, '').replaceAll(instance === '' ? '\0' : instance, '');
    };

    for (const operation of aboutHosts) {
      it(`${operation} refuses it, and tells nothing of the host`, async () => {
        const { method, path } = routes[operation];
        const body = method === 'GET' ? undefined : { reason: 'x' };
        const said = await Promise.all(
          others.map(async (name) =>
            (await ask({ method, path: path.replace('{hostId}', name), body })).replaceAll(name, ''),
          ),
        );
        assert.match(said[0] ?? '', /^403 .*AUTH_FORBIDDEN/);
        assert.equal(new Set(said).size, 1, said.join('\n'));
        const encoded = path.replace('{hostId}', '%74rusted');
        assert.match(await ask({ method, path: encoded, body }), /^403 /);
      });
    }

    it('takes neither a proof for another path nor the proof of another TPM', async () => {
      const path = '/v1/hosts/hostile/verdict';
      const about =
        (name: string): Prove =>
        (request) =>
          hostile.prove({ ...request, path: `/v1/hosts/${name}/verdict` });
      assert.match(await ask({ method: 'GET', path }), /^200 /);
      for (const name of others) {
        assert.match(await ask({ method: 'GET', path, prove: about(name) }), /^401 .*AUTH_PROOF_INVALID/);
      }
      const stolen = { method: 'GET', path: '/v1/hosts/trusted/verdict', token: trusted.enrolled.token };
      assert.match(await ask({ ...stolen, prove: trusted.enrolled.prove }), /^200 /);
      assert.match(await ask(stolen), /^401 .*AUTH_PROOF_INVALID/);
      assert.match(
        await ask({ ...stolen, token: hostile.token, prove: trusted.enrolled.prove }),
        /^401 .*AUTH_PROOF_INVALID/,
      );
    });

    it('answers the challenge of another host as one that never was, and that host can still answer it', async () => {
      const challenge = await challengeFor(trusted.enrolled);
      const evidence = await evidenceFor(trusted.host, challenge);
      const answer = (challengeId: string) =>
        ask({ method: 'POST', path: '/v1/hosts/hostile/attestations', body: { ...evidence, challengeId } });
      const said = [await answer(challenge.challengeId), await answer(`chl_${'A'.repeat(22)}`)];
      assert.match(said[0] ?? '', /^409 .*CHALLENGE_NOT_FOUND/);
      assert.equal(said[0], said[1]);
      assert.equal((await submit(trusted.enrolled, evidence)).verdict.status, 'affirming');
    });

    it('appraises a log that another host sent beside its own quote, where it proves nothing and is not told', async () => {
      const log = (await trusted.host.eventLog()) ?? new Uint8Array();
      const sha256 = hashHex('sha256', log);
      const { verdict: own } = await attest(trusted.enrolled, trusted.host);
      assert.equal(own.eventLogDigest, sha256);
      const { client, hostId } = hostile;
      const body = { logs: { eventLog: { sha256, length: log.length } } };
      const challenge = await client.call('createChallenge', { path: { hostId }, body });
      assert.equal(challenge.want.eventLog, false);
      const { verdict } = await submit(hostile, await evidenceFor(host, challenge));
      assert.equal(verdict.status, 'none');
      const errors = verdict.findings.filter(({ severity }) => severity === 'error');
      assert.deepEqual(
        errors.map(({ code, pcr }) => [code, pcr]),
        [['LOG_PCR_MISMATCH', 4]],
      );
      // What stands in it where the quote differs is told by nothing.
      assert.deepEqual([verdict.layers['boot-loader'], verdict.layers['kernel']], [undefined, undefined]);
    });
  });
}

describe('a host where anybody may enrol', () => {
  it('does not learn which names and TPMs are enrolled before a TPM is proved', async () => {
    const server = await startTestServer({ settings: { enrolment: { mode: 'open' } } });
    try {
      await trustedWorld(server, 'trusted');
      const hostile = await enrol(server, paperHost('hostile'));
      const open = async (name: string, seed: string) =>
        hostile.client.call('createEnrollment', { body: await enrolmentBody(paperHost(name, { seed })) });
      for (const [name, seed] of [
        ['free', 'another'],
        ['trusted', 'another'],
      ] as const) {
        const { enrollmentId } = await open(name, seed);
        const wrong = { path: { enrollmentId }, body: { secret: encodeBase64(new Uint8Array(32)) } };
        await refuses(hostile.client.call('activateEnrollment', wrong), 'ENROLLMENT_SECRET_WRONG');
      }
    } finally {
      await server.close();
    }
  });
});
