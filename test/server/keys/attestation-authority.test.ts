// A CA key as organisations keep it, made by OpenSSL; the server issues with it, and OpenSSL verifies.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem } from '../../../src/core/encoding/index.ts';
import { doctor, initDataDirectory } from '../../../src/server/index.ts';
import { enrol, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { startTestServer, testStart } from '../../support/test-server.ts';

type Kind = 'p256' | 'p384' | 'rsa3072' | 'rsa2048';

const options: Readonly<Record<Kind, readonly string[]>> = {
  p256: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  rsa3072: ['-newkey', 'rsa:3072'],
  rsa2048: ['-newkey', 'rsa:2048'],
};

describe('the key of the attestation CA', () => {
  let folder: string;
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): string => execFileSync('openssl', args, { stdio: 'pipe' }).toString();
  const passphrase = 'correct horse';

  const makeCa = (kind: Kind, usage = 'critical,keyCertSign,cRLSign'): void => {
    const names = ['-subj', '/O=Example/CN=Example attestation CA', '-addext', `keyUsage=${usage}`];
    const out = ['-keyout', file('ca.pem'), '-out', file('ca.crt'), '-days', '36500', '-nodes'];
    openssl('req', '-x509', '-sha256', ...options[kind], ...names, ...out);
    chmodSync(file('ca.pem'), 0o600);
  };
  const makeContainer = (...more: readonly string[]): void => {
    const input = ['-inkey', file('ca.pem'), '-in', file('ca.crt'), '-passout', `pass:${passphrase}`];
    openssl('pkcs12', '-export', ...more, ...input, '-out', file('ca.p12'));
    chmodSync(file('ca.p12'), 0o600);
    writeFileSync(file('ca.pass'), `${passphrase}\n`, { mode: 0o600 });
  };
  const container = () => ({ keyFile: file('ca.p12'), passphraseFile: file('ca.pass') });
  const pem = () => ({ keyFile: file('ca.pem'), certificateFile: file('ca.crt') });

  /** Enrols a host at a server with this CA, and has OpenSSL verify the certificate against the CA and its list. */
  const issueWith = async (attestationCa: object): Promise<void> => {
    // The CA was made today.
    const server = await startTestServer({ settings: { attestationCa }, at: new Date(Date.now() + 60_000) });
    try {
      await trustSimulator(server);
      const { akCertificate } = await enrol(server, paperHost('hv-1'));
      const headers = { accept: 'application/pkix-crl' };
      const { body } = await server.client().callRaw('getAttestationCaCrl', { headers });
      writeFileSync(file('ak.pem'), akCertificate);
      writeFileSync(file('ca.crl'), encodePem('X509 CRL', body));
      const at = String(Math.floor(server.now().getTime() / 1000));
      const lists = ['-CRLfile', file('ca.crl'), '-crl_check', '-attime', at];
      assert.match(openssl('verify', '-CAfile', file('ca.crt'), ...lists, file('ak.pem')), /OK/);
    } finally {
      await server.close();
    }
  };
  const refusesToStart = (attestationCa: object, message: RegExp): Promise<void> =>
    assert.rejects(startTestServer({ settings: { attestationCa } }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'KEY_FILE_INVALID');
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /correct horse/);
      return true;
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-ca-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const kind of ['p256', 'p384', 'rsa3072'] as const) {
    it(`may be ${kind} in PEM`, async () => {
      makeCa(kind);
      await issueWith(pem());
    });
    it(`may be ${kind} in a PKCS#12 container of OpenSSL 3`, async () => {
      makeCa(kind);
      makeContainer();
      await issueWith(container());
    });
    it(`may be ${kind} in a legacy PKCS#12 container (RC2, 3DES, SHA-1)`, async () => {
      makeCa(kind);
      makeContainer('-legacy');
      await issueWith(container());
    });
  }

  it('may be in PEM under a passphrase', async () => {
    makeCa('p256');
    writeFileSync(file('ca.pass'), passphrase, { mode: 0o600 });
    openssl(
      'pkcs8',
      '-topk8',
      '-in',
      file('ca.pem'),
      '-out',
      file('sealed.pem'),
      '-passout',
      `file:${file('ca.pass')}`,
    );
    chmodSync(file('sealed.pem'), 0o600);
    await issueWith({ ...pem(), keyFile: file('sealed.pem'), passphraseFile: file('ca.pass') });
    await refusesToStart({ ...pem(), keyFile: file('sealed.pem') }, /no private key that the passphrase opens/);
  });

  it('is refused with another passphrase, without one, or where the file is no container', async () => {
    makeCa('p256');
    makeContainer();
    writeFileSync(file('other.pass'), 'battery staple', { mode: 0o600 });
    await refusesToStart({ ...container(), passphraseFile: file('other.pass') }, /neither PEM nor a PKCS#12/);
    await refusesToStart({ keyFile: file('ca.p12') }, /neither PEM nor a PKCS#12/);
    writeFileSync(file('empty'), '', { mode: 0o600 });
    await refusesToStart({ keyFile: file('empty') }, /neither PEM nor a PKCS#12/);
  });

  it('is refused when it is weak, or its certificate is of another key or of no CA', async () => {
    makeCa('rsa2048');
    await refusesToStart(pem(), /3072 bits/);
    makeCa('p256', 'critical,digitalSignature');
    await refusesToStart(pem(), /keyCertSign and cRLSign/);
    await refusesToStart({ keyFile: file('ca.pem') }, /holds no certificate of the key/);
  });

  it('is refused when others can read it or its passphrase', async () => {
    makeCa('p256');
    makeContainer();
    for (const name of ['ca.p12', 'ca.pass']) {
      chmodSync(file(name), 0o640);
      await assert.rejects(startTestServer({ settings: { attestationCa: container() } }), { code: 'KEY_FILE_EXPOSED' });
      chmodSync(file(name), 0o600);
    }
  });

  it('is looked at by the doctor, who sees when its certificate has ended', async () => {
    const directory = file('data');
    await initDataDirectory(directory, { serverId: 'a', now: testStart });
    const keysAt = async (year: number) => {
      const checks = await doctor(directory, new Date(Date.UTC(year, 0, 1)));
      return checks.find(({ name }) => name === 'keys');
    };
    assert.equal((await keysAt(2030))?.ok, true);
    const ended = await keysAt(2100);
    assert.equal(ended?.ok, false);
    assert.match(ended.message, /ended on 2046/);
  });
});
