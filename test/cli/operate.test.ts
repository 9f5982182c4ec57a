// Operators' sessions against a real server: from an empty server to an admitted host, by command line alone.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem } from '../../src/core/encoding/index.ts';
import { attest, authority, enrol, paperHost, type EnrolledHost } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';

const layers = 'firmware,secure-boot,boot-loader,kernel,kernel-command-line,initrd';

describe('operating a server from the command line', () => {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  let enrolled: EnrolledHost;
  const host = paperHost('cli-host');
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-operate-'));
    writeFileSync(join(folder, 'operator.token'), `${server.operatorToken}\n`);
    const env = { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN_FILE: join(folder, 'operator.token') };
    world = { env, now: () => server.now() };
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const accepted = (...args: string[]) => cliAccepted(args, world);
  const refused = async (code: string, ...args: string[]) => {
    const run = await cliJson(args, world);
    assert.equal(run.status, 1);
    assert.equal(run.document['code'], code);
    return run.document;
  };

  it('takes a host from enrolment to admission, with two operators', async () => {
    writeFileSync(join(folder, 'root.pem'), encodePem('CERTIFICATE', authority.rootCertificate));
    await accepted('trust-anchor', 'import', join(folder, 'root.pem'), '--scope', 'virtual');
    for (const name of ['ada', 'grace']) {
      await accepted('signer', 'create', name, '--out', folder);
      await accepted('signer', 'add', name, join(folder, `${name}.pub.pem`));
    }
    writeFileSync(
      join(folder, 'fleet.yaml'),
      `id: fleet\nlayers: [${layers}]\nrequireFacts: { secureBoot: enabled }\nhosts: { all: true }\n`,
    );
    await accepted('policy', 'apply', join(folder, 'fleet.yaml'));

    enrolled = await enrol(server, host);
    assert.notEqual((await attest(enrolled, host)).verdict.status, 'affirming');
    await refused('CLI_ADMISSION_DENIED', 'admit', 'cli-host', '--workload', 'web');

    const drafts = join(folder, 'drafts');
    await accepted('golden', 'capture', 'cli-host', '--out', drafts, '--layers', layers);
    const statements = readdirSync(drafts).map((file) => join(drafts, file));
    assert.equal(statements.length, 6);
    await accepted('golden', 'sign', ...statements, '--key', join(folder, 'ada.key.pem'), '--yes');
    const everything = readdirSync(drafts).map((file) => join(drafts, file));
    assert.equal(everything.length, 12);
    const proposal = await accepted('golden', 'propose', ...everything);
    assert.deepEqual(
      proposal['passedOver'],
      everything.filter((file) => file.endsWith('.statement.json')),
    );
    const envelopes = everything.filter((file) => file.endsWith('.dsse.json'));
    const foreign = join(folder, 'foreign.dsse.json');
    const envelope = JSON.parse(readFileSync(envelopes[0] ?? '', 'utf8')) as object;
    writeFileSync(foreign, JSON.stringify({ ...envelope, signatures: [{ sig: Buffer.alloc(64).toString('base64') }] }));
    const files = [envelopes[0] ?? '', foreign, envelopes[1] ?? ''];
    const stopped = await refused('GOLDEN_MEASUREMENT_SIGNER_UNKNOWN', 'golden', 'propose', ...files);
    assert.deepEqual([(stopped['items'] as object[]).length, stopped['notSent']], [1, [envelopes[1]]]);
    const proposed = proposal['items'] as { id: string; state: string }[];
    assert.deepEqual(new Set(proposed.map(({ state }) => state)), new Set(['proposed']));
    const ids = proposed.map(({ id }) => id);
    const approved = (await accepted('golden', 'approve', ...ids, '--key', join(folder, 'grace.key.pem'), '--yes'))[
      'items'
    ];
    assert.deepEqual(new Set((approved as { state: string }[]).map(({ state }) => state)), new Set(['active']));

    assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
    assert.equal((await accepted('admit', 'cli-host', '--workload', 'web', '--max-age', '600'))['decision'], 'allow');
    const { stdout } = await cli(['host', 'show', 'cli-host'], world);
    assert.match(stdout, /status +affirming/);
    assert.match((await cli(['host', 'list'], world)).stdout, /cli-host +fresh +affirming/);
    assert.match(
      (await cli(['golden', 'list', '--state', 'active'], world)).stdout,
      /kernel-command-line +active +2\/2 +ada, grace/,
    );
    assert.match((await cli(['golden', 'show', ids[0] ?? ''], world)).stdout, /approved by +ada, grace/);
    assert.match((await cli(['policy', 'show', 'fleet'], world)).stdout, /verdict lasts +3600 s/);
  });

  it('refuses a host by a condition of its policy, and explains it', async () => {
    const apply = (expression: string) => {
      const condition = `conditions:\n  - name: no-quiet\n    expression: |\n      ${expression}\n    description: Boots are seen.\n    remedy: Take quiet out and reboot.\n`;
      writeFileSync(join(folder, 'seen.yaml'), `id: fleet\nlayers: [${layers}]\n${condition}hosts: { names: [cli-host] }\n`); // prettier-ignore
      return ['policy', 'apply', join(folder, 'seen.yaml')] as const;
    };
    await refused('APPRAISAL_CONDITION_INVALID', ...apply('!("quiet" in kernelCommandline)'));
    const { stderr } = await cli(['policy', 'check', join(folder, 'seen.yaml')]);
    assert.match(stderr, /conditions\[0\]\.expression: there is no fact kernelCommandline; is kernelCommandLine meant\? \(line 1, column 14\)/); // prettier-ignore
    const { stdout } = await cli(apply('!("quiet" in kernelCommandLine)'), world);
    assert.match(stdout, /condition +no-quiet: Boots are seen\.\n +!\("quiet" in kernelCommandLine\)\n/);
    await attest(enrolled, host);
    const explained = (await cli(['host', 'explain', 'cli-host'], world)).stdout;
    assert.match(explained, /^error FACT_CONDITION_REFUSED$/m);
    assert.match(explained, /what +Condition no-quiet is not met: Boots are seen\.\n/);
    assert.match(explained, /expected +!\("quiet" in kernelCommandLine\)\n/);
    assert.match(explained, /observed +kernelCommandLine = \[\/boot\/vmlinuz, root=\/dev\/vda2, ro, quiet, /);
    assert.match(explained, /do +Take quiet out and reboot\.\n/);
    await accepted('policy', 'apply', join(folder, 'fleet.yaml'));
    await attest(enrolled, host);
  });

  it('labels a host, and asks for a place that fits the workload', async () => {
    await accepted('host', 'label', 'cli-host', 'zone=north', 'rack=3');
    const { host } = await accepted('host', 'label', 'cli-host', 'rack-', 'tenant=red');
    assert.deepEqual((host as { labels: object }).labels, { zone: 'north', tenant: 'red' });
    const place = ['--tenant', 'red', '--require-label', 'zone=north', '--require-claim', 'executables=3'];
    await accepted('admit', 'cli-host', '--zone', 'north', ...place);
    await refused('CLI_ADMISSION_DENIED', 'admit', 'cli-host', '--zone', 'south', ...place);
    await refused('CLI_ADMISSION_DENIED', 'admit', 'cli-host', ...place, '--confidential');
    assert.equal((await cli(['admit', 'cli-host', '--require-claim', 'executables'], world)).status, 2);
    assert.equal((await cli(['host', 'label', 'cli-host', '='], world)).status, 2);
    await accepted('host', 'label', 'cli-host', 'tenant-');
  });

  it('sets hosts aside by name and by label, shows it, and lifts it', async () => {
    const opened = await accepted('quarantine', 'open', '--host', 'cli-host', '--reason', 'ticket 1', '--for', '60');
    await refused('CLI_ADMISSION_DENIED', 'admit', 'cli-host');
    await accepted('quarantine', 'open', '--label', 'zone=north', '--reason', 'ticket 2');
    const { stdout } = await cli(['quarantine', 'list'], world);
    assert.match(stdout, /in-force +cli-host .*ticket 1/);
    assert.match(stdout, /in-force +zone=north .*when lifted +ticket 2/);
    assert.match((await cli(['host', 'show', 'cli-host'], world)).stdout, /state +quarantined/);
    const { items } = await accepted('quarantine', 'list');
    for (const { id } of items as { id: string }[]) await accepted('quarantine', 'lift', id, '--reason', 'done');
    await accepted('admit', 'cli-host');
    const { id } = opened['quarantine'] as { id: string };
    await refused('QUARANTINE_ENDED', 'quarantine', 'lift', id, '--reason', 'again');
    const asked = await accepted(
      'quarantine',
      'open',
      '--host',
      'cli-host',
      '--reason',
      'x',
      '--for',
      '2h',
      '--dry-run',
    );
    const {
      selected,
      trusted,
      items: hosts,
    } = asked['preview'] as { selected: number; trusted: number; items: { host: string; state: string }[] };
    assert.deepEqual([selected, hosts.map(({ host }) => host)], [1, ['cli-host']]);
    assert.ok(trusted <= 1);
    assert.notEqual(hosts[0]?.state, 'quarantined');
    await refused('CLI_QUARANTINE_NONE', 'quarantine', 'lift', '--label', 'zone=north', '--reason', 'none is open');
    await accepted('quarantine', 'open', '--label', 'zone=north', '--reason', 'ticket 3', '--for', '2h');
    const again = await accepted('quarantine', 'open', '--label', 'zone=north', '--reason', 'ticket 4');
    await accepted('quarantine', 'open', '--label', 'zone=south', '--reason', 'ticket 5');
    const { lifted } = await accepted('quarantine', 'lift', '--label', 'zone=north', '--reason', 'patched');
    assert.equal((lifted as unknown[]).length, 2);
    await refused(
      'QUARANTINE_ENDED',
      'quarantine',
      'lift',
      (again['quarantine'] as { id: string }).id,
      '--reason',
      'x',
    );
    await accepted('quarantine', 'lift', '--label', 'zone=south', '--reason', 'patched');
    assert.equal((await cli(['quarantine', 'open', '--host', 'x', '--reason', 'x', '--for', '2w'], world)).status, 2);
    assert.equal((await cli(['quarantine', 'open', '--reason', 'nobody'], world)).status, 2);
    assert.equal((await cli(['quarantine', 'lift', 'x', '--reason', 'x'], world)).status, 2);
  });

  it('adds a signature to an envelope offline, and does not count the same operator twice', async () => {
    const drafts = join(folder, 'drafts');
    const [file] = readdirSync(drafts).filter((name) => name.endsWith('.dsse.json'));
    const envelope = join(drafts, file ?? '');
    const statement = envelope.replace('.dsse.json', '.statement.json');
    const signatures = () =>
      (JSON.parse(readFileSync(envelope, 'utf8')) as { signatures: unknown[] }).signatures.length;
    await accepted('golden', 'sign', envelope, '--key', join(folder, 'grace.key.pem'), '--yes');
    assert.equal(signatures(), 2);
    await accepted('golden', 'sign', envelope, statement, '--key', join(folder, 'ada.key.pem'), '--yes');
    assert.equal(signatures(), 2);
    const keys = ['ada', 'grace'].map((name) => join(folder, `${name}.pub.pem`));
    await accepted('verify', 'golden', envelope, '--signer', ...keys, '--quorum', '2');
  });

  it('does not propose what nobody signed', async () => {
    const [statement] = readdirSync(join(folder, 'drafts')).filter((name) => name.endsWith('.statement.json'));
    await refused('CLI_INPUT_UNRECOGNISED', 'golden', 'propose', join(folder, 'drafts', statement ?? ''));
  });

  it('ends the verdict of a host when a golden measurement under it is revoked', async () => {
    const { items } = await accepted('golden', 'list', '--state', 'active');
    const kernel = (items as { id: string; layer: string }[]).find(({ layer }) => layer === 'kernel');
    await accepted('golden', 'revoke', kernel?.id ?? '', '--reason', 'a hole', '--cve', 'CVE-2026-12345', '--yes');
    await refused('CLI_ADMISSION_DENIED', 'admit', 'cli-host');
  });

  it('makes signing keys that only their owner can read, and never replaces one', async () => {
    assert.equal(statSync(join(folder, 'ada.key.pem')).mode & 0o777, 0o600);
    await refused('CLI_FILE_EXISTS', 'signer', 'create', 'ada', '--out', folder);
  });

  it('writes a token to a file that only its owner can read, and revokes it', async () => {
    const file = join(folder, 'auditor.token');
    const { id } = await accepted('token', 'create', 'audit', '--role', 'auditor', '--out', file);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const auditor = ['host', 'list', '--token-file', file];
    await accepted(...auditor);
    await refused('AUTH_FORBIDDEN', 'token', 'create', 'x', '--role', 'operator', '--token-file', file);
    await accepted('token', 'revoke', String(id), '--yes');
    await refused('AUTH_TOKEN_INVALID', ...auditor);
  });

  it('makes no token whose secret it could not write', async () => {
    const file = join(folder, 'taken.token');
    writeFileSync(file, '');
    const before = await accepted('token', 'list');
    await refused('CLI_FILE_EXISTS', 'token', 'create', 'twice', '--role', 'auditor', '--out', file);
    assert.deepEqual(await accepted('token', 'list'), before);
  });

  it('registers endorsement keys one by one and by list, and shows nothing of a list with a mistake', async () => {
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];
    await accepted('ek', 'register', one, '--label', 'rack 3', '--host', 'hv-9');
    const list = join(folder, 'delivery.csv');
    writeFileSync(list, `# delivery of May\n${two},serial 12\n${three},serial 13,hv-13\n`);
    await accepted('ek', 'register', '--list', list);
    const { items } = await accepted('ek', 'list');
    assert.deepEqual(
      (items as { ekDigest: string; label: string; hostId?: string }[]).map(({ label, hostId }) => [label, hostId]),
      [
        ['rack 3', 'hv-9'],
        ['serial 12', undefined],
        ['serial 13', 'hv-13'],
      ],
    );
    await accepted('ek', 'unregister', one, '--yes');
    writeFileSync(list, `${one},fine\nnot a digest,x\n`);
    const wrong = await cliJson(['ek', 'register', '--list', list], world);
    assert.deepEqual([wrong.status, wrong.document['code']], [2, 'CLI_INPUT_UNRECOGNISED']);
    assert.match(String(wrong.document['message']), /^line 2 /);
    assert.equal(((await accepted('ek', 'list'))['items'] as unknown[]).length, 2);
    assert.equal((await cliJson(['ek', 'register', one], world)).status, 2);
  });

  it('withdraws a trust anchor, and lists it as withdrawn', async () => {
    const [anchor] = (await accepted('trust-anchor', 'list'))['items'] as { id: string }[];
    const { hosts } = await accepted('trust-anchor', 'withdraw', anchor?.id ?? '', '--reason', 'key lost', '--yes');
    assert.equal(hosts, 1);
    const { stdout } = await cli(['trust-anchor', 'list'], world);
    assert.match(stdout, /withdrawn 20/);
  });

  it('releases a host, and says what the server refuses in its own code', async () => {
    await accepted('host', 'release', 'cli-host', '--reason', 'mainboard replaced', '--yes');
    await refused('HOST_NOT_FOUND', 'host', 'show', 'nobody');
    await refused('GOLDEN_MEASUREMENT_NOT_FOUND', 'golden', 'show', `sha256:${'00'.repeat(32)}`);
  });
});
