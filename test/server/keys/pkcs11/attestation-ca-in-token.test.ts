// The key of the attestation CA in a real PKCS#11 token: the server issues with it, OpenSSL verifies, and hosts are attested
// whatever becomes of the token.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodePem } from '../../../../src/core/encoding/index.ts';
import { doctor } from '../../../../src/server/index.ts';
import { attest, enrol, paperHost, trustSimulator } from '../../../support/paper-story.ts';
import { forkTheBuild } from '../../../support/program.ts';
import { createSoftHsm, type KeyOptions, type SoftHsm } from '../../../support/soft-hsm.ts';
import { startTestServer, type TestServer } from '../../../support/test-server.ts';

describe('the key of the attestation CA in a PKCS#11 token', () => {
  let hsm: SoftHsm;
  let folder: string;
  let server: TestServer | undefined;
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): string => execFileSync('openssl', args, { stdio: 'pipe' }).toString();

  let forkAsBefore: () => void;
  before(() => (forkAsBefore = forkTheBuild()));
  after(() => forkAsBefore());
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-token-'));
    const names = ['-subj', '/O=Example/CN=Example root', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', file('root.pem'), '-nodes'];
    openssl('req', '-x509', ...key, ...names, '-days', '36500', '-out', file('root.crt'));
  });
  beforeEach(() => {
    hsm = createSoftHsm();
    writeFileSync(file('pin'), `${hsm.pin}\n`, { mode: 0o600 });
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    hsm.remove();
  });
  after(() => rmSync(folder, { recursive: true }));

  /** A key in the token, and a certificate for it from the root. */
  const makeCa = (options: KeyOptions = {}): void => certify(hsm.makeKey(options));
  const certify = (publicKey: string): void => {
    writeFileSync(file('ca.pub'), publicKey);
    const usage = 'keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid';
    writeFileSync(file('ca.ext'), `basicConstraints=critical,CA:TRUE,pathlen:0\n${usage}\n`);
    const subject = ['-subj', '/O=Example/CN=Example attestation CA', '-extfile', file('ca.ext'), '-days', '36500'];
    const by = ['-CA', file('root.crt'), '-CAkey', file('root.pem'), '-CAcreateserial'];
    openssl('x509', '-new', '-force_pubkey', file('ca.pub'), ...subject, ...by, '-out', file('ca.crt'));
  };
  const settings = (more: object = {}) => ({
    attestationCa: {
      certificateFile: file('ca.crt'),
      pkcs11: {
        module: hsm.module,
        tokenLabel: hsm.token,
        keyLabel: 'attestation-ca',
        pinFile: file('pin'),
        retrySeconds: 1,
        ...more,
      },
    },
  });
  // The CA was made today.
  const start = async (more: object = {}): Promise<TestServer> => {
    server = await startTestServer({ settings: settings(more), at: new Date(Date.now() + 60_000) });
    await trustSimulator(server);
    return server;
  };
  const problemOf = ({ running }: TestServer): string =>
    running.shortcomings.find(({ name }) => name === 'attestation-ca')?.message ?? 'none';
  const fetchCrl = async (from: TestServer): Promise<Uint8Array> =>
    (await from.client().callRaw('getAttestationCaCrl', { headers: { accept: 'application/pkix-crl' } })).body;
  /** What OpenSSL says of a certificate, with the list of the server, at the server's time. */
  const verify = async (from: TestServer, pem: string): Promise<string> => {
    writeFileSync(file('ak.pem'), pem);
    writeFileSync(file('ak.crl'), encodePem('X509 CRL', await fetchCrl(from)));
    const at = String(Math.floor(from.now().getTime() / 1000));
    const path = ['-CAfile', file('root.crt'), '-untrusted', file('ca.crt'), '-CRLfile', file('ak.crl')];
    const { stdout, stderr } = spawnSync('openssl', ['verify', ...path, '-crl_check', '-attime', at, file('ak.pem')]);
    return `${stdout.toString()}${stderr.toString()}`;
  };
  const pidsOfKeyProcesses = (): readonly number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => isKeyProcess(pid))
      .map(Number);

  for (const kind of ['p256', 'p384', 'rsa3072'] as const) {
    it(`may be ${kind}: OpenSSL verifies what it signs, and the revocation list`, async () => {
      makeCa({ kind });
      const at = await start();
      const { akCertificate } = await enrol(at, paperHost('hv-1'));
      assert.match(await verify(at, akCertificate), /ak\.pem: OK/);
      const check = ['crl', '-in', file('ak.crl'), '-CAfile', file('ca.crt'), '-noout'];
      assert.match(spawnSync('openssl', check, { encoding: 'utf8' }).stderr, /verify OK/);
      await at.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'retired' } });
      assert.match(await verify(at, akCertificate), /certificate revoked/);
    });
  }

  it('never leaves the token: it can be named by id, and whoever is logged in may not read it', async () => {
    makeCa();
    const id = Buffer.from('attestation-ca').toString('hex');
    const at = await start({ keyLabel: undefined, keyId: id });
    assert.match(await verify(at, (await enrol(at, paperHost('hv-1'))).akCertificate), /ak\.pem: OK/);
    assert.equal(hsm.askForValue('attestation-ca'), 'CKR_ATTRIBUTE_SENSITIVE');
    makeCa({ label: 'leaky', extractable: true });
    await at.close();
    assert.match(problemOf(await start({ keyLabel: 'leaky' })), /PKCS11_KEY_UNSUITABLE: .*can leave the token/);
  });

  const faults: readonly (readonly [title: string, fault: () => object, problem: RegExp])[] = [
    [
      'the module is missing',
      () => ({ module: '/nowhere/pkcs11.so' }),
      /PKCS11_MODULE_UNUSABLE: \/nowhere\/pkcs11\.so/,
    ],
    ['the module is no library', () => ({ module: file('pin') }), /PKCS11_MODULE_UNUSABLE/],
    ['the token is absent', () => ({ tokenLabel: 'other' }), /PKCS11_TOKEN_ABSENT: .*other; present: touchstone \(/],
    ['the key is absent', () => ({ keyLabel: 'other' }), /PKCS11_KEY_ABSENT: .*no private key called other/],
    [
      'two keys have the name',
      () => (hsm.makeKey(), {}),
      /PKCS11_KEY_ABSENT: .*more than one private key called attestation-ca/,
    ],
    [
      'the key may not sign',
      () => (hsm.makeKey({ label: 'x', maySign: false }), { keyLabel: 'x' }),
      /PKCS11_KEY_UNSUITABLE: .*may not sign/,
    ],
    [
      'the key is of another kind than its certificate says',
      () => (hsm.makeKey({ label: 'x', kind: 'rsa3072' }), { keyLabel: 'x' }),
      /PKCS11_KEY_UNSUITABLE: .*another kind/,
    ],
    [
      'the certificate is of another key',
      () => (hsm.makeKey({ label: 'x' }), { keyLabel: 'x' }),
      /PKCS11_KEY_UNSUITABLE: .*is not the certificate of the key/,
    ],
  ];
  for (const [title, fault, problem] of faults) {
    it(`is missed where ${title}, and the hosts are attested all the same`, async () => {
      makeCa();
      const at = await start(fault());
      assert.match(problemOf(at), problem);
      const host = paperHost('hv-1');
      const enrolled = await enrol(at, host);
      assert.equal(enrolled.akCertificate, '');
      const { verdict, akCertificate } = await attest(enrolled, host);
      assert.equal(verdict.boot?.epoch, 'first');
      assert.equal(akCertificate, undefined);
      await assert.rejects(fetchCrl(at), (error: Error & { status?: number; code?: string }) => {
        assert.equal(error.status, 503);
        assert.match(error.code ?? '', /^PKCS11_/);
        return true;
      });
    });
  }

  it('is not asked for twice with a wrong PIN, which nobody gets to see', async () => {
    makeCa();
    writeFileSync(file('pin'), '99999999');
    const at = await start();
    assert.match(problemOf(at), /PKCS11_PIN_WRONG: .*CKR_PIN_INCORRECT/);
    assert.doesNotMatch(problemOf(at), /99999999/);
    writeFileSync(file('pin'), hsm.pin);
    const host = paperHost('hv-1');
    const enrolled = await enrol(at, host);
    assert.equal(enrolled.akCertificate, '');
    await at.restart();
    assert.equal(problemOf(at), 'none');
    const { akCertificate = '' } = await attest(
      { ...enrolled, client: at.client(enrolled.token, enrolled.prove) },
      host,
    );
    assert.match(await verify(at, akCertificate), /ak\.pem: OK/);
  });

  it('is found again when the process of its module was killed, without an error', async () => {
    makeCa();
    const at = await start();
    const [before = 0] = pidsOfKeyProcesses();
    assert.notEqual(before, 0);
    process.kill(before, 'SIGKILL');
    const { akCertificate } = await enrol(at, paperHost('hv-1'));
    assert.match(await verify(at, akCertificate), /ak\.pem: OK/);
    const now = pidsOfKeyProcesses();
    assert.ok(now.length === 1 && now[0] !== before);
    await at.close();
    server = undefined;
    assert.deepEqual(pidsOfKeyProcesses(), []);
  });

  it('may be lost and come back: meanwhile hosts are attested and the last list is given', async () => {
    makeCa();
    const at = await start();
    const host = paperHost('hv-1');
    const enrolled = await enrol(at, host);
    const list = await fetchCrl(at);
    at.advance(24 * 3600);
    hsm.setPresent(false);
    pidsOfKeyProcesses().forEach((pid) => process.kill(pid, 'SIGKILL'));
    const lost = await attest(enrolled, host);
    assert.ok(lost.verdict.boot);
    assert.equal(lost.akCertificate, undefined);
    await assert.rejects(fetchCrl(at), { code: 'PKCS11_TOKEN_ABSENT' });
    hsm.setPresent(true);
    let akCertificate: string | undefined;
    for (let turn = 0; turn < 40 && akCertificate === undefined; turn += 1) {
      await sleep(250);
      ({ akCertificate } = await attest(enrolled, host));
    }
    assert.match(await verify(at, akCertificate ?? ''), /ak\.pem: OK/);
    assert.notDeepEqual(await fetchCrl(at), list);
  });

  it('does not keep the server waiting for longer than it may', async () => {
    makeCa();
    const at = await start({ timeoutSeconds: 8 });
    const list = await fetchCrl(at);
    at.advance(12 * 3600);
    for (const pid of pidsOfKeyProcesses()) process.kill(pid, 'SIGSTOP');
    // A quarter of its life has passed, so it is due; what it says is still true.
    assert.deepEqual(await fetchCrl(at), list);
    assert.deepEqual(pidsOfKeyProcesses(), []);
    assert.equal((await enrol(at, paperHost('hv-1'))).akCertificate, '');
  });

  it('is looked at by the doctor', async () => {
    makeCa();
    const at = await start();
    const configuration = JSON.stringify({ serverId: 'test.example', listen: { port: 0 }, ...settings() });
    writeFileSync(join(at.dataDirectory, 'touchstone.yaml'), configuration);
    const look = async () => (await doctor(at.dataDirectory)).find(({ name }) => name === 'attestation-ca');
    assert.equal((await look())?.ok, true);
    hsm.setPresent(false);
    const found = await look();
    hsm.setPresent(true);
    assert.equal(found?.ok, false);
    assert.match(found.message, /PKCS11_TOKEN_ABSENT/);
    assert.match(found.remedy, /tokenLabel/);
  });

  it('is refused when others can read its PIN, or its settings name no token or no key', async () => {
    makeCa();
    chmodSync(file('pin'), 0o640);
    await assert.rejects(start(), { code: 'KEY_FILE_EXPOSED' });
    chmodSync(file('pin'), 0o600);
    await assert.rejects(start({ tokenLabel: undefined }), /name the token/);
    await assert.rejects(start({ keyLabel: undefined }), /name the key/);
  });
});

function isKeyProcess(pid: string): boolean {
  try {
    const isOurs = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(process.pid);
    return isOurs && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('key-process');
  } catch {
    return false;
  }
}
