// What ran on a host is approved by people who see which files that are, by the command line alone: captured, read, signed; a file that
// is new is named, and one that changes all the time is left out by its path. The lists of IMA are those of real guests of the lab.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchangeEvidence } from '../../src/agent/index.ts';
import { encodeHex } from '../../src/core/encoding/index.ts';
import type { PaperHost } from '../../src/simulator/index.ts';
import { cli, cliAccepted, cliJson, operatorAt, typed, type CliWorld } from '../cli/cli-run.ts';
import { enrol, paperHost, trustSimulator, type EnrolledHost } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const read = (boot: string, name: string): Uint8Array =>
  new Uint8Array(readFileSync(`test/fixtures/lab/boot/${boot}/${name}`));
const bootOf = (boot: string) => ({
  eventLog: read(boot, 'binary_bios_measurements'),
  imaLog: read(boot, 'ima_binary_runtime_measurements'),
});

describe('files that ran, as operators approve them', () => {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  let host: PaperHost;
  let enrolled: EnrolledHost;
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-files-'));
    world = operatorAt(server);
    await trustSimulator(server);
    host = paperHost('hv-1', bootOf('sb-on'));
    enrolled = await enrol(server, host);
    for (const name of ['ada', 'grace']) {
      await run(...typed`signer create ${name} --out ${at('keys')}`);
      await run(...typed`signer add ${name} ${at(`keys/${name}.pub.pem`)}`);
    }
    writeFileSync(at('fleet.yaml'), 'id: fleet\nlayers: [kernel, runtime]\nhosts: { all: true }\n');
    await run(...typed`policy apply ${at('fleet.yaml')}`);
    await attest();
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** As an agent does, which sends the list when it is asked for it. */
  const attest = async (): Promise<string> => {
    const state = { hostId: enrolled.hostId, serverId: 'test.example', akName: encodeHex(host.akName) };
    const result = await exchangeEvidence(enrolled.client, host, state);
    return result.verdict.status;
  };
  const at = (name: string): string => join(folder, name);
  const run = (...args: string[]) => cliAccepted(args, world);
  const said = async (...args: string[]): Promise<string> => (await cli(args, world)).stdout;
  const capture = (name: string) => typed`golden capture hv-1 --layers runtime --out ${at(name)}`;
  const approve = async (name: string): Promise<void> => {
    const draft = at(`${name}/runtime.statement.json`);
    await run(...typed`golden sign ${draft} --key ${at('keys/ada.key.pem')} --yes`);
    await run(...typed`golden propose ${at(`${name}/runtime.dsse.json`)}`);
    await run(...typed`golden approve --proposed --key ${at('keys/grace.key.pem')} --yes`);
  };
  const status = async (boot: string): Promise<string> => {
    host.reboot(bootOf(boot));
    return attest();
  };

  it('are not captured of evidence that has no list of them, which is said: it is not that nothing is new', async () => {
    const bare = paperHost('hv-0', { eventLog: read('sb-on', 'binary_bios_measurements') });
    const state = { hostId: 'hv-0', serverId: 'test.example', akName: encodeHex(bare.akName) };
    await exchangeEvidence((await enrol(server, bare)).client, bare, state);
    const capture = (layers: string) => typed`golden capture hv-0 --layers ${layers} --out ${at(layers)}`;
    const { status: code, document } = await cliJson(capture('runtime'), world);
    assert.deepEqual([code, document['code'], document['statements']], [1, 'CLI_LAYER_UNSEEN', []]);
    const two = await cli(capture('kernel,runtime'), world);
    assert.match(two.stdout, /^kernel +sha256:/m);
    assert.match(two.stdout, /^runtime was left out: the latest evidence has no list of files \(IMA\)/m);
    assert.doesNotMatch(two.stdout, /nothing new/);
    assert.equal(two.status, 1);
  });

  it('are shown to whoever reads a draft, by name and digest, and counted where consent is asked', async () => {
    await run(...capture('good'));
    const draft = at('good/runtime.statement.json');
    const shown = await said('inspect', 'golden', draft);
    assert.match(shown, /^accepts +18 files$/m);
    assert.match(shown, /^\/bin\/busybox +sha256:3d9f2889d6782537624a4e1a10e68a2ddd53e0ee8bac02676f27308f42ec6bf6$/m);
    const key = ['--key', at('keys/ada.key.pem')];
    const asked = await cli(['golden', 'sign', draft, ...key], { ...world, isTTY: true, typed: 'n\n' });
    assert.match(asked.stderr, /^runtime {2}sha256:[0-9a-f]{16} {2}18 files, of runtime layer$/m);
  });

  it('tell golden measurements of that layer apart in a list', async () => {
    await approve('good');
    const kernel = typed`golden capture hv-1 --layers kernel --out ${at('kernel')}`;
    await run(...kernel);
    for (const who of ['ada', 'grace'])
      await run(...typed`golden sign ${at('kernel/kernel.statement.json')} --key ${at(`keys/${who}.key.pem`)} --yes`);
    await run(...typed`golden propose ${at('kernel/kernel.dsse.json')}`);
    assert.equal(await status('sb-on'), 'affirming');
    assert.match(
      await said('golden', 'list', '--state', 'active'),
      /^runtime +active +2\/2 +ada, grace +- +18 files +[0-9a-f]{8} /m,
    );
  });

  it('are named by a capture where nobody approved them', async () => {
    assert.equal(await status('ima-evil'), 'contraindicated');
    const captured = await said(...capture('evil'));
    assert.match(
      captured,
      /^runtime: 1 file that nobody approved: \/mnt\/bin\/script-b \(against sha256:[0-9a-f]{16}\)$/m,
    );
    assert.match(captured, /^ +is +\/mnt\/bin\/script-b \[9eeac7fde4e45e7b\]$/m);
  });

  it('are what two hosts have in common, and not that each has some', async () => {
    for (const [name, boot] of [
      ['hv-2', 'ima-violation'],
      ['hv-3', 'ima-evil'],
    ] as const) {
      const other = paperHost(name, bootOf(boot));
      const { client } = await enrol(server, other);
      const state = { hostId: name, serverId: 'test.example', akName: encodeHex(other.akName) };
      await exchangeEvidence(client, other, state);
    }
    const explained = await said('host', 'explain', 'hv-1');
    assert.match(explained, /^error RUNTIME_DIVERGED\n(?: .*\n)*? +same on +1 other host: hv-3$/m);
    const of2 = await said('host', 'explain', 'hv-2');
    assert.match(of2, /^error RUNTIME_DIVERGED\n(?: .*\n)*? +same on +no other host$/m);
  });

  it('are left out by their path where they change while they are measured, which no digest accepts', async () => {
    assert.equal(await status('ima-violation'), 'contraindicated');
    const captured = await said(...capture('changed'));
    assert.match(captured, /; 1 file that changed while measured, which no digest accepts: \/vfile \(against/);
    const draft = at('changed/runtime.statement.json');
    const wrong = await cliJson(typed`golden draft ${draft} --out ${at('none')} --exclude-path vfile`);
    assert.deepEqual([wrong.status, wrong.document['code']], [1, 'GOLDEN_STATEMENT_INVALID']);
    const other = at('kernel/kernel.statement.json');
    assert.equal((await cliJson(typed`golden draft ${other} --out ${at('none')} --exclude-path /vfile`)).status, 2);
    await run(...typed`golden draft ${draft} --out ${at('without')} --exclude-path /vfile`);
    assert.match(await said('inspect', 'golden', at('without/runtime.statement.json')), /^not looked at +\/vfile$/m);
    await approve('without');
    assert.equal(await status('ima-violation'), 'affirming');
  });

  it('are accepted by the key that signed them, where a draft says so', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    writeFileSync(at('vendor.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    const draft = at('good/runtime.statement.json');
    await run(
      ...typed`golden draft ${draft} --out ${at('signed')} --file-signer ${at('vendor.pem')} --file-signer ${at('vendor.pem')}`,
    );
    const shown = await said('inspect', 'golden', at('signed/runtime.statement.json'));
    assert.match(shown, /^accepts +18 files, all that 1 key signed$/m);
    assert.match(shown, /^signed files +by the key [\w-]{43}$/m);
    const ec = typed`golden draft ${draft} --out ${at('none')} --file-signer ${at('keys/ada.pub.pem')}`;
    assert.equal((await cliJson(ec)).document['code'], 'GOLDEN_STATEMENT_INVALID');
  });
});
