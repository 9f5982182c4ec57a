// Whoever vouches for a TPM can be withdrawn, and what rested on it ends.
import assert from 'node:assert/strict';
import type { ApiClient } from '../../../src/api/index.ts';
import { decodeBase64, encodeHex, encodePem } from '../../../src/core/encoding/index.ts';
import { hash, spkiDigest } from '../../../src/core/crypto/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import {
  attest,
  authority,
  enrol,
  enrolmentBody,
  paperHost,
  trustSimulator,
  trustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const anchorId = encodeHex(hash('sha256', authority.rootCertificate));

async function ekDigestOf(host: ReturnType<typeof paperHost>): Promise<string> {
  return encodeHex(spkiDigest(verifyEndorsementKey(await host.ekPublic()).public.publicKey));
}

describe('who vouches for a TPM', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
  });
  afterEach(() => server.close());

  const withdraw = (reason = 'the authority lost its key') =>
    server.operator.call('withdrawTrustAnchor', { path: { anchorId }, body: { reason } });
  const register = (ekDigest: string, body: { label: string; hostId?: string }) =>
    server.operator.call('registerEk', { path: { ekDigest }, body });
  const admit = async (host: string) =>
    server.operator.call('createAdmissionDecision', { body: { host, minimumStatus: 'affirming' } });
  const auditActions = async () =>
    (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.map(({ action }) => action);

  /** The first half of an enrolment; what is returned does the other, for which no token is needed. */
  async function openEnrolment(client: ApiClient, host: ReturnType<typeof paperHost>): Promise<() => Promise<unknown>> {
    const { enrollmentId, ...sealed } = await client.call('createEnrollment', { body: await enrolmentBody(host) });
    return async () => {
      const secret = await host.activate(decodeBase64(sealed.credentialBlob), decodeBase64(sealed.encryptedSecret));
      const body = { secret: Buffer.from(secret).toString('base64') };
      return server.client().call('activateEnrollment', { path: { enrollmentId }, body });
    };
  }

  describe('a trust anchor that is withdrawn', () => {
    it('ends the verdicts it carried at once, and denies at the next attestation', async () => {
      const { host, enrolled } = await trustedWorld(server);
      assert.equal((await admit('hv-1')).decision, 'allow');
      assert.deepEqual(await withdraw(), { hosts: 1 });
      const denied = await admit('hv-1');
      assert.deepEqual([denied.decision, denied.reasons[0]?.code], ['deny', 'VERDICT_VOIDED']);
      const { verdict } = await attest(enrolled, host);
      assert.equal(verdict.status, 'contraindicated');
      assert.ok(verdict.findings.some(({ code }) => code === 'ENDORSEMENT_MISSING'));
      assert.ok((await auditActions()).includes('trust-anchor.withdrawn'));
      assert.ok((await auditActions()).includes('verdict.voided'));
    });

    it('denies also where an IAK might vouch, and the host has none', async () => {
      await server.close();
      server = await startTestServer({ settings: { enrolment: { deviceIdentity: 'accepted' } } });
      const { host, enrolled } = await trustedWorld(server);
      await withdraw();
      const { verdict } = await attest(enrolled, host);
      assert.ok(verdict.findings.some(({ code }) => code === 'ENDORSEMENT_MISSING'));
    });

    it('vouches again when an operator trusts it again, without a new enrolment', async () => {
      const { host, enrolled } = await trustedWorld(server);
      await withdraw();
      await attest(enrolled, host);
      const pem = encodePem('CERTIFICATE', authority.rootCertificate);
      const anchor = await server.operator.call('createTrustAnchor', {
        body: { name: 'again', pem, scope: 'virtual' },
      });
      assert.equal(anchor.withdrawnAt, undefined);
      assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
      const record = await server.operator.call('getHost', { path: { hostId: 'hv-1' } });
      assert.equal(record.ekAnchor, 'again');
    });

    it('admits no new TPM, and no enrolment that was under way', async () => {
      await trustSimulator(server);
      const activate = await openEnrolment(server.operator, paperHost('hv-1'));
      await withdraw();
      await activate();
      const record = await server.operator.call('getHost', { path: { hostId: 'hv-1' } });
      assert.equal(record.ekVerified, false);
      const other = server.operator.call('createEnrollment', { body: await enrolmentBody(paperHost('hv-2')) });
      await refuses(other, 'X509_PATH_NOTHING_TO_TRUST');
    });

    it('is listed with the reason, and cannot be withdrawn twice', async () => {
      await trustSimulator(server);
      await withdraw();
      const { items } = await server.operator.call('listTrustAnchors', {});
      assert.equal(items[0]?.withdrawnBecause, 'the authority lost its key');
      await refuses(withdraw(), 'TRUST_ANCHOR_NOT_FOUND', 404);
    });

    it('is listed without control characters of the reason', async () => {
      await trustSimulator(server);
      await withdraw('lost\u001b[2J its key');
      const { items } = await server.operator.call('listTrustAnchors', {});
      assert.equal(items[0]?.withdrawnBecause, 'lost\\u{1b}[2J its key');
    });

    it('survives a restart', async () => {
      await trustedWorld(server);
      await withdraw();
      await server.restart();
      assert.equal((await admit('hv-1')).decision, 'deny');
    });
  });

  describe('a join token for a number of hosts', () => {
    const joiner = async (enrolments: number) => {
      const { token } = await server.operator.call('createToken', {
        body: { name: 'rack', role: 'joiner', enrolments },
      });
      return server.client(token);
    };

    it('enrols that many, renews theirs, and then no other', async () => {
      await trustSimulator(server);
      const client = await joiner(2);
      await enrol(server, paperHost('hv-1'), client);
      await enrol(server, paperHost('hv-1'), client);
      await enrol(server, paperHost('hv-2'), client);
      await refuses(enrol(server, paperHost('hv-3'), client), 'ENROLLMENT_TOKEN_SPENT', 403);
      await enrol(server, paperHost('hv-2'), client);
      const { items } = await server.operator.call('listTokens', {});
      assert.equal(items.find(({ name }) => name === 'rack')?.enrolmentsLeft, 0);
    });

    it('is not spent twice by enrolments that overlap', async () => {
      await trustSimulator(server);
      const client = await joiner(1);
      const outcomes = await Promise.allSettled(['hv-1', 'hv-2'].map((name) => enrol(server, paperHost(name), client)));
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    });

    it('ends at its expiry also for who opened an enrolment before', async () => {
      await trustSimulator(server);
      const body = { name: 'rack', role: 'joiner' as const, expiresInSeconds: 120 };
      const { token } = await server.operator.call('createToken', { body });
      const [early, late] = [paperHost('hv-1'), paperHost('hv-2')];
      const activateEarly = await openEnrolment(server.client(token), early);
      const activateLate = await openEnrolment(server.client(token), late);
      server.advance(119);
      await activateEarly();
      server.advance(1);
      await refuses(activateLate(), 'ENROLLMENT_TOKEN_SPENT', 403);
    });

    it('is of no other role', async () => {
      const body = { name: 'x', role: 'auditor' as const, enrolments: 1 };
      await refuses(server.operator.call('createToken', { body }), 'REQUEST_INVALID', 400);
    });
  });

  describe('a registered endorsement key', () => {
    it('lets a TPM without a certificate enrol, and names its label', async () => {
      const host = paperHost('hv-1', { tampering: ['no-ek-certificate'] });
      await refuses(enrol(server, host), 'ENROLLMENT_EK_UNVERIFIED', 403);
      await register(await ekDigestOf(host), { label: 'rack 3, unit 12' });
      await enrol(server, host);
      const record = await server.operator.call('getHost', { path: { hostId: 'hv-1' } });
      assert.deepEqual([record.ekVerified, record.ekAnchor], [true, 'rack 3, unit 12']);
    });

    it('T1: does not excuse the EK certificate of another TPM', async () => {
      const host = paperHost('hv-1', { tampering: ['foreign-ek'] });
      await register(await ekDigestOf(host), { label: 'x' });
      await refuses(enrol(server, host), 'X509_EK_KEY_MISMATCH', 422);
    });

    it('keeps its host name, and its TPM, for each other', async () => {
      await trustSimulator(server);
      const host = paperHost('hv-1');
      await register(await ekDigestOf(host), { label: 'a', hostId: 'hv-1' });
      await refuses(enrol(server, paperHost('hv-1', { seed: 'another' })), 'HOST_NAME_RESERVED', 409);
      await refuses(enrol(server, paperHost('hv-2', { seed: 'hv-1' })), 'HOST_NAME_RESERVED', 409);
      await enrol(server, host);
    });

    it('ends with the verdict of its host when it is unregistered', async () => {
      const { host, enrolled } = await trustedWorld(server);
      const ekDigest = await ekDigestOf(host);
      await register(ekDigest, { label: 'a' });
      await withdraw();
      assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
      const ended = await server.operator.call('unregisterEk', { path: { ekDigest } });
      assert.deepEqual(ended, { hosts: 1 });
      assert.equal((await admit('hv-1')).decision, 'deny');
      await refuses(server.operator.call('unregisterEk', { path: { ekDigest } }), 'EK_NOT_REGISTERED', 404);
    });

    it('is registered once, and listed page by page', async () => {
      const digests = ['1', '2', '3'].map((digit) => digit.repeat(64));
      for (const [index, digest] of digests.entries()) await register(digest, { label: `machine ${index}` });
      await refuses(register(digests[0]!, { label: 'again' }), 'EK_ALREADY_REGISTERED', 409);
      const first = await server.operator.call('listRegisteredEks', { query: { limit: 2 } });
      assert.equal(first.items.length, 2);
      const second = await server.operator.call('listRegisteredEks', { query: { limit: 2, after: first.next ?? '' } });
      assert.deepEqual(
        [...first.items, ...second.items].map(({ ekDigest }) => ekDigest),
        digests,
      );
      assert.equal(second.next, undefined);
    });
  });
});
