// The other door: an initial attestation key (IAK), certified by the maker of the machine, vouches for the attestation key. On real
// software TPMs.
import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attest, enrol, openTpmDevice, type TpmDevice } from '../../../src/agent/index.ts';
import { spkiDigest } from '../../../src/core/crypto/index.ts';
import { decodeBase64, encodeBase64, encodeHex, encodePem, parsePem } from '../../../src/core/encoding/index.ts';
import {
  akTemplate,
  ekTemplates,
  encodePublic,
  nameOf,
  openCredential,
  parseTpm2bPublic,
  verifyEndorsementKey,
} from '../../../src/core/tpm/index.ts';
import { parseCertificate, type Certificate } from '../../../src/core/x509/index.ts';
import { checkDoors } from '../../../src/server/doctor/check-enrolment.ts';
import { importList } from '../../support/authority-lists.ts';
import { certifyIdentity, leaveIdentityKey } from '../../support/device-identity.ts';
import { makeCrl, makeIntermediate, makeRoot, pemOf } from '../../support/pki.ts';
import { refuses } from '../../support/problems.ts';
import { startTestTpm, type TestTpm } from '../../support/swtpm.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const root = makeRoot({ name: 'Machines root' });
const issuing = makeIntermediate(root, { name: 'Machines CA' });
const bootLog = 'test/fixtures/lab/boot/sb-on/binary_bios_measurements';
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('device identities', () => {
  let tpm: TestTpm;
  let other: TestTpm;
  let spki: Uint8Array;
  let iak: Certificate;
  let server: TestServer;
  let folder = '';
  before(async () => {
    [tpm, other] = await Promise.all([startTestTpm(), startTestTpm({ name: 'other' })]);
    spki = leaveIdentityKey(tpm);
    iak = certifyIdentity(issuing, spki);
  });
  after(async () => {
    await tpm.stop();
    await other.stop();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-iak-'));
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const start = async (deviceIdentity: string, more: object = {}) => {
    const settings = { enrolment: { deviceIdentity, ...more } };
    server = await startTestServer({ at: new Date(), settings });
    return server.operator.call('createTrustAnchor', { body: { name: 'machines', pem: root.pem, scope: 'platform' } });
  };
  const withDevice = async <T>(use: (device: TpmDevice) => Promise<T>, on = tpm, type: 'ecc' | 'rsa' = 'ecc') => {
    const paths = { eventLogPath: bootLog, imaLogPath: 'none', userspaceLogPath: 'none' };
    const device = await openTpmDevice({ address: on.address, ...paths, sleep: pause, akTemplate: akTemplate(type) });
    try {
      return await use(device);
    } finally {
      await device.close();
    }
  };
  const shown = async (device: TpmDevice, certificate = iak) => ({
    certificate: encodeBase64(certificate.der),
    chain: [encodeBase64(issuing.der)],
    publicArea: encodeBase64(await device.identityPublic(certificate.spki)),
  });
  /** Opens an enrolment as `hostName`, and returns it with the secret that the TPM opened. */
  const open = async (device: TpmDevice, hostName: string, certificate = iak) => {
    const [ekPublic, akPublic] = [encodeBase64(await device.ekPublic()), encodeBase64(await device.akPublic())];
    const body = { hostName, ekPublic, akPublic, deviceIdentity: await shown(device, certificate) };
    const challenge = await server.operator.call('createEnrollment', { body });
    const { credentialBlob, encryptedSecret, enrollmentId, certifyQualifyingData = '' } = challenge;
    const secret = await device.activate(decodeBase64(credentialBlob), decodeBase64(encryptedSecret));
    return { enrollmentId, secret: encodeBase64(secret), question: decodeBase64(certifyQualifyingData) };
  };
  const wire = ({ attest: bytes, signature }: { attest: Uint8Array; signature: Uint8Array }) => ({
    attest: encodeBase64(bytes),
    signature: encodeBase64(signature),
  });
  const finish = (
    { enrollmentId, secret }: { enrollmentId: string; secret: string },
    certification?: ReturnType<typeof wire>,
  ) =>
    server.operator.call('activateEnrollment', {
      path: { enrollmentId },
      body: { secret, ...(certification && { certification }) },
    });
  const enrolAs = (hostName: string, device: TpmDevice, certificate = iak) =>
    enrol({
      server: { baseUrl: server.url },
      token: server.operatorToken,
      device,
      hostName,
      stateDirectory: join(folder, hostName),
      deviceIdentity: { device, certificate, chain: [issuing.der] },
    });
  const endorsementOf = async (hostName: string, device: TpmDevice) => {
    const { verdict } = await attest({ device, stateDirectory: join(folder, hostName), server: {} });
    return verdict.findings.filter(({ check }) => check === 'endorsement').map(({ code }) => code);
  };

  it('are off by default, and required where the configuration says so', async () => {
    server = await startTestServer({ at: new Date() });
    await withDevice(async (device) => {
      await refuses(open(device, 'hv-1'), 'ENROLLMENT_DEVICE_IDENTITY_OFF', 403);
      await server.close();
      await start('required');
      const keys = { ekPublic: encodeBase64(await device.ekPublic()), akPublic: encodeBase64(await device.akPublic()) };
      const bare = server.operator.call('createEnrollment', { body: { hostName: 'hv-1', ...keys } });
      await refuses(bare, 'ENROLLMENT_DEVICE_IDENTITY_REQUIRED', 403);
      await enrolAs('hv-1', device);
    });
  });

  it('vouch for a TPM whose own maker nobody trusts, as long as their own anchor is trusted and the door is open', async () => {
    const anchor = await start('accepted');
    await withDevice(async (device) => {
      await enrolAs('hv-1', device);
      const host = await server.operator.call('getHost', { path: { hostId: 'hv-1' } });
      assert.deepEqual([host.ekVerified, host.ekAnchor], [true, 'machines']);
      assert.deepEqual([host.deviceIdentity?.serial, host.deviceIdentity?.subject], ['TPM-0815', 'CN=machine 7']);
      assert.ok(!(await endorsementOf('hv-1', device)).some((code) => code !== 'ENDORSEMENT_LENIENCY'));
      const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
      assert.match(String(items.find(({ action }) => action === 'host.enrolled')?.details['iak']), /^[0-9a-f]{64}$/);
      await enrolAs('hv-1', device);
      const withdrawn = { path: { anchorId: anchor.id }, body: { reason: 'x' } };
      assert.equal((await server.operator.call('withdrawTrustAnchor', withdrawn)).hosts, 1);
      assert.deepEqual(await endorsementOf('hv-1', device), ['ENDORSEMENT_MISSING']);
      await server.operator.call('createTrustAnchor', { body: { name: 'machines', pem: root.pem, scope: 'platform' } });
      assert.ok(!(await endorsementOf('hv-1', device)).includes('ENDORSEMENT_MISSING'), 'found again');
    });
  });

  it('say nothing for an EK certificate that nobody proved, when they take the place of a registration', async () => {
    await start('accepted');
    await withDevice(async (device) => {
      const { public: ek } = verifyEndorsementKey(await device.ekPublic());
      const ekDigest = encodeHex(spkiDigest(ek.publicKey));
      await server.operator.call('registerEk', { path: { ekDigest }, body: { label: 'rack 3' } });
      await enrolAs('hv-1', device);
      await server.operator.call('unregisterEk', { path: { ekDigest } });
      const { akCertificate = '' } = await attest({ device, stateDirectory: join(folder, 'hv-1'), server: {} });
      const { ekAnchor } = await server.operator.call('getHost', { path: { hostId: 'hv-1' } });
      assert.equal(ekAnchor, 'machines');
      const [certificate] = parsePem(akCertificate).map(({ bytes }) => parseCertificate(bytes));
      assert.ok(certificate);
      assert.equal(certificate.tpm?.manufacturer, undefined);
    });
  });

  it('end with their revocation', async () => {
    await start('accepted');
    await withDevice(async (device) => {
      await enrolAs('hv-1', device);
      const thisUpdate = server.now();
      const nextUpdate = new Date(thisUpdate.getTime() + 86_400_000);
      const list = makeCrl(issuing, { revoked: [{ ...issuing, certificate: iak }], thisUpdate, nextUpdate });
      const lists = [{ list: pemOf(list.der, 'X509 CRL') }];
      const body = { lists, issuers: encodePem('CERTIFICATE', issuing.der) };
      assert.equal((await importList(server.operator, body)).hosts, 1);
      assert.deepEqual(await endorsementOf('hv-1', device), ['ENDORSEMENT_REVOKED']);
      await refuses(enrolAs('hv-1', device), 'X509_CERTIFICATE_REVOKED', 422);
    });
  });

  it('make one TPM one host for ever: whatever EK and whichever of its certified keys it shows', async () => {
    await start('accepted');
    const second = certifyIdentity(
      issuing,
      leaveIdentityKey(tpm, { handle: '0x81020001', algorithm: 'rsa2048:rsassa-sha256:null' }),
    );
    await withDevice(async (device) => {
      await enrolAs('hv-1', device);
      await refuses(enrolAs('hv-2', device), 'HOST_EK_ALREADY_ENROLLED', 409);
      const pretended = pretendedEk(device);
      await refuses(enrolAs('hv-2', pretended), 'HOST_EK_ALREADY_ENROLLED', 409);
      await refuses(enrolAs('hv-2', pretended, second), 'HOST_EK_ALREADY_ENROLLED', 409);
      await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'x' } });
      await refuses(enrolAs('hv-2', pretended), 'HOST_EK_ALREADY_ENROLLED', 409);
    });
  });

  it('are queued by their own key, so that a rejected TPM does not come back with another EK', async () => {
    await start('accepted', { approval: 'queue' });
    const joiner = await server.token('joiner');
    const ask = (device: TpmDevice) =>
      enrol({
        server: { baseUrl: server.url },
        token: joiner,
        device,
        hostName: 'hv-1',
        stateDirectory: join(folder, 'hv-1'),
        deviceIdentity: { device, certificate: iak, chain: [issuing.der] },
      });
    await withDevice(async (device) => {
      await assert.rejects(ask(device), { code: 'AGENT_APPROVAL_PENDING' });
      const { items } = await server.operator.call('listPendingHosts', {});
      assert.equal(items.length, 1);
      const path = { pendingId: items[0]?.id ?? '' };
      await server.operator.call('rejectPendingHost', { path, body: { reason: 'not ours' } });
      await refuses(ask(device), 'ENROLLMENT_REJECTED', 403);
      await refuses(ask(pretendedEk(device)), 'ENROLLMENT_REJECTED', 403);
    });
  });

  it('are approved and denied by rules that name who vouches', async () => {
    const joins = async (effect: 'approve' | 'deny', hostName: string) => {
      const rules = [{ name: 'ours', effect, when: { endorser: 'machines' } }];
      await start('accepted', { approval: 'queue', rules });
      const token = await server.token('joiner');
      return withDevice((device) =>
        enrol({
          server: { baseUrl: server.url },
          token,
          device,
          hostName,
          stateDirectory: join(folder, hostName),
          deviceIdentity: { device, certificate: iak, chain: [issuing.der] },
        }),
      );
    };
    assert.equal((await joins('approve', 'hv-1')).hostId, 'hv-1');
    await server.close();
    await refuses(joins('deny', 'hv-2'), 'ENROLLMENT_DENIED', 403);
  });

  it('are warned of by the doctor where a TPM could use both doors', () => {
    const { enrolment } = server.config;
    assert.equal(checkDoors({ ...enrolment, deviceIdentity: 'accepted' }).ok, false);
    for (const deviceIdentity of ['off', 'required'] as const)
      assert.equal(checkDoors({ ...enrolment, deviceIdentity }).ok, true);
  });

  describe('do not vouch by', () => {
    it('the IAK of another TPM', async () => {
      await start('accepted');
      const stolen = certifyIdentity(issuing, leaveIdentityKey(other), { serial: 'TPM-0816' });
      const stolenPublic = await withDevice((device) => device.identityPublic(stolen.spki), other);
      await withDevice(async (device) => {
        const thief = proxy(device, { identityPublic: () => Promise.resolve(stolenPublic) });
        const opened = await open(thief, 'hv-1', stolen);
        await refuses(
          finish(opened, wire(await device.certifyAk(spki, opened.question))),
          'TPM_SIGNATURE_INVALID',
          422,
        );
      });
    });

    it('a statement about another key, or one made for another enrolment', async () => {
      await start('accepted');
      const first = await withDevice((device) => open(device, 'hv-1'), tpm, 'rsa');
      const ofOther = await withDevice((device) => device.certifyAk(spki, first.question));
      await refuses(finish(first, wire(ofOther)), 'TPM_CERTIFY_NAME_MISMATCH', 422);
      await withDevice(async (device) => {
        const before = await open(device, 'hv-1');
        const used = wire(await device.certifyAk(spki, before.question));
        await finish(before, used);
        await refuses(finish(await open(device, 'hv-1'), used), 'TPM_QUALIFYING_DATA_MISMATCH', 422);
      });
    });

    it('nothing at all, or a quote in its place', async () => {
      await start('accepted');
      await withDevice(async (device) => {
        await refuses(finish(await open(device, 'hv-1')), 'ENROLLMENT_CERTIFICATION_MISSING', 422);
        const opened = await open(device, 'hv-1');
        const quoted = await device.getTime(opened.question);
        await refuses(finish(opened, wire(quoted)), 'TPM_SIGNATURE_INVALID', 422);
        assert.deepEqual((await server.operator.call('listHosts', {})).items, []);
      });
    });

    it('a key that is not restricted, whatever its certificate says', async () => {
      await start('accepted');
      const idevid = leaveIdentityKey(tpm, { handle: '0x81020002', restricted: false });
      await withDevice(async (device) => {
        const certified = certifyIdentity(issuing, idevid);
        await refuses(open(device, 'hv-1', certified), 'TPM_KEY_ATTRIBUTES_REFUSED', 422);
        // A lie about its attributes: then the certificate has to say it, and that of an IDevID does not.
        const area = parseTpm2bPublic(await device.identityPublic(idevid));
        const lie = encodePublic({ ...area, attributes: area.attributes | 0x00010000 });
        const liar = proxy(device, {
          identityPublic: () => Promise.resolve(Uint8Array.of(lie.length >> 8, lie.length & 255, ...lie)),
        });
        const honest = certifyIdentity(issuing, idevid, { restrictedBy: 'nothing' });
        await refuses(open(liar, 'hv-1', honest), 'X509_DEVICE_KEY_UNRESTRICTED', 422);
      });
    });

    it('a certificate that has ended, leads to an unknown root, or to the root of a TPM maker', async () => {
      await start('accepted');
      await withDevice(async (device) => {
        const ended = certifyIdentity(issuing, spki, { notAfter: new Date('2026-02-01T00:00:00Z') });
        await refuses(open(device, 'hv-1', ended), 'X509_PATH_EXPIRED', 422);
        const stranger = makeRoot({ name: 'Stranger' });
        await refuses(open(device, 'hv-1', certifyIdentity(stranger, spki)), 'X509_PATH_NO_ANCHOR', 422);
        await server.operator.call('createTrustAnchor', {
          body: { name: 'a TPM maker', pem: stranger.pem, scope: 'virtual' },
        });
        await refuses(open(device, 'hv-1', certifyIdentity(stranger, spki)), 'X509_PATH_NO_ANCHOR', 422);
      });
    });
  });
});

