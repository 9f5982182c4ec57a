// The attack catalogue: who a TPM is, and whose key signs. One test for each entry; docs/threat-model.md has the table.
import assert from 'node:assert/strict';
import { createProver } from '../../../src/agent/index.ts';
import { decodeBase64, encodeBase64, encodeHex } from '../../../src/core/encoding/index.ts';
import { spkiDigest } from '../../../src/core/crypto/index.ts';
import { encodePublic, parseTpm2bPublic, verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import { flawedModulus } from '../../support/flawed-modulus.ts';
import { importList, listBody } from '../../support/authority-lists.ts';
import { malleated } from '../../support/malleated.ts';
import {
  attest,
  challengeFor,
  enrol,
  enrolmentBody,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

type Body = Awaited<ReturnType<typeof enrolmentBody>>;

describe('attack catalogue: identity', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  const open = (body: Body) => server.operator.call('createEnrollment', { body });
  const codesOf = ({ verdict }: Awaited<ReturnType<typeof attest>>) => verdict.findings.map(({ code }) => code);
  const admitted = async () =>
    (await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1', minimumStatus: 'affirming' } }))
      .decision;

  it('trusts the honest host that the attacks start from', async () => {
    assert.equal(await admitted(), 'allow');
  });

  it('attack 9: the attestation key of another machine', async () => {
    const other = paperHost('hv-2');
    const answer = await evidenceFor(other, await challengeFor(world.enrolled));
    const result = await submit(world.enrolled, answer);
    assert.equal(result.verdict.status, 'contraindicated');
    assert.ok(codesOf(result).includes('TPM_SIGNATURE_INVALID'));
    const { akPublic } = await enrolmentBody(other);
    await refuses(open({ ...(await enrolmentBody(world.host)), akPublic }), 'HOST_AK_CHANGED', 409);
    // An enrolment with its own EK and the AK of another TPM begins, and that TPM cannot end it.
    const mixed = await open({
      ...(await enrolmentBody(other)),
      akPublic: (await enrolmentBody(paperHost('x'))).akPublic,
    });
    await assert.rejects(other.activate(decodeBase64(mixed.credentialBlob), decodeBase64(mixed.encryptedSecret)));
  });

  it('attack 10: a software key under an EK certificate of its own making, or under none', async () => {
    const made = await enrolmentBody(paperHost('hv-2', { tampering: ['foreign-authority'] }));
    await refuses(open(made), 'X509_PATH_NO_ANCHOR', 422);
    const bare = await enrolmentBody(paperHost('hv-2', { tampering: ['no-ek-certificate'] }));
    await refuses(open(bare), 'ENROLLMENT_EK_UNVERIFIED', 403);
    const borrowed = await enrolmentBody(paperHost('hv-2', { tampering: ['foreign-ek'] }));
    await refuses(open(borrowed), 'X509_EK_KEY_MISMATCH', 422);
  });

  it('attack 11: one TPM under two names', async () => {
    await refuses(open(await enrolmentBody(world.host.cloneAs('hv-2'))), 'HOST_EK_ALREADY_ENROLLED', 409);
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    assert.equal(items.at(-1)?.action, 'identity.conflict');
  });

  it('attack 12: the name of a host for another TPM', async () => {
    await refuses(open(await enrolmentBody(paperHost('hv-1', { seed: 'thief' }))), 'HOST_NAME_TAKEN', 409);
    assert.equal(await admitted(), 'allow');
  });

  it('attack 13: the quote of an honest host, relayed by another', async () => {
    const attacker = paperHost('hv-x');
    const enrolled = await enrol(server, attacker);
    const relayed = await submit(enrolled, await evidenceFor(world.host, await challengeFor(enrolled)));
    assert.ok(codesOf(relayed).includes('TPM_SIGNATURE_INVALID'));
    const answer = await evidenceFor(world.host, await challengeFor(world.enrolled));
    const identity = { serverId: 'test.example', hostId: 'hv-1', akName: encodeHex(world.host.akName) };
    const impostor = server.client(world.enrolled.token, createProver(attacker, identity));
    await refuses(submit({ ...world.enrolled, client: impostor }, answer), 'AUTH_PROOF_INVALID', 401);
  });

  it('attack 14: a TPM that was reset, and fed good measurements again', async () => {
    const before = await evidenceFor(world.host, await challengeFor(world.enrolled));
    world.host.reboot();
    const { verdict } = await attest(world.enrolled, world.host);
    // The reset itself shows: it is another boot, under the counter that the TPM signed.
    assert.equal(verdict.boot?.epoch, 'rebooted');
    await refuses(submit(world.enrolled, before), 'CHALLENGE_NOT_FOUND', 409);
    world.host.tamper('rolled-back');
    assert.ok(codesOf(await attest(world.enrolled, world.host)).includes('BOOT_ROLLED_BACK'));
  });

  it('attack 35: a credential for a key that is no attestation key, and one secret for two tries', async () => {
    for (const tampering of ['unrestricted-ak', 'software-ak'] as const) {
      await refuses(
        open(await enrolmentBody(paperHost('hv-2', { tampering: [tampering] }))),
        'TPM_KEY_ATTRIBUTES_REFUSED',
      );
    }
    const host = paperHost('hv-2');
    const challenge = await open(await enrolmentBody(host));
    const path = { enrollmentId: challenge.enrollmentId };
    const activate = (secret: Uint8Array) =>
      server.operator.call('activateEnrollment', { path, body: { secret: encodeBase64(secret) } });
    await refuses(activate(new Uint8Array(32)), 'ENROLLMENT_SECRET_WRONG');
    const secret = await host.activate(decodeBase64(challenge.credentialBlob), decodeBase64(challenge.encryptedSecret));
    await refuses(activate(secret), 'ENROLLMENT_NOT_FOUND');
  });

  it('attack 36: another spelling of the same signature', async () => {
    // A certificate: other bytes, another digest, and still the same TPM.
    const body = await enrolmentBody(world.host.cloneAs('hv-2'));
    assert.ok(body.ekCertificate !== undefined);
    const respelt = encodeBase64(malleated(decodeBase64(body.ekCertificate)));
    assert.notEqual(respelt, body.ekCertificate);
    await refuses(open({ ...body, ekCertificate: respelt }), 'HOST_EK_ALREADY_ENROLLED', 409);
    // A certificate with it is as good as before, for its own host: identity is the key.
    await open({ ...(await enrolmentBody(world.host)), ekCertificate: respelt });
    // A quote: its challenge is spent, however the signature is spelt.
    const answer = await evidenceFor(world.host, await challengeFor(world.enrolled));
    await submit(world.enrolled, answer);
    await refuses(submit(world.enrolled, answer), 'CHALLENGE_NOT_FOUND', 409);
  });

  it('attack 37: keys whose private half can be computed, or whose signatures can be forged', async () => {
    const host = paperHost('hv-2', { ekType: 'rsa' });
    const body = await enrolmentBody(host);
    const area = parseTpm2bPublic(await host.ekPublic());
    assert.ok(area.type === 'rsa');
    const withKey = (change: object) => ({ ...body, ekPublic: encodeBase64(encodePublic({ ...area, ...change })) });
    await refuses(open(withKey({ modulus: flawedModulus(7n) })), 'TPM_KEY_ROCA', 422);
    await refuses(open(withKey({ exponent: 3 })), 'TPM_KEY_WEAK', 422);
  });

  it('attack 47: somebody else enrols first', async () => {
    const victim = paperHost('hv-2');
    const body = await enrolmentBody(paperHost('hv-2', { seed: 'thief' }));
    await refuses(server.client().call('createEnrollment', { body }), 'AUTH_REQUIRED', 401);
    const ekDigest = encodeHex(spkiDigest(verifyEndorsementKey(await victim.ekPublic()).public.publicKey));
    await server.operator.call('registerEk', { path: { ekDigest }, body: { label: 'rack 3', hostId: 'hv-2' } });
    await refuses(open(body), 'HOST_NAME_RESERVED', 409);
    await enrol(server, victim);
  });

  it('attack 48: a TPM whose EK is known to others', async () => {
    const { certificate } = await world.host.ekCertificates();
    assert.ok(certificate);
    const list = listBody('intermediate', { madeAt: server.now(), revoked: [certificate] });
    assert.equal((await importList(server.operator, list)).hosts, 1);
    assert.equal(await admitted(), 'deny');
    assert.ok(codesOf(await attest(world.enrolled, world.host)).includes('ENDORSEMENT_REVOKED'));
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'EK extracted' } });
    await refuses(open(await enrolmentBody(world.host)), 'X509_CERTIFICATE_REVOKED', 422);
  });
});
