// A kernel is revoked, and an operator who does not know it meets the host at night: by the command line alone, what was revoked
// does not come back unless two operators sign that they mean it.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PaperHost } from '../../src/simulator/index.ts';
import { cli, cliAccepted, cliJson, operatorAt, type CliWorld } from '../cli/cli-run.ts';
import { attest, enrol, paperHost, trustSimulator, type EnrolledHost } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

interface Listed {
  readonly id: string;
  readonly layer: string;
}

describe('a boot that was revoked', function () {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  let host: PaperHost;
  let enrolled: EnrolledHost;
  let kernel = '';
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-revoked-'));
    world = operatorAt(server);
    await trustSimulator(server);
    host = paperHost('hv-1');
    enrolled = await enrol(server, host);
    await attest(enrolled, host);
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);
  const run = (...args: string[]) => cliAccepted(args, world);
  const refuses = async (...args: string[]) => {
    const { status, document } = await cliJson(args, world);
    return [status, document['code']];
  };
  const read = async (...args: string[]): Promise<string> => (await cli(args, world)).stdout;
  const files = (name: string, ending: string): string[] =>
    readdirSync(at(name))
      .filter((file) => file.endsWith(ending))
      .map((file) => at(`${name}/${file}`));
  const status = async () => (await attest(enrolled, host)).verdict.status;
  const listed = async (state: string) => (await run('golden', 'list', '--state', state))['items'] as Listed[];
  const signAs = (who: string, ...names: string[]) =>
    run('golden', 'sign', ...names, '--key', at(`keys/${who}.key.pem`), '--yes');

  it('1. was good, and its host trusted', async () => {
    for (const name of ['ada', 'grace']) {
      await run('signer', 'create', name, '--out', at('keys'));
      await run('signer', 'add', name, at(`keys/${name}.pub.pem`));
    }
    const layers = 'firmware, secure-boot, boot-loader, kernel, kernel-command-line, initrd';
    writeFileSync(at('fleet.yaml'), `id: fleet\nlayers: [${layers}]\nverdictSeconds: 3600\nhosts: { all: true }\n`);
    await run('policy', 'apply', at('fleet.yaml'));
    await run('golden', 'capture', 'hv-1', '--out', at('good'));
    for (const who of ['ada', 'grace']) await signAs(who, ...files('good', '.statement.json'));
    await run('golden', 'propose', ...files('good', '.dsse.json'));
    assert.equal(await status(), 'affirming');
    kernel = (await listed('active')).find(({ layer }) => layer === 'kernel')?.id ?? '';
  });

  it('2. is explained as revoked: by whom, when, why, and what to do, which is no capture', async () => {
    await run('golden', 'revoke', kernel, '--reason', 'holes', '--cve', 'CVE-2026-4242', '--yes');
    assert.notEqual(await status(), 'affirming');
    const explained = await read('host', 'explain', 'hv-1');
    assert.match(
      explained,
      new RegExp(`known +this boot is what a revoked golden measurement describes: [^]*${kernel}`),
    );
    assert.match(explained, /was revoked at 2\S+ by first operator \(token \S+\) because holes \(CVE-2026-4242\)/);
    assert.match(explained, /do +Boot another image/);
    assert.doesNotMatch(explained, /golden capture/);
  });

  it('3. is not drafted by a capture, which says why', async () => {
    const capture = await cli(['golden', 'capture', 'hv-1', '--out', at('again')], world);
    assert.equal(capture.status, 1);
    assert.match(
      capture.stdout,
      /kernel accepts again the boots of a revoked one: golden measurement sha256:[^]*holes/,
    );
    assert.match(capture.stderr, /CLI_GOLDEN_REVOKED/);
    assert.throws(() => readdirSync(at('again')), 'no draft');
    const { document } = await cliJson(['golden', 'capture', 'hv-1', '--out', at('again')], world);
    assert.deepEqual((document['leftOut'] as Listed[]).map(({ layer }) => layer), ['kernel']); // prettier-ignore
  });

  it('4. is refused under another id, by proposal and by a folder that the server follows', async () => {
    const draft = ['golden', 'draft', at('good/kernel.statement.json'), '--out', at('renamed')];
    await run(...draft, '--description', 'a fine kernel');
    await signAs('ada', at('renamed/kernel.statement.json'));
    assert.deepEqual(await refuses('golden', 'propose', at('renamed/kernel.dsse.json')), [1, 'GOLDEN_REVOKED_EVENTS']);
    const sync = ['golden', 'sync', at('renamed'), '--dry-run'];
    assert.deepEqual(await refuses(...sync), [1, 'CLI_GOLDEN_REVOKED']);
    const question = await read('what-if', '--activate', at('renamed/kernel.statement.json'));
    assert.match(question, /accepts again the boots of a revoked one/);
  });

  it('5. comes back when it is said why, in what both operators read and sign', async () => {
    const reason = 'revoked in error: ticket 7';
    const capture = ['golden', 'capture', 'hv-1', '--out', at('meant')];
    assert.deepEqual(await refuses(...capture, '--accept-revoked', kernel), [2, 'CLI_USAGE_INVALID']);
    const other = `sha256:${'0'.repeat(64)}`;
    assert.deepEqual(await refuses(...capture, '--accept-revoked', other, '--reason', reason), [
      2,
      'CLI_USAGE_INVALID',
    ]);
    await run(...capture, '--accept-revoked', kernel, '--reason', reason);
    const [statement = ''] = files('meant', '.statement.json');
    assert.match(await read('inspect', 'golden', statement), new RegExp(`accepts revoked +${kernel}: ${reason}`));
    await signAs('ada', statement);
    const proposed = await read('golden', 'propose', ...files('meant', '.dsse.json'));
    assert.match(proposed, /kernel accepts again the boots of a revoked one[^]*its signers mean it: revoked in error/);
    const key = ['--key', at('keys/grace.key.pem')];
    const asked = await cli(['golden', 'approve', '--proposed', ...key], { ...world, isTTY: true, typed: 'y\n' });
    assert.match(`${asked.stdout}${asked.stderr}`, /accepts again what was revoked, sha256:\S+: revoked in error/);
    assert.equal(await status(), 'affirming');
  });

  it('6. is not signed where the revocation came after the proposal, and the others are', async () => {
    host.reboot({ tampering: ['changed-kernel'] });
    await attest(enrolled, host);
    await run('golden', 'capture', 'hv-1', '--out', at('next'));
    await signAs('ada', at('next/kernel.statement.json'));
    await run('golden', 'propose', at('next/kernel.dsse.json'));
    await run('golden', 'draft', at('next/kernel.statement.json'), '--out', at('twin'), '--description', 'the same');
    await signAs('ada', at('twin/kernel.statement.json'));
    await run('golden', 'propose', at('twin/kernel.dsse.json'));
    const [first = { id: '' }] = await listed('proposed');
    const revoked = await read('golden', 'revoke', first.id, '--reason', 'holes too', '--yes');
    assert.doesNotMatch(revoked, /still accepted by/, 'nobody accepts it yet');
    const approve = ['golden', 'approve', '--proposed', '--key', at('keys/grace.key.pem'), '--yes'];
    assert.deepEqual(await refuses(...approve), [1, 'CLI_GOLDEN_REVOKED']);
    assert.notEqual(await status(), 'affirming');
  });

  it('7. is told at the revocation to be accepted still, where another one is in force', async () => {
    const active = (await listed('active')).find(({ layer }) => layer === 'initrd')?.id ?? '';
    const draft = ['golden', 'draft', at('good/initrd.statement.json'), '--out', at('other')];
    await run(...draft, '--description', 'the same initrd');
    for (const who of ['ada', 'grace']) await signAs(who, at('other/initrd.statement.json'));
    await run('golden', 'propose', at('other/initrd.dsse.json'));
    const revoked = await read('golden', 'revoke', active, '--reason', 'a bad script', '--yes');
    assert.match(
      revoked,
      /initrd is still accepted by sha256:[0-9a-f]{64}, which expects the same: revoke that one too/,
    );
  });
});