/** `device` with some methods exchanged; its own keep working on its own private members. */
function proxy(device: TpmDevice, changes: Partial<TpmDevice>): TpmDevice {
  return new Proxy(device, {
    get: (target, name) => {
      const member: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name, target);
      return typeof member === 'function' && !(name in changes) ? (member.bind(target) as unknown) : member;
    },
  });
}

/** A host that has a real TPM and says that an EK is its own which it made itself: what root of a host can always do. */
function pretendedEk(device: TpmDevice): TpmDevice {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'));
  const [template] = ekTemplates;
  assert.ok(template?.area.type === 'rsa');
  const area = encodePublic({ ...template.area, modulus });
  return proxy(device, {
    ekPublic: () => Promise.resolve(Uint8Array.of(area.length >> 8, area.length & 255, ...area)),
    ekCertificates: () => Promise.resolve({ certificate: undefined, chain: [] }),
    activate: async (credentialBlob, encryptedSecret) => {
      const oaep = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
      const label = Buffer.from('IDENTITY\0');
      const seed = new Uint8Array(privateDecrypt({ ...oaep, oaepLabel: label }, encryptedSecret.subarray(2)));
      const akName = nameOf(parseTpm2bPublic(await device.akPublic()));
      return openCredential({ nameAlg: 'sha256', symmetricBits: 128, seed, akName }, credentialBlob);
    },
  });
}
