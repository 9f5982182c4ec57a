import assert from 'node:assert/strict';
import { decodeBase64, encodeBase64, parsePem } from '../../../src/core/encoding/index.ts';
import { parseCertificate, parseCrl, parseTrustAnchors, verifyCertificatePath } from '../../../src/core/x509/index.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attest, enrol, enrolmentBody, paperHost, trustSimulator, trustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('enrolment', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
    await trustSimulator(server);
  });
  afterEach(() => server.close());

  const create = async (host: Parameters<typeof enrolmentBody>[0]) =>
    server.operator.call('createEnrollment', { body: await enrolmentBody(host) });

  it('binds a TPM by credential activation and issues an AK certificate of the attestation CA', async () => {
    const { hostId, akCertificate } = await enrol(server, paperHost('hv-1'));
    const host = await server.operator.call('getHost', { path: { hostId } });
    assert.equal(host.state, 'booting');
    assert.equal(host.ekVerified, true);
    assert.equal(host.ekAnchor, 'simulator');
    assert.equal(host.status, 'none');
    const anchors = parseTrustAnchors(
      new Uint8Array(readFileSync(join(server.dataDirectory, 'keys/attestation-ca.crt'))),
      'attestation CA',
    );
    const leaf = parseCertificate(parsePem(akCertificate)[0]!.bytes);
    verifyCertificatePath({ leaf, intermediates: [], anchors, at: server.now(), profile: 'ak' });
    assert.equal(leaf.subject, 'CN=hv-1');
  });

  it('enrols a host with RSA keys', async () => {
    const { hostId } = await enrol(server, paperHost('hv-rsa', { ekType: 'rsa', akType: 'rsa' }));
    assert.equal(hostId, 'hv-rsa');
  });

  it('needs a join token', async () => {
    const body = await enrolmentBody(paperHost('hv-1'));
    await refuses(server.client().call('createEnrollment', { body }), 'AUTH_REQUIRED', 401);
    await enrol(server, paperHost('hv-1'), server.client(await server.token('joiner')));
  });

  it('T1: refuses the EK certificate of another TPM', async () => {
    await refuses(create(paperHost('hv-1', { tampering: ['foreign-ek'] })), 'X509_EK_KEY_MISMATCH', 422);
  });

  it('refuses names that are addresses of the API: nobody could ask about such a host', async () => {
    for (const name of ['outliers', 'next-attestations'])
      await refuses(create(paperHost(name)), 'HOST_NAME_RESERVED', 409);
  });

  it('refuses an EK certificate that leads to no trust anchor', async () => {
    await refuses(create(paperHost('hv-1', { tampering: ['foreign-authority'] })), 'X509_PATH_NO_ANCHOR');
  });

  it('refuses an EK certificate that has expired', async () => {
    await refuses(create(paperHost('hv-1', { tampering: ['expired-ek-certificate'] })), 'X509_PATH_EXPIRED');
  });

  it('rejects when there is nothing to verify: no EK certificate', async () => {
    await refuses(create(paperHost('hv-1', { tampering: ['no-ek-certificate'] })), 'ENROLLMENT_EK_UNVERIFIED', 403);
  });

  it('refuses an attestation key that is not restricted, or came from outside', async () => {
    await refuses(create(paperHost('hv-1', { tampering: ['unrestricted-ak'] })), 'TPM_KEY_ATTRIBUTES_REFUSED');
    await refuses(create(paperHost('hv-2', { tampering: ['software-ak'] })), 'TPM_KEY_ATTRIBUTES_REFUSED');
  });

  it('T2: enrolling again with the same keys needs activation again, keeps the verdict and ends the old token', async () => {
    const world = await trustedWorld(await freshServer(), 'hv-9');
    const { host, enrolled } = world;
    const again = await enrol(other, host, other.operator);
    assert.notEqual(again.token, enrolled.token);
    const verdict = await other.operator.call('getVerdict', { path: { hostId: 'hv-9' } });
    assert.equal(verdict.status, 'affirming');
    await refuses(
      enrolled.client.call('createChallenge', { path: { hostId: 'hv-9' }, body: {} }),
      'AUTH_TOKEN_INVALID',
    );
    await other.close();
  });
  let other: TestServer;
  async function freshServer(): Promise<TestServer> {
    other = await startTestServer();
    return other;
  }

  it('T2: another attestation key of an active host is refused until an operator releases the host', async () => {
    const enrolled = await enrol(server, paperHost('hv-1'));
    const host = paperHost('hv-1');
    await attest(enrolled, host);
    const other = {
      ...(await enrolmentBody(host)),
      akPublic: (await enrolmentBody(paperHost('x', { seed: 'y' }))).akPublic,
    };
    await refuses(server.operator.call('createEnrollment', { body: other }), 'HOST_AK_CHANGED', 409);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'agent lost its state' } });
    const challenge = await server.operator.call('createEnrollment', { body: other });
    assert.match(challenge.enrollmentId, /^enr_/);
  });

  it('T6: a release ends the epoch: verdict void, token dead, and the next enrolment counts a new one', async () => {
    const local = await startTestServer();
    const { host, enrolled } = await trustedWorld(local);
    const released = await local.operator.call('releaseHost', {
      path: { hostId: 'hv-1' },
      body: { reason: 'new board' },
    });
    assert.equal(released.state, 'released');
    assert.equal(released.status, 'none');
    await refuses(
      enrolled.client.call('createChallenge', { path: { hostId: 'hv-1' }, body: {} }),
      'AUTH_TOKEN_INVALID',
    );
    const decision = await local.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.deepEqual([decision.decision, decision.reasons[0]?.code], ['deny', 'HOST_RELEASED']);
    await enrol(local, host);
    const again = await local.operator.call('getHost', { path: { hostId: 'hv-1' } });
    assert.deepEqual([again.epoch, again.state, again.status], [2, 'booting', 'none']);
    await local.close();
  });

  it('T6: after a release another TPM may take the name, and the old TPM may not come back under another', async () => {
    const first = paperHost('hv-1');
    await enrol(server, first);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'board replaced' } });
    await enrol(server, paperHost('hv-1', { seed: 'a new board' }));
    await refuses(create(first.cloneAs('hv-2')), 'HOST_EK_ALREADY_ENROLLED', 409);
  });

  it('T12: the name of an enrolled host with another TPM is refused, recorded, and changes nothing', async () => {
    await enrol(server, paperHost('hv-1'));
    const before = await server.operator.call('getHost', { path: { hostId: 'hv-1' } });
    await refuses(create(paperHost('hv-1', { seed: 'thief' })), 'HOST_NAME_TAKEN', 409);
    assert.deepEqual(await server.operator.call('getHost', { path: { hostId: 'hv-1' } }), before);
    const { items } = await server.operator.call('listAudit', {});
    const event = items.at(-1);
    assert.deepEqual(
      [event?.action, event?.subject, event?.details['code']],
      ['identity.conflict', 'hv-1', 'HOST_NAME_TAKEN'],
    );
  });

  it('T12: a cloned TPM under a second name is refused and recorded', async () => {
    const host = paperHost('hv-1');
    await enrol(server, host);
    await refuses(create(host.cloneAs('hv-2')), 'HOST_EK_ALREADY_ENROLLED', 409);
    const { items } = await server.operator.call('listAudit', {});
    assert.equal(items.at(-1)?.details['code'], 'HOST_EK_ALREADY_ENROLLED');
  });

  it('T12: of two enrolments of one name that run at once, the second activation is refused', async () => {
    const [one, two] = [paperHost('hv-1'), paperHost('hv-1', { seed: 'two' })];
    const [a, b] = [await create(one), await create(two)];
    const secretOf = async (host: typeof one, c: typeof a) =>
      encodeBase64(await host.activate(decodeBase64(c.credentialBlob), decodeBase64(c.encryptedSecret)));
    const activate = (id: string, secret: string) =>
      server.operator.call('activateEnrollment', { path: { enrollmentId: id }, body: { secret } });
    await activate(a.enrollmentId, await secretOf(one, a));
    await refuses(activate(b.enrollmentId, await secretOf(two, b)), 'HOST_NAME_TAKEN', 409);
  });

  it('T10: a wrong secret ends the enrolment; the right one comes too late', async () => {
    const host = paperHost('hv-1');
    const { enrollmentId, credentialBlob, encryptedSecret } = await create(host);
    const path = { enrollmentId };
    const wrong = encodeBase64(new Uint8Array(32));
    await refuses(
      server.operator.call('activateEnrollment', { path, body: { secret: wrong } }),
      'ENROLLMENT_SECRET_WRONG',
      403,
    );
    const secret = encodeBase64(await host.activate(decodeBase64(credentialBlob), decodeBase64(encryptedSecret)));
    await refuses(server.operator.call('activateEnrollment', { path, body: { secret } }), 'ENROLLMENT_NOT_FOUND', 404);
    await refuses(server.operator.call('getHost', { path: { hostId: 'hv-1' } }), 'HOST_NOT_FOUND', 404);
  });

  it('T10: neither answer nor database holds the secret', async () => {
    const host = paperHost('hv-1');
    const challenge = await create(host);
    const secret = await host.activate(decodeBase64(challenge.credentialBlob), decodeBase64(challenge.encryptedSecret));
    assert.ok(!JSON.stringify(challenge).includes(encodeBase64(secret)));
    for (const file of ['touchstone.db', 'touchstone.db-wal']) {
      assert.equal(readFileSync(join(server.dataDirectory, file)).indexOf(secret), -1, `${file} holds the secret`);
    }
  });

  it('T10: a secret that comes after its time is refused', async () => {
    const host = paperHost('hv-1');
    const { enrollmentId, credentialBlob, encryptedSecret } = await create(host);
    server.advance(301);
    const secret = encodeBase64(await host.activate(decodeBase64(credentialBlob), decodeBase64(encryptedSecret)));
    await refuses(
      server.operator.call('activateEnrollment', { path: { enrollmentId }, body: { secret } }),
      'ENROLLMENT_EXPIRED',
      410,
    );
  });

  it('keeps a bounded number of open enrolments', async () => {
    const small = await startTestServer({ settings: { enrolment: { maxPending: 2, allowUnverifiedEk: true } } });
    const body = await enrolmentBody(paperHost('hv-1'));
    await small.operator.call('createEnrollment', { body });
    await small.operator.call('createEnrollment', { body });
    const refusal = await refuses(
      small.operator.call('createEnrollment', { body }),
      'ENROLLMENT_TOO_MANY_PENDING',
      429,
    );
    assert.equal(refusal.retryAfterSeconds, 60);
    await small.close();
  });

  /** How many certificates are on the list of the attestation CA. */
  const revoked = async ({ url }: TestServer): Promise<number> => {
    const answer = await fetch(`${url}/v1/attestation-ca/crl`, { headers: { accept: 'application/pkix-crl' } });
    return parseCrl(new Uint8Array(await answer.arrayBuffer())).revoked.size;
  };

  it('binds one TPM so often within an hour, keeps what its host had when it comes again too soon, and lets others in', async () => {
    const bound = await startTestServer({ settings: { enrolment: { mostInAnHour: 3 } } });
    const { host } = await trustedWorld(bound);
    bound.advance(60);
    await enrol(bound, host);
    const last = await enrol(bound, host);
    await attest(last, host);
    const entries = async () => (await bound.operator.call('listAudit', { query: { limit: 1000 } })).items.length;
    const [list, before] = [await revoked(bound), await entries()];
    assert.equal(list, 2);
    const refusal = await refuses(enrol(bound, host), 'ENROLLMENT_TOO_OFTEN', 429);
    assert.equal(refusal.retryAfterSeconds, 3540);
    assert.deepEqual([await revoked(bound), await entries()], [list, before]);
    assert.equal((await attest(last, host)).verdict.status, 'affirming');
    const other = paperHost('hv-2');
    assert.equal((await attest(await enrol(bound, other), other)).verdict.status, 'affirming');
    bound.advance(3540);
    const again = await enrol(bound, host);
    assert.equal((await attest(again, host)).verdict.status, 'affirming');
    await refuses(attest(last, host), 'AUTH_TOKEN_INVALID', 401);
    await bound.close();
  });

  it('lets an unverified TPM in only by the named setting, and says so in host and verdict', async () => {
    const open = await startTestServer({ settings: { enrolment: { allowUnverifiedEk: true, mode: 'open' } } });
    const host = paperHost('hv-1', { tampering: ['no-ek-certificate'] });
    const enrolled = await enrol(open, host, open.client());
    assert.equal((await open.operator.call('getHost', { path: { hostId: 'hv-1' } })).ekVerified, false);
    const { verdict } = await attest(enrolled, host);
    assert.ok(verdict.findings.some(({ code }) => code === 'ENDORSEMENT_UNVERIFIED'));
    await refuses(
      open.operator.call('createEnrollment', {
        body: await enrolmentBody(paperHost('hv-2', { tampering: ['foreign-ek'] })),
      }),
      'X509_EK_KEY_MISMATCH',
    );
    await open.close();
  });
});
