// The agent's commands on a software TPM, against a real server.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTpmDevice } from '../../src/agent/index.ts';
import { parseCertificate } from '../../src/core/x509/index.ts';
import { certifyIdentity, leaveIdentityKey } from '../support/device-identity.ts';
import { makeRoot, pemOf, testKey } from '../support/pki.ts';
import { makePlatform } from '../support/platform-certificate.ts';
import { touchstone } from '../support/program.ts';
import { startTestTpm, type TestTpm } from '../support/swtpm.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt } from './cli-run.ts';

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const log = 'test/fixtures/lab/boot/sb-on/binary_bios_measurements';

describe('touchstone agent', () => {
  let server: TestServer;
  let tpm: TestTpm;
  let folder = '';
  let device: string[] = [];
  let place: string[] = [];
  const running: ChildProcess[] = [];
  before(async () => {
    tpm = await startTestTpm();
    server = await startTestServer({ at: new Date() });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-agent-'));
    const pem = tpm.authority.root;
    await server.operator.call('createTrustAnchor', { body: { name: 'test', pem, scope: 'virtual' } });
    writeFileSync(join(folder, 'join.token'), await server.token('joiner'));
    writeFileSync(join(folder, 'chain.pem'), tpm.authority.intermediate);
    const state = ['--state', join(folder, 'state')];
    place = ['--tpm', tpm.address, ...state];
    device = [...place, '--event-log', log, '--ima-log', 'none', '--userspace-log', 'none'];
  });
  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    await tpm.stop();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const enrol = (...more: string[]) =>
    cliJson(
      ['agent', 'enrol', '--server', server.url, '--token-file', join(folder, 'join.token'), ...place].concat([
        '--name',
        'agent-host',
        ...more,
      ]),
    );

  it('enrol takes no log, which it would not read, and says whose option that is', async () => {
    for (const option of ['--event-log', '--ima-log', '--userspace-log']) {
      const { document, status } = await enrol(option, log);
      assert.deepEqual([status, document['code']], [2, 'CLI_USAGE_INVALID']);
      const whose = `unknown option '${option}'\n(an option of agent attest, agent run, not of agent enrol)`;
      assert.equal(document['message'], whose);
    }
  });

  it('attest says that it has to enrol first', async () => {
    const { document, status } = await cliJson(['agent', 'attest', ...device]);
    assert.equal(status, 1);
    assert.equal(document['code'], 'AGENT_NOT_ENROLLED');
  });

  it('enrol says which root the server does not know', async () => {
    const { document, status } = await enrol();
    assert.equal(status, 1);
    assert.equal(document['code'], 'AGENT_EK_ROOT_UNKNOWN');
  });

  it('enrol makes the TPM known, with the intermediate certificate it does not carry', async () => {
    const { document, status, stdout } = await enrol('--ek-chain', join(folder, 'chain.pem'));
    assert.equal(status, 0, stdout);
    assert.equal(document['hostId'], 'agent-host');
    assert.ok(!stdout.includes('hostToken'));
  });

  it('attest sends nothing where a log that was named is not there, and run says so before it waits', async () => {
    const verdicts = async () =>
      (await server.operator.call('getHost', { path: { hostId: 'agent-host' } })).verdictIssuedAt;
    for (const option of ['--event-log', '--ima-log']) {
      const named = ['agent', 'attest', ...device, option, join(folder, 'mistyped')];
      const { document, status } = await cliJson(named);
      assert.deepEqual([status, document['code']], [1, 'AGENT_LOG_ABSENT'], option);
      assert.equal(document['message'], `${join(folder, 'mistyped')} does not exist`);
    }
    const gate = ['agent', 'run', ...device, '--ima-log', join(folder, 'mistyped')];
    const { stderr } = await cli([...gate, '--until-trusted', '--wait-at-most', '1']);
    assert.match(stderr, /^missing: AGENT_LOG_ABSENT: \S+mistyped does not exist\. Correct --event-log or --ima-log/m);
    assert.equal(await verdicts(), undefined);
  });

  it('enrol sends what the maker says of the machine, and host show tells it, with its parts as a claim', async () => {
    const root = makeRoot({ name: 'Machines root' });
    const nv = await openTpmDevice({ address: tpm.address, sleep: pause });
    const { certificate } = await nv.ekCertificates();
    await nv.close();
    assert.ok(certificate);
    const der = makePlatform(root, parseCertificate(certificate));
    const files = [join(folder, 'machine.der'), join(folder, 'machine.pem')] as const;
    writeFileSync(files[0], der);
    writeFileSync(files[1], pemOf(der, 'ATTRIBUTE CERTIFICATE'));
    await server.operator.call('createTrustAnchor', { body: { name: 'maker', pem: root.pem, scope: 'platform' } });
    const world = operatorAt(server);
    for (const file of files) {
      const { status } = await enrol('--ek-chain', join(folder, 'chain.pem'), '--platform-certificate', file);
      assert.equal(status, 0);
      const { stdout } = await cli(['host', 'show', 'agent-host'], world);
      assert.match(stdout, /bound to this TPM by its maker: maker/);
      assert.match(stdout, /2, as the maker says; nothing measures them/);
      assert.match(stdout, /Disks +D1 +d-7/);
    }
    const { document } = await cliJson(['inspect', 'certificate', files[0]]);
    assert.equal((document['platformCertificate'] as { platform: { model: string } }).platform.model, 'TM-1000');
    const { document: none } = await enrol('--platform-certificate', log);
    assert.match(String(none['code']), /^X509_/);
  });

  it('enrol shows a device identity, and says when the TPM has no such key or the server takes none', async () => {
    const maker = makeRoot({ name: 'Machines root' });
    const write = (name: string, spki: Uint8Array) => {
      writeFileSync(join(folder, name), pemOf(certifyIdentity(maker, spki).der) + maker.pem);
      return join(folder, name);
    };
    const own = write('iak.pem', leaveIdentityKey(tpm));
    const { document: closed } = await enrol('--idevid', own);
    assert.equal(closed['code'], 'ENROLLMENT_DEVICE_IDENTITY_OFF');
    const { document: missing } = await enrol('--idevid', write('other.pem', testKey('p256', 'elsewhere').spki));
    assert.equal(missing['code'], 'AGENT_IDENTITY_KEY_MISSING');
    const open = await startTestServer({ at: new Date(), settings: { enrolment: { deviceIdentity: 'required' } } });
    try {
      await open.operator.call('createTrustAnchor', { body: { name: 'maker', pem: maker.pem, scope: 'platform' } });
      const state = ['--state', join(folder, 'other-state'), '--name', 'agent-host'];
      const args = [
        'agent',
        'enrol',
        '--server',
        open.url,
        '--token',
        open.operatorToken,
        '--tpm',
        tpm.address,
        ...state,
      ];
      assert.equal((await cliJson([...args, '--idevid', own])).status, 0);
      const world = operatorAt(open);
      assert.match(
        (await cli(['host', 'show', 'agent-host'], world)).stdout,
        /device identity +TPM-0815, CN=machine 7/,
      );
    } finally {
      await open.close();
    }
  });

  it('attest ends with 1 and the reason while nobody has signed what is good', async () => {
    const { document, status } = await cliJson(['agent', 'attest', ...device]);
    assert.equal(status, 1);
    assert.equal(document['ok'], false);
    assert.equal((document['verdict'] as { host: string }).host, 'agent-host');
    const { stderr } = await cli(['agent', 'attest', ...device]);
    assert.match(stderr, /^error [A-Z0-9_]+: .+\nhint: /);
  });

  it('names a TPM that is not there', async () => {
    const { document } = await cliJson(['agent', 'attest', '--tpm', join(folder, 'no-tpm'), '--state', folder]);
    assert.equal(document['code'], 'AGENT_TPM_MISSING');
  });

  it('run attests, says what it found, and ends in order on SIGTERM', async () => {
    const args = [...touchstone, 'agent', 'run', ...device];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    running.push(child);
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (part: Buffer) => {
        said += part.toString();
        if (said.includes('\n')) resolve();
      });
      child.once('exit', () => resolve());
    });
    assert.match(said, /^verdict \w+; [A-Z0-9_]+: .* \(again in \d+ s\)/);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });
});
