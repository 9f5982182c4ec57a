// Each way an enrolment goes wrong, as the person at the host sees it: what happened, and what to do. The transcript beside this
// file holds them; UPDATE_TRANSCRIPTS=1 writes it anew.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeHex, encodePem } from '../../src/core/encoding/index.ts';
import { spkiDigest } from '../../src/core/crypto/index.ts';
import { verifyEndorsementKey } from '../../src/core/tpm/index.ts';
import { createCertificate } from '../../src/core/issuance/index.ts';
import { enrol as enrolHost, paperHost } from '../support/paper-story.ts';
import { startTestTpm, type TestTpm } from '../support/swtpm.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli } from './cli-run.ts';
import { listenOnLoopback } from '../support/loopback.ts';

const transcript = join(import.meta.dirname, 'enrol-refusals.txt');

describe('an enrolment that goes wrong', function () {
  this.timeout(120_000);
  let server: TestServer;
  let queued: TestServer;
  let tpm: TestTpm;
  let folder = '';
  const told: string[] = [];
  before(async () => {
    tpm = await startTestTpm({ name: 'refused' });
    server = await startTestServer({ at: new Date() });
    queued = await startTestServer({ at: new Date(), settings: { enrolment: { approval: 'queue' } } });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-refusals-'));
    writeFileSync(join(folder, 'chain.pem'), tpm.authority.intermediate);
  });
  after(async () => {
    await tpm.stop();
    await server.close();
    await queued.close();
    rmSync(folder, { recursive: true });
  });

  interface Try {
    readonly at?: string;
    readonly token?: string;
    readonly name?: string;
    readonly tpm?: string;
    readonly state?: string;
    readonly more?: readonly string[];
  }

  /** Runs the command, and keeps what it says with everything that differs from run to run named. */
  async function enrol(title: string, code: string, options: Try = {}): Promise<void> {
    const token = options.token ?? (await server.token('joiner'));
    const state = join(folder, options.state ?? 'state');
    const args = ['agent', 'enrol', '--server', options.at ?? server.url, '--tpm', options.tpm ?? tpm.address]
      .concat([
        '--state',
        state,
        '--name',
        options.name ?? 'hv-1',
        ...(options.more ?? ['--ek-chain', join(folder, 'chain.pem')]),
      ])
      .concat(token === '' ? [] : ['--join-token', token]);
    const { status, stdout, stderr } = await cli(args);
    const output = (stdout + stderr)
      .replaceAll(folder, '{folder}')
      .replaceAll(tpm.directory, '{tpm}')
      .replace(/127\.0\.0\.1:\d+/g, '{server}')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '{time}')
      .replace(/\b[0-9a-f]{64}\b/g, '{sha256}');
    told.push(`# ${title}\n${output.trimEnd()}\n`);
    assert.equal(status, 1, output);
    assert.match(output, new RegExp(`^error ${code}: [^\n]+\nhint: [^\n]+\n$`), 'one line, and one remedy');
  }

  const operator = () => server.operator;
  const trust = (to: TestServer) =>
    to.operator.call('createTrustAnchor', {
      body: { name: 'lab', pem: tpm.authority.root, scope: 'virtual' },
    });

  it('without a TPM, without a server, at something else than a server', async () => {
    await enrol('no TPM', 'AGENT_TPM_MISSING', { tpm: '/dev/no-such-tpm' });
    await enrol('server unreachable', 'API_UNREACHABLE', { at: 'http://127.0.0.1:1' });
    await enrol('not the address of a server', 'REQUEST_ROUTE_UNKNOWN', { at: `${server.url}/elsewhere` });
  });

  it('where the certificate of the server is not trusted, or not valid at this time', async () => {
    const [unknown, past] = [await httpsServer(new Date()), await httpsServer(new Date('2020-01-01T00:00:00Z'))];
    writeFileSync(join(folder, 'past.pem'), past.certificate);
    await enrol('authority of the server unknown', 'API_TLS_FAILED', { at: unknown.url });
    await enrol('clock wrong on the host', 'API_TLS_DATE', { at: past.url, more: ['--ca', join(folder, 'past.pem')] });
    await unknown.close();
    await past.close();
  });

  it('with a TPM that nobody vouches for', async () => {
    await enrol('root of the maker unknown', 'AGENT_EK_ROOT_UNKNOWN');
    await trust(server);
    await trust(queued);
    await enrol('intermediate missing', 'AGENT_EK_ROOT_UNKNOWN', { more: [] });
    const past = await startTestServer({ at: new Date('2020-01-01T00:00:00Z') });
    await past.operator.call('createTrustAnchor', { body: { name: 'lab', pem: tpm.authority.root, scope: 'virtual' } });
    await enrol('clock wrong on the server', 'X509_PATH_NOT_YET_VALID', {
      at: past.url,
      token: await past.token('joiner'),
    });
    await past.close();
  });

  it('with a token that is missing, unknown, expired, revoked or spent', async () => {
    await enrol('no token', 'AGENT_JOIN_TOKEN_MISSING', { token: '' });
    const chain = ['--ek-chain', join(folder, 'chain.pem')];
    for (const option of ['--token', '--join-token'])
      await enrol(`${option}, and nothing in it`, 'AGENT_JOIN_TOKEN_MISSING', {
        token: '',
        more: [...chain, option, ''],
      });
    await enrol('token unknown', 'AUTH_TOKEN_INVALID', { token: 'nonsense' });
    const body = { name: 'rack-3', role: 'joiner', expiresInSeconds: 1 } as const;
    const { token: short } = await operator().call('createToken', { body });
    server.advance(1);
    await enrol('token expired', 'AUTH_TOKEN_INVALID', { token: short });
    const { token, id } = await operator().call('createToken', { body: { name: 'rack-3', role: 'joiner' } });
    await operator().call('revokeToken', { path: { tokenId: id } });
    await enrol('token revoked', 'AUTH_TOKEN_INVALID', { token });
    await enrol('token of another role', 'AUTH_FORBIDDEN', { token: await server.token('auditor') });
    const one = await operator().call('createToken', { body: { name: 'one', role: 'joiner', enrolments: 1 } });
    await enrolPaper(server, 'first', one.token);
    await enrol('token spent', 'ENROLLMENT_TOKEN_SPENT', { token: one.token });
  });

  it('where an operator has to approve it, and says no', async () => {
    const at = { at: queued.url, token: await queued.token('joiner'), state: 'queued' };
    await enrol('pending', 'AGENT_APPROVAL_PENDING', at);
    const { items } = await queued.operator.call('listPendingHosts', {});
    const path = { pendingId: items[0]?.id ?? '' };
    await queued.operator.call('rejectPendingHost', { path, body: { reason: 'not in the inventory' } });
    await enrol('rejected', 'ENROLLMENT_REJECTED', at);
  });

  it('where name or TPM belong to another', async () => {
    await enrol('name taken', 'HOST_NAME_TAKEN', { name: 'first' });
    const path = { hostId: 'first' };
    await operator().call('replaceTpm', { path, body: { reason: 'x', expiresInSeconds: 60 } });
    server.advance(60);
    await enrol('new TPM after its time', 'HOST_REPLACEMENT_OVER', { name: 'first' });
    await operator().call('retireHost', { path, body: { reason: 'x' } });
    await enrol('name of a retired host', 'HOST_RETIRED', { name: 'first' });
    const done = await cli(
      [
        'agent',
        'enrol',
        '--server',
        server.url,
        '--tpm',
        tpm.address,
        '--state',
        join(folder, 'state'),
        '--name',
        'hv-1',
      ].concat(['--ek-chain', join(folder, 'chain.pem'), '--join-token', await server.token('joiner')]),
    );
    assert.equal(done.status, 0, done.stderr);
    await enrol('state of another host', 'AGENT_ENROLLED_ELSEWHERE', { name: 'hv-2' });
    await enrol('TPM of another host', 'HOST_EK_ALREADY_ENROLLED', { name: 'hv-2', state: 'other' });
    await operator().call('replaceTpm', { path: { hostId: 'hv-1' }, body: { reason: 'x', expiresInSeconds: 60 } });
    await enrol('the old TPM after its replacement', 'HOST_EK_RETIRED');
  });

  it('with a TPM that has no EK certificate', async () => {
    for (const index of ['0x01C00002', '0x01C00016']) tpm.tool('tpm2_nvundefine', '-C', 'p', index);
    await enrol('no EK certificate', 'AGENT_EK_CERTIFICATE_MISSING', { name: 'hv-3', state: 'other' });
  });

  it('says each as the transcript has it', () => {
    const text = told.join('\n');
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(transcript, text);
    else assert.equal(text, readFileSync(transcript, 'utf8'));
  });
});

