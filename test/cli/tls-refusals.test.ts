// Each way in which a client and a server come to no TLS, as whoever typed the command reads it: what is wrong, and what to do about it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from '../../src/api/index.ts';
import { awaitApproval } from '../../src/agent/await-approval.ts';
import { describeFailure } from '../../src/agent/failure.ts';
import { AgentError } from '../../src/agent/errors.ts';
import { loader, programFile } from '../support/program.ts';
import { startTestServer } from '../support/test-server.ts';
import { createTlsAuthority, createTlsFiles, type TlsFiles } from '../support/tls-files.ts';
import { cli } from './cli-run.ts';

describe('TLS that does not come about', function () {
  this.timeout(60_000);
  let folder = '';
  let [ca, other, good, self, strange] = [] as unknown as [TlsFiles, TlsFiles, TlsFiles, TlsFiles, TlsFiles];
  const servers: Server[] = [];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-tls-'));
    [ca, other] = [createTlsAuthority(folder, 'ca'), createTlsAuthority(folder, 'other')];
    good = createTlsFiles(folder, 'localhost', ca, ['127.0.0.1']);
    self = createTlsFiles(folder, 'self', undefined, ['127.0.0.1']);
    strange = createTlsFiles(folder, 'elsewhere.example', ca);
  });
  afterEach(() => servers.splice(0).forEach((server) => server.close()));
  after(() => rmSync(folder, { recursive: true }));

  async function portOf(server: Server): Promise<number> {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  const secure = ({ certFile, keyFile }: TlsFiles, options: ServerOptions = {}): Promise<number> => {
    const pair = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    return portOf(createHttpsServer({ ...pair, ...options }, (_request, response) => response.end('{}')));
  };
  /** Does `act` when it was said something. */
  const raw = (act: (socket: Socket) => void): Promise<number> =>
    portOf(createServer((socket) => socket.on('error', () => undefined).once('data', () => act(socket))));

  /** What the command says to people and to programs: the same. */
  async function refused(url: string, trusted: string): Promise<{ code: string; message: string; remedy: string }> {
    const args = ['host', 'list', '--server', url, '--token', 'x', '--ca', trusted];
    const told = await cli(args);
    const { code, message, remedy } = JSON.parse((await cli([...args, '--json'])).stdout) as Record<string, string>;
    assert.equal(told.status, 1);
    assert.equal(told.stderr, `error ${code}: ${message}\nhint: ${remedy}\n`);
    return { code: code ?? '', message: message ?? '', remedy: remedy ?? '' };
  }
  async function holds(url: string, trusted: TlsFiles, code: string, message: RegExp, remedy: RegExp): Promise<void> {
    const told = await refused(url, trusted.certFile);
    assert.equal(told.code, code, told.message);
    assert.match(told.message, message);
    assert.match(told.remedy, remedy);
  }
  const https = (port: number): string => `https://127.0.0.1:${port}`;

  it('says that the authority is not the one that was named, and by which option it is', async () => {
    const unknown = /^the certificate of the server comes from an authority that is not trusted here \([A-Z_]+\)$/;
    await holds(https(await secure(good)), other, 'API_TLS_FAILED', unknown, /`--ca`/);
    await holds(https(await secure(self)), ca, 'API_TLS_FAILED', unknown, /`--ca`/);
  });

  it('says for which name the certificate is not', async () => {
    const name =
      /^the certificate of the server is for another name than 127\.0\.0\.1 \(ERR_TLS_CERT_ALTNAME_INVALID\)$/;
    await holds(
      https(await secure(strange)),
      ca,
      'API_TLS_FAILED',
      name,
      /use the name that stands in the certificate/,
    );
  });

  it('tells TLS that is too old, and a demand for a client certificate, from no TLS at all', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
    const demanding = { requestCert: true, ca: readFileSync(other.certFile) };
    const remedy = /http:\/\/ or https:\/\/.*TLS 1\.2 or 1\.3 and demand no client certificate/;
    await holds(https(await secure(good, old)), ca, 'API_TLS_HANDSHAKE', /agree on no TLS \(tlsv1 alert protocol version\)$/, remedy); // prettier-ignore
    await holds(https(await secure(good, demanding)), ca, 'API_TLS_HANDSHAKE', /agree on no TLS \(tlsv13 alert certificate required\)$/, remedy); // prettier-ignore
    const plain = await portOf(createHttpServer((_request, response) => response.end('{}')));
    await holds(https(plain), ca, 'API_TLS_HANDSHAKE', /does not answer in TLS \(EPROTO\): is its address one of http\?$/, remedy); // prettier-ignore
  });

  it('says where a connection was lost: before TLS, or where none was spoken to a server that speaks it', async () => {
    const during = /cannot be reached \(ECONNRESET in the handshake of TLS\)$/;
    await holds(https(await raw((socket) => socket.end())), ca, 'API_UNREACHABLE', during, /Check the address/);
    await holds(https(await raw((socket) => socket.resetAndDestroy())), ca, 'API_UNREACHABLE', during, /Check the address/); // prettier-ignore
    const server = await startTestServer({ settings: { tls: good }, ca: ca.certFile });
    const plainly = server.url.replace('https:', 'http:');
    await holds(plainly, ca, 'API_UNREACHABLE', /\(ECONNRESET\): is its address one of https\?$/, /Check the address/);
    await server.close();
    const alert = await raw((socket) => socket.end(Buffer.from('15030300020246', 'hex')));
    await holds(`http://127.0.0.1:${alert}`, ca, 'API_ANSWER_UNREADABLE', /does not answer in HTTP \(HPE_\w+\): is its address one of https\?$/, /address/); // prettier-ignore
  });

  it('is told by the agent with the same remedy, and waited for in no enrolment that has begun', async () => {
    const transport = createTransport({ baseUrl: https(await secure(good)), ca: readFileSync(other.certFile, 'utf8') });
    let asked = 0;
    const enrol = async (): Promise<void> => {
      asked += 1;
      if (asked === 1) throw new AgentError('AGENT_APPROVAL_PENDING', 'wait');
      await transport.exchange({ method: 'GET', path: '/', headers: {} });
    };
    const patience = { signal: new AbortController().signal, random: () => 0, onWait: () => undefined };
    const waiting = awaitApproval(enrol, { ...patience, sleep: () => Promise.resolve() });
    const failure = describeFailure(await waiting.catch((error: unknown) => error));
    assert.deepEqual([failure?.code, asked], ['API_TLS_FAILED', 2]);
    assert.match(failure?.remedy ?? '', /`--ca`/);
  });

  it('refuses a file for --ca that names nobody', async () => {
    const url = https(await secure(good));
    for (const [name, content] of [
      ['empty.pem', ''],
      ['key.pem', readFileSync(good.keyFile, 'utf8')],
    ] as const) {
      const file = join(folder, name);
      writeFileSync(file, content);
      const { status, stderr } = await cli(['host', 'list', '--server', url, '--token', 'x', '--ca', file]);
      assert.equal(status, 2);
      assert.match(stderr, new RegExp(`^error CLI_INPUT_UNRECOGNISED: ${file} holds no certificate in PEM\nhint: `));
    }
  });

  it('trusts nobody where an empty text stands for whom to trust, and not everybody whom the system does', async () => {
    const url = https(await secure(good));
    const program = `
      import { createTransport } from ${JSON.stringify(programFile('api/index'))};
      const ask = (more) => createTransport({ baseUrl: ${JSON.stringify(url)}, ...more })
        .exchange({ method: 'GET', path: '/', headers: {} }).then(({ status }) => status, ({ code }) => code);
      console.log(await ask({}), await ask({ ca: '' }));
      process.exit();`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: ca.certFile };
    const args = [...loader, '--input-type=module', '--eval', program];
    // The server is in this very process.

    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (part: Buffer) => (said += part.toString()));
    await once(child, 'exit');
    assert.equal(said.trim(), '200 API_TLS_FAILED');
  });
});
