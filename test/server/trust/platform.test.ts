// Platform certificates: what a maker of machines says of one, bound to the TPM that the host enrolled with.
import assert from 'node:assert/strict';
import { encodeSpki, spkiDigest } from '../../../src/core/crypto/index.ts';
import { encodeBase64, encodeHex, encodePem } from '../../../src/core/encoding/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import { parseCertificate } from '../../../src/core/x509/index.ts';
import {
  applyPolicy,
  approveBoot,
  attest,
  authorise,
  authority,
  enrol,
  paperHost,
  trustSimulator,
} from '../../support/paper-story.ts';
import { makeIntermediate, makeRoot } from '../../support/pki.ts';
import { holderOf, makePlatform, type PlatformParts } from '../../support/platform-certificate.ts';
import { refuses } from '../../support/problems.ts';
import { makeRaw } from '../../support/raw-certificate.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const root = makeRoot({ name: 'Machines root' });
const issuing = makeIntermediate(root, { name: 'Machines CA' });

async function ekOf(host: ReturnType<typeof paperHost>) {
  const { certificate } = await host.ekCertificates();
  assert.ok(certificate);
  return parseCertificate(certificate);
}

describe('platform certificates', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
    await trustSimulator(server);
  });
  afterEach(() => server.close());

  const trustMachines = (pem = root.pem) =>
    server.operator.call('createTrustAnchor', { body: { name: 'machines', pem, scope: 'platform' } });
  const certified = async (name: string, changes: Partial<PlatformParts> = {}) => {
    const host = paperHost(name);
    return {
      host,
      platformCertificates: [makePlatform(issuing, await ekOf(host), changes), issuing.der].map(encodeBase64),
    };
  };
  const show = async (hostId: string) => (await server.operator.call('getHost', { path: { hostId } })).platform;
  const demand = (id = 'fleet') => applyPolicy(server, id, { platformCertificate: 'required' });
  const platformCodes = async (...args: Parameters<typeof attest>) => {
    const { verdict } = await attest(...args);
    const codes = verdict.findings.filter(({ check }) => check === 'platform').map(({ code }) => code);
    return [verdict.status, ...codes];
  };
  /** A boot that the goldens in force approve. */
  const approve = async (name: string) => {
    const { host, platformCertificates } = await certified(name);
    const enrolled = await enrol(server, host, undefined, { platformCertificates });
    await attest(enrolled, host);
    await approveBoot(server, name, [await authorise(server, 'alice'), await authorise(server, 'bob')]);
    return { host, enrolled };
  };

  it('are stored, and shown with machine and parts once their maker is trusted', async () => {
    const { host, platformCertificates } = await certified('hv-1');
    await enrol(server, host, undefined, { platformCertificates });
    assert.deepEqual([(await show('hv-1'))?.proven, (await show('hv-1'))?.code], [false, 'X509_PATH_NOTHING_TO_TRUST']);
    await trustMachines();
    const shown = await show('hv-1');
    assert.deepEqual(
      [shown?.proven, shown?.anchor, shown?.model, shown?.serial],
      [true, 'machines', 'TM-1000', 'SN-0042'],
    );
    assert.deepEqual(
      shown?.components?.map(({ model }) => model),
      ['D1', 'M2'],
    );
    await server.restart();
    assert.equal((await show('hv-1'))?.proven, true);
  });

  it('satisfy a policy that demands one, and only while they are proven', async () => {
    const { host, enrolled } = await approve('hv-1');
    await demand();
    assert.deepEqual(await platformCodes(enrolled, host), ['contraindicated', 'PLATFORM_CERTIFICATE_REFUSED']);
    const { id } = await trustMachines();
    assert.deepEqual(await platformCodes(enrolled, host), ['affirming', 'PLATFORM_CERTIFICATE_PROVEN']);
    await server.operator.call('withdrawTrustAnchor', { path: { anchorId: id }, body: { reason: 'x' } });
    assert.deepEqual(await platformCodes(enrolled, host), ['contraindicated', 'PLATFORM_CERTIFICATE_REFUSED']);
  });

  it('that a policy demands deny a host without one, which enrols again with it and keeps its name', async () => {
    await approve('hv-0');
    await trustMachines();
    await demand();
    const { host, platformCertificates } = await certified('hv-1');
    const bare = await enrol(server, host);
    assert.deepEqual(await platformCodes(bare, host), ['contraindicated', 'PLATFORM_CERTIFICATE_ABSENT']);
    assert.equal(await show('hv-1'), undefined);
    const again = await enrol(server, host, undefined, { platformCertificates });
    assert.deepEqual(await platformCodes(again, host), ['affirming', 'PLATFORM_CERTIFICATE_PROVEN']);
  });

  it('change nothing where no policy demands them', async () => {
    const { host, enrolled } = await approve('hv-1');
    await applyPolicy(server);
    assert.deepEqual(await platformCodes(enrolled, host), ['affirming']);
  });

  it('of another TPM, expired or forged are shown as refused, with the reason', async () => {
    await trustMachines();
    const other = await ekOf(paperHost('hv-9'));
    const cases: readonly (readonly [string, Partial<PlatformParts>, string])[] = [
      ['hv-1', { holder: holderOf(other) }, 'X509_PLATFORM_HOLDER_OTHER'],
      ['hv-2', { notAfter: '20260102000000Z' }, 'X509_PATH_EXPIRED'],
      ['hv-3', { sign: () => Uint8Array.of(1) }, 'X509_PATH_SIGNATURE_INVALID'],
    ];
    for (const [name, changes, code] of cases) {
      const { host, platformCertificates } = await certified(name, changes);
      await enrol(server, host, undefined, { platformCertificates });
      assert.deepEqual([(await show(name))?.proven, (await show(name))?.code], [false, code]);
    }
  });

  it('are not proven by an EK certificate that the host wrote itself, though an operator registered its key', async () => {
    await trustMachines();
    const genuine = await ekOf(paperHost('hv-1'));
    const thief = paperHost('hv-2');
    const { publicKey } = verifyEndorsementKey(await thief.ekPublic()).public;
    const ekDigest = encodeHex(spkiDigest(publicKey));
    await server.operator.call('registerEk', { path: { ekDigest }, body: { label: 'ours' } });
    const forged = makeRaw(root, {
      spki: encodeSpki(publicKey),
      issuer: genuine.issuerDer,
      serial: Buffer.from(genuine.serialHex, 'hex'),
    }).der;
    const platformCertificates = [makePlatform(issuing, genuine), issuing.der].map(encodeBase64);
    const host = { ...thief, ekCertificates: () => Promise.resolve({ certificate: forged, chain: [] }) };
    await enrol(server, host, undefined, { platformCertificates });
    assert.deepEqual((await show('hv-2'))?.code, 'X509_PLATFORM_HOLDER_UNPROVEN');
  });

  it('that nobody can read are refused at enrolment', async () => {
    const platformCertificates = [encodeBase64(Uint8Array.of(0x30, 0))];
    const sent = enrol(server, paperHost('hv-1'), undefined, { platformCertificates });
    await refuses(sent, 'X509_CERTIFICATE_MALFORMED', 400);
  });

  it('lead to roots of machines only, and those endorse no TPM', async () => {
    const { host, platformCertificates } = await certified('hv-1');
    await enrol(server, host, undefined, { platformCertificates });
    await server.operator.call('createTrustAnchor', {
      body: { name: 'as a TPM maker', pem: root.pem, scope: 'virtual' },
    });
    assert.equal((await show('hv-1'))?.code, 'X509_PATH_NOTHING_TO_TRUST');
    const { id } =
      (await server.operator.call('listTrustAnchors', {})).items.find(({ name }) => name === 'simulator') ??
      assert.fail();
    await server.operator.call('withdrawTrustAnchor', { path: { anchorId: id }, body: { reason: 'x' } });
    const pem = encodePem('CERTIFICATE', authority.rootCertificate);
    await trustMachines(pem);
    await refuses(enrol(server, paperHost('hv-2')), 'X509_PATH_NO_ANCHOR', 422);
  });

  it('that a draft policy would demand are looked at by what-if, host by host', async () => {
    await approve('hv-1');
    await trustMachines();
    await applyPolicy(server);
    const bare = paperHost('hv-2');
    const enrolled = await enrol(server, bare);
    await attest(enrolled, bare);
    const { layers, verdictSeconds } = await server.operator.call('getPolicy', { path: { policyId: 'fleet' } });
    const policy = { layers, verdictSeconds, hosts: { all: true as const }, platformCertificate: 'required' as const };
    const body = { policies: [{ id: 'fleet', policy }] };
    const { lost, stillTrusted, groups } = await server.operator.call('askWhatIf', { body });
    assert.deepEqual([lost, stillTrusted], [1, 1]);
    assert.deepEqual(groups.find(({ kind }) => kind === 'lost')?.hosts, ['hv-2']);
  });

  it('lead to a root whose withdrawal what-if weighs, for the hosts whose machines it vouches for', async () => {
    await approve('hv-1');
    const { id } = await trustMachines();
    await demand();
    const withdrawal = { withdrawAnchors: [id] };
    const { groups } = await server.operator.call('askWhatIf', { body: withdrawal });
    assert.deepEqual(
      groups.map(({ kind, hosts, reason }) => [kind, hosts, reason?.code]),
      [['lost', ['hv-1'], 'PLATFORM_CERTIFICATE_REFUSED']],
    );
  });
});