/** A host that takes a name, with another TPM. */
async function enrolPaper(server: TestServer, name: string, token: string): Promise<void> {
  const host = paperHost(name, { tampering: ['no-ek-certificate'] });
  const ekDigest = encodeHex(spkiDigest(verifyEndorsementKey(await host.ekPublic()).public.publicKey));
  await server.operator.call('registerEk', { path: { ekDigest }, body: { label: 'paper' } });
  await enrolHost(server, host, server.client(token));
}

/** A server of TLS whose certificate nobody knows, good for an hour. */
async function httpsServer(notBefore: Date) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const subject = [{ type: 'CN', value: 'server' }] as const;
  const der = createCertificate({
    serial: Uint8Array.of(1),
    subject,
    issuer: subject,
    validity: {
      notBefore: new Date(notBefore.getTime() - 60_000),
      notAfter: new Date(notBefore.getTime() + 3_600_000),
    },
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    // subjectAltName: IP address 127.0.0.1
    extensions: [{ oid: '2.5.29.17', critical: false, value: Uint8Array.of(0x30, 0x06, 0x87, 0x04, 127, 0, 0, 1) }],
    algorithm: 'ecdsa-sha256',
    sign: (tbs) => new Uint8Array(sign('sha256', tbs, privateKey)),
  });
  const certificate = encodePem('CERTIFICATE', der);
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const server = createServer({ key, cert: certificate }, (_, response) => response.end());
  const { port, close } = await listenOnLoopback(server);
  return { url: `https://127.0.0.1:${port}`, certificate, close };
}
