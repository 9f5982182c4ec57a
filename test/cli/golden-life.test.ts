// A folder of golden measurements and the server that follows it: drafts, overlaps, ends.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { documentIdOf, parseGoldenStatement } from '../../src/core/golden/index.ts';
import { applyPolicy, attest, bootLayers, enrol, paperHost, trustSimulator } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { otherKernel } from '../server/what-if/fleet.ts';
import { cli, cliAccepted, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

interface Listed {
  readonly id: string;
  readonly layer: string;
  readonly state: string;
}

describe('the life of golden measurements', () => {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-life-'));
    world = operatorAt(server);
    await trustSimulator(server);
    for (const name of ['old-1', 'new-1']) {
      const host = name === 'old-1' ? paperHost(name) : paperHost(name, { boot: otherKernel });
      await attest(await enrol(server, host), host);
    }
    await applyPolicy(server);
    for (const name of ['ada', 'grace']) {
      await accepted('signer', 'create', name, '--out', at('keys'));
      await accepted('signer', 'add', name, at(`keys/${name}.pub.pem`));
    }
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);
  const accepted = (...args: string[]) => cliAccepted(args, world);
  const refused = async (code: string, ...args: string[]) => {
    const run = await cliJson(args, world);
    assert.equal(run.document['code'], code, run.stdout);
    return run.document;
  };
  const filesIn = (name: string, ending: string): string[] =>
    readdirSync(at(name))
      .filter((file) => file.endsWith(ending))
      .map((file) => at(`${name}/${file}`));
  const sign = async (files: readonly string[], ...who: readonly string[]) => {
    for (const name of who) await accepted('golden', 'sign', ...files, '--key', at(`keys/${name}.key.pem`), '--yes');
  };
  const shown = async (state: string): Promise<string[]> => {
    const { items } = await accepted('golden', 'list', '--state', state);
    return (items as Listed[]).map(({ layer }) => layer).sort();
  };
  const sync = (...args: string[]) => accepted('golden', 'sync', at('golden'), '--yes', ...args);
  const actions = (document: Record<string, unknown>) =>
    (document['steps'] as { action: string; layer: string; state: string }[]).map(({ action, layer, state }) => [action, layer, state]); // prettier-ignore

  it('follows a folder: proposes what is signed, waits for the quorum, and then has nothing to do', async () => {
    await accepted('golden', 'capture', 'old-1', '--out', at('golden'), '--layers', bootLayers.join(','));
    await sign(filesIn('golden', '.statement.json'), 'ada');
    const planned = await accepted('golden', 'sync', at('golden'), '--dry-run');
    assert.equal(planned['done'], false);
    assert.equal(actions(planned).length, 6);
    assert.deepEqual(await shown('proposed'), []);
    const first = await sync();
    assert.deepEqual(
      new Set(actions(first).map(([action, , state]) => `${action} ${state}`)),
      new Set(['propose proposed']),
    );
    assert.equal(first['waiting'], 6);
    await sign(filesIn('golden', '.dsse.json'), 'grace');
    assert.deepEqual(new Set(actions(await sync()).map(([action, , state]) => `${action} ${state}`)), new Set(['add-signatures active'])); // prettier-ignore
    assert.deepEqual(actions(await sync()), []);
    assert.match(
      (await cli(['golden', 'sync', at('golden'), '--yes'], world)).stdout,
      /the server is as the folder says/,
    );
  });

  it('says before anything is done who would lose trust by the folder, and whether that is too many', async () => {
    const { items } = await accepted('golden', 'list', '--state', 'active');
    const [loader] = (items as { id: string; layer: string }[]).filter(({ layer }) => layer === 'boot-loader');
    writeFileSync(at('golden/ended.yaml'), `- { id: '${loader?.id}', state: retired, reason: out of use }\n`);
    const dry = ['golden', 'sync', at('golden'), '--dry-run'];
    const { stdout, status } = await cli(dry, world);
    assert.equal(status, 0);
    assert.match(stdout, /^with all of it in force, by the stored evidence:\n\d+ hosts, asked about /m);
    const lost = Number(
      /^(\d+) would lose trust\n {2}because +golden measurement boot-loader layer/m.exec(stdout)?.[1],
    );
    assert.ok(lost > 0, stdout);
    const beyond = await cliJson([...dry, '--max-flips', String(lost - 1)], world);
    assert.deepEqual([beyond.status, beyond.document['code']], [1, 'CLI_FLIPS_TOO_MANY']);
    assert.equal((await cli([...dry, '--max-flips', String(lost)], world)).status, 0);
    assert.ok((await shown('active')).includes('boot-loader'));
    rmSync(at('golden/ended.yaml'));
  });

  it('captures what is new only, and says what it was and what it is', async () => {
    const { stdout } = await cli(['golden', 'capture', 'new-1', '--out', at('captured')], world);
    assert.match(stdout, /^kernel: The kernel was replaced.*\(against sha256:[0-9a-f]{16}\)$/m);
    assert.match(stdout, /^ {2}was {2}\(unverified\) \S+vmlinuz \[[0-9a-f]{16}\]\n {2}is {3}/m);
    assert.deepEqual(readdirSync(at('captured')).sort(), ['initrd.statement.json', 'kernel.statement.json']);
    assert.match((await cli(['golden', 'capture', 'old-1', '--out', at('none')], world)).stdout, /^nothing new/);
  });

  it('drafts a validity, a description and a predecessor without touching what is expected', async () => {
    const { items } = await accepted('golden', 'list', '--state', 'active');
    const kernel = (items as Listed[]).find(({ layer }) => layer === 'kernel')?.id ?? '';
    const source = at('captured/kernel.statement.json');
    const later = ['--not-before', '2026-12-01', '--not-after', '2027-12-01'];
    const text = ['--description', 'kernel 6.1.0-57', '--supersedes', kernel];
    await accepted('golden', 'draft', source, '--out', at('golden/next'), ...later, ...text);
    const [before, after] = [source, at('golden/next/kernel.statement.json')].map((file) => parseGoldenStatement(new Uint8Array(readFileSync(file)))); // prettier-ignore
    assert.deepEqual(after?.events, before?.events);
    assert.equal(after?.description, 'kernel 6.1.0-57');
    assert.equal(after.supersedes, kernel);
    assert.notEqual(
      documentIdOf(readFileSync(source)),
      documentIdOf(readFileSync(at('golden/next/kernel.statement.json'))),
    );
    await refused('CLI_FILE_EXISTS', 'golden', 'draft', source, '--out', at('golden/next'), ...later);
    await refused('CLI_USAGE_INVALID', 'golden', 'draft', source, '--out', at('x'));
    await refused('CLI_USAGE_INVALID', 'golden', 'draft', source, '--out', at('x'), '--not-before', '2027-01-01', '--not-after', '2027-01-01'); // prettier-ignore
    await refused('CLI_USAGE_INVALID', 'golden', 'draft', source, '--out', at('x'), '--supersedes', 'sha256:4f1d');
  });

  it('shows what is active and not yet in force, then both of an overlap, then what has ended', async () => {
    await sign([at('golden/next/kernel.statement.json')], 'ada', 'grace');
    await sync();
    assert.deepEqual(await shown('not-yet'), ['kernel']);
    assert.deepEqual(await shown('superseded'), []);
    server.advance(10 * 86_400);
    assert.deepEqual([await shown('not-yet'), await shown('superseded')], [[], ['kernel']]);
    assert.match((await cli(['golden', 'list', '--state', 'active'], world)).stdout, /2027-12-01 +kernel 6\.1\.0-57/);
    const { items } = await accepted('golden', 'list', '--state', 'superseded');
    const shownOld = await cli(['golden', 'show', (items as Listed[])[0]?.id ?? ''], world);
    assert.match(shownOld.stdout, /state +superseded\nsuperseded by +sha256:[0-9a-f]{64}/);
    server.advance(355 * 86_400);
    await server.restart();
    world = operatorAt(server);
    const warned = server.running.shortcomings.find(({ name }) => name === 'golden-ends');
    assert.equal(warned?.message, '1 golden measurement to end within two weeks');
    server.advance(45 * 86_400);
    assert.deepEqual([await shown('expired'), await shown('superseded')], [['kernel'], []]);
  });

  it('ends what the folder lists as ended, with reason and CVE, and never takes a revocation back', async () => {
    const { items } = await accepted('golden', 'list');
    const idOf = (layer: string) => (items as Listed[]).find((golden) => golden.layer === layer)?.id ?? '';
    const list = (state: string, layer: string, more = '') => `- { id: "${idOf(layer)}", state: ${state}, reason: "no longer in use"${more} }\n`; // prettier-ignore
    writeFileSync(at('golden/ended.yaml'), list('retired', 'initrd') + list('revoked', 'boot-loader', ', cve: CVE-2023-40547')); // prettier-ignore
    assert.deepEqual(actions(await sync()), [
      ['retire', 'initrd', 'retired'],
      ['revoke', 'boot-loader', 'revoked'],
    ]);
    const shownEnd = await cli(['golden', 'show', idOf('boot-loader')], world);
    assert.match(shownEnd.stdout, /state +revoked[^]*no longer in use\nCVE +CVE-2023-40547/);
    writeFileSync(at('golden/ended.yaml'), list('retired', 'boot-loader'));
    const again = await sync();
    assert.deepEqual(actions(again), []);
    assert.deepEqual((again['conflicts'] as Listed[]).map(({ state }) => state), ['retired']); // prettier-ignore
  });

  it('retires what the folder no longer has only when told to, and nothing beyond the flips allowed', async () => {
    rmSync(at('golden/firmware.dsse.json'));
    assert.deepEqual(actions(await sync()), []);
    const planned = await accepted('golden', 'sync', at('golden'), '--retire-missing', '--dry-run');
    assert.deepEqual(actions(planned), [['retire', 'firmware', 'active']]);
    await sync('--retire-missing', '--max-flips', '0');
    assert.deepEqual(await shown('retired'), ['firmware', 'initrd']);
  });

  it('refuses a folder that is none, holds something strange, or an ended.yaml that nobody could mean', async () => {
    await refused('CLI_FILE_UNREADABLE', 'golden', 'sync', at('absent'));
    writeFileSync(at('captured/strange.dsse.json'), '{}');
    await refused('CLI_INPUT_UNRECOGNISED', 'golden', 'sync', at('captured'));
    mkdirSync(at('empty'));
    await refused('CLI_INPUT_UNRECOGNISED', 'golden', 'sync', at('empty'), '--retire-missing', '--yes');
    for (const text of ['{}', '- sha256', '- { id: "sha256:1", state: retired, reason: x }', ': [']) {
      writeFileSync(at('golden/ended.yaml'), text);
      await refused('CLI_INPUT_UNRECOGNISED', 'golden', 'sync', at('golden'));
    }
  });

  it('refuses a file that was edited after it was signed, by a trial run too, and names an end of nothing', async () => {
    const id = `sha256:${'0'.repeat(64)}`;
    writeFileSync(at('golden/ended.yaml'), `- { id: '${id}', state: revoked, reason: x }\n`);
    assert.deepEqual((await accepted('golden', 'sync', at('golden'), '--dry-run'))['unknown'], [id]);
    assert.match(
      (await cli(['golden', 'sync', at('golden'), '--yes'], world)).stdout,
      /0{64}, which the server does not have/,
    );
    const signed = JSON.parse(readFileSync(at('golden/kernel.dsse.json'), 'utf8')) as { payload: string };
    const payload = Buffer.from(signed.payload, 'base64').toString().replace('kernel layer', 'kernel Layer');
    const edited = { ...signed, payload: Buffer.from(payload).toString('base64') };
    writeFileSync(at('golden/edited.dsse.json'), JSON.stringify(edited));
    for (const more of ['--dry-run', '--yes']) {
      const run = await cliJson(['golden', 'sync', at('golden'), more], world);
      assert.deepEqual([run.status, run.document['code']], [1, 'CLI_SIGNATURE_UNKNOWN']);
      assert.match(String(run.document['message']), /signed edited\.dsse\.json: nothing was done$/);
    }
  });
});
