// Certificates of attestation keys as others judge them: openssl reads the profile, and verifies with the list.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeHex, encodePem, parsePem } from '../../../src/core/encoding/index.ts';
import { hash, spkiDigest } from '../../../src/core/crypto/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import { parseCertificate, parseCrl } from '../../../src/core/x509/index.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';
import { attest, authority, enrol, paperHost, trustSimulator, type EnrolledHost } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('certificates of attestation keys', () => {
  let server: TestServer;
  let folder: string;
  const host = paperHost('hv-1');
  let enrolled: EnrolledHost;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-ak-'));
    server = await startTestServer({ settings: { attestationCa: { crlUrl: 'https://pki.example/ak.crl' } } });
    await trustSimulator(server);
    enrolled = await enrol(server, host);
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const derOf = (pem: string): Uint8Array => parsePem(pem)[0]?.bytes ?? new Uint8Array();
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const fetchRaw = async (operation: 'getAttestationCaCertificate' | 'getAttestationCaCrl', accept: string) =>
    (await server.client().callRaw(operation, { headers: { accept } })).body;
  const fetchCrl = () => fetchRaw('getAttestationCaCrl', 'application/pkix-crl');
  const fetchCa = () => fetchRaw('getAttestationCaCertificate', 'application/pkix-cert');
  /** What `openssl verify -crl_check` says at the server's time. */
  const opensslVerify = async (pem: string): Promise<string> => {
    const ca = write('ca.pem', encodePem('CERTIFICATE', await fetchCa()));
    const crl = write('ca.crl', encodePem('X509 CRL', await fetchCrl()));
    const files = ['-CAfile', ca, '-CRLfile', crl, '-crl_check', '-x509_strict'];
    const at = String(server.now().getTime() / 1000);
    const leaf = write('ak.pem', pem);
    const { stdout, stderr } = spawnSync('openssl', ['verify', ...files, '-attime', at, leaf], { encoding: 'utf8' });
    return stdout + stderr;
  };

  it('have the profile of an attestation key, as openssl reads it', () => {
    const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: enrolled.akCertificate }).toString();
    assert.match(text, /Version: 3/);
    assert.match(text, /Issuer: O = Touchstone, CN = Attestation CA of test\.example/);
    assert.match(text, /Subject: CN = hv-1/);
    assert.match(text, /Basic Constraints: critical\s+CA:FALSE/);
    assert.match(text, /Key Usage: critical\s+Digital Signature\n/);
    assert.match(text, /Extended Key Usage:\s+2\.23\.133\.8\.3\n/);
    assert.match(text, /URI:urn:touchstone:host:hv-1/);
    assert.match(text, /DirName:/);
    assert.match(text, /CRL Distribution Points:\s+Full Name:\s+URI:https:\/\/pki\.example\/ak\.crl/);
    assert.match(text, /Authority Key Identifier/);
    const { notBefore, notAfter } = parseCertificate(derOf(enrolled.akCertificate));
    assert.equal(notAfter.getTime() - server.now().getTime(), 48 * 3_600_000);
    assert.ok(notBefore < server.now());
  });

  it('name the make of a TPM where its maker says it, and nowhere else', async () => {
    const makeIn = ({ akCertificate }: EnrolledHost) => parseCertificate(derOf(akCertificate)).tpm?.manufacturer;
    assert.notEqual(makeIn(enrolled), undefined);
    const open = await startTestServer({ settings: { enrolment: { allowUnverifiedEk: true } } });
    const [unverified, registered] = ['hv-2', 'hv-3'].map((name) =>
      paperHost(name, { tampering: ['foreign-authority'] }),
    );
    assert.ok(unverified && registered);
    const register = async (at: TestServer, claimant: PaperHost): Promise<void> => {
      const ekDigest = encodeHex(spkiDigest(verifyEndorsementKey(await claimant.ekPublic()).public.publicKey));
      await at.operator.call('registerEk', { path: { ekDigest }, body: { label: 'rack 3' } });
    };
    await register(open, registered);
    for (const claimant of [unverified, registered]) assert.equal(makeIn(await enrol(open, claimant)), undefined);
    await open.close();
    const proven = paperHost('hv-4');
    await register(server, proven);
    assert.notEqual(makeIn(await enrol(server, proven)), undefined);
  });

  it('stand with the published list until the host is released, and are on it from then on', async () => {
    assert.match(await opensslVerify(enrolled.akCertificate), /ak\.pem: OK/);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'retired' } });
    assert.match(await opensslVerify(enrolled.akCertificate), /certificate revoked/);
    const text = execFileSync('openssl', ['crl', '-noout', '-text'], {
      input: encodePem('X509 CRL', await fetchCrl()),
    });
    assert.match(text.toString(), /CRL Number:/);
    assert.match(text.toString(), /CRL Reason Code:\s+Cessation Of Operation/i);
  });

  it('are renewed by an attestation after half of their life, and never by one that proves nothing', async () => {
    assert.equal((await attest(enrolled, host)).akCertificate, undefined);
    server.advance(24 * 3600);
    for (const tampering of ['broken-signature', 'rolled-back'] as const) {
      host.tamper(tampering);
      assert.equal((await attest(enrolled, host)).akCertificate, undefined, tampering);
    }
    host.tamper();
    const { akCertificate = '' } = await attest(enrolled, host);
    const [old, renewed] = [enrolled.akCertificate, akCertificate].map((pem) => parseCertificate(derOf(pem)));
    assert.ok(old && renewed && old.serialHex !== renewed.serialHex && renewed.notAfter > old.notAfter);
    assert.equal(encodeHex(old.spki), encodeHex(renewed.spki));
    assert.equal((await attest(enrolled, host)).akCertificate, undefined);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'retired' } });
    for (const pem of [enrolled.akCertificate, akCertificate]) {
      assert.match(await opensslVerify(pem), /certificate revoked/);
    }
  });

  it('are revoked with the endorser of the TPM, and come back with another endorser', async () => {
    const anchorId = encodeHex(hash('sha256', authority.rootCertificate));
    await server.operator.call('withdrawTrustAnchor', { path: { anchorId }, body: { reason: 'stolen' } });
    assert.match(await opensslVerify(enrolled.akCertificate), /certificate revoked/);
    assert.equal((await attest(enrolled, host)).akCertificate, undefined);
    await trustSimulator(server);
    const { akCertificate = '' } = await attest(enrolled, host);
    assert.match(await opensslVerify(akCertificate), /ak\.pem: OK/);
    assert.match(await opensslVerify(enrolled.akCertificate), /certificate revoked/);
  });

  it('are revoked at once by a quarantine, by name or by labels given later, and come back when it is over', async () => {
    const { operator } = server;
    const { id } = await operator.call('createQuarantine', { body: { hosts: { names: ['hv-1'] }, reason: 'suspect' } });
    assert.match(await opensslVerify(enrolled.akCertificate), /certificate revoked/);
    server.advance(60);
    assert.equal((await attest(enrolled, host)).akCertificate, undefined);
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'clean' } });
    const { akCertificate: second = '' } = await attest(enrolled, host);
    assert.match(await opensslVerify(second), /ak\.pem: OK/);
    const rack = { hosts: { labels: { rack: 'b7' } }, reason: 'suspect', expiresInSeconds: 3600 };
    await operator.call('createQuarantine', { body: rack });
    assert.match(await opensslVerify(second), /ak\.pem: OK/);
    await server.operator.call('setHostLabels', { path: { hostId: 'hv-1' }, body: { labels: { rack: 'b7' } } });
    assert.match(await opensslVerify(second), /certificate revoked/);
    assert.equal((await attest(enrolled, host)).akCertificate, undefined);
    server.advance(3600);
    assert.match(await opensslVerify((await attest(enrolled, host)).akCertificate ?? ''), /ak\.pem: OK/);
    for (const pem of [enrolled.akCertificate, second]) assert.match(await opensslVerify(pem), /certificate revoked/);
  });

  it('are revoked when the host enrols again, and the new one too where the host is in quarantine', async () => {
    const again = await enrol(server, host);
    assert.match(await opensslVerify(enrolled.akCertificate), /certificate revoked/);
    assert.match(await opensslVerify(again.akCertificate), /ak\.pem: OK/);
    await server.operator.call('createQuarantine', { body: { hosts: { names: ['hv-1'] }, reason: 'suspect' } });
    const third = await enrol(server, host);
    for (const { akCertificate } of [again, third]) {
      assert.match(await opensslVerify(akCertificate), /certificate revoked/);
    }
    assert.equal((await attest(third, host)).akCertificate, undefined);
  });

  it('have a list that is fresh whenever it is asked for, is signed anew only when it must, and forgets what expired', async () => {
    const first = parseCrl(await fetchCrl());
    assert.equal(first.revoked.size, 0);
    assert.equal((first.nextUpdate?.getTime() ?? 0) - first.thisUpdate.getTime(), 24 * 3_600_000);
    server.advance(60);
    assert.deepEqual(parseCrl(await fetchCrl()).der, first.der);
    server.advance(6 * 3600);
    assert.ok(parseCrl(await fetchCrl()).thisUpdate > first.thisUpdate);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'retired' } });
    const { serialHex } = parseCertificate(derOf(enrolled.akCertificate));
    assert.deepEqual([...parseCrl(await fetchCrl()).revoked.keys()], [serialHex]);
    await server.restart();
    assert.deepEqual([...parseCrl(await fetchCrl()).revoked.keys()], [serialHex]);
    server.advance(4 * 86_400);
    assert.equal(parseCrl(await fetchCrl()).revoked.size, 0);
  });
});
