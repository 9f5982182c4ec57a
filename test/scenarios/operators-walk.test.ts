// An operator's walk, as a new user would try it: from the first capture to the retirement of a kernel, by the command line alone,
// against a server that listens. The hosts are paper; what they boot are logs of real guests of the lab.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseGoldenStatement } from '../../src/core/golden/index.ts';
import type { PaperHost } from '../../src/simulator/index.ts';
import { cli, cliJson, type CliWorld } from '../cli/cli-run.ts';
import { attest, enrol, paperHost, trustSimulator, type EnrolledHost } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

interface Listed {
  readonly id: string;
  readonly layer: string;
}

const bootOf = (run: string): string => `test/fixtures/lab/boot/${run}/binary_bios_measurements`;
const readBoot = (run: string): Uint8Array => new Uint8Array(readFileSync(bootOf(run)));

describe("an operator's walk", function () {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  const machines: { readonly host: PaperHost; readonly enrolled: EnrolledHost }[] = [];
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-walk-'));
    world = { env: { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN: server.operatorToken }, now: () => server.now() };
    await trustSimulator(server);
    for (const name of ['hv-1', 'hv-2', 'hv-3']) {
      const host = paperHost(name, { eventLog: readBoot('sb-on') });
      machines.push({ host, enrolled: await enrol(server, host) });
    }
    await attestAll();
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);
  const attestAll = async () => {
    const statuses = [];
    for (const { host, enrolled } of machines) statuses.push((await attest(enrolled, host)).verdict.status);
    return statuses;
  };
  const update = (index: number) => machines[index]?.host.reboot({ eventLog: readBoot('kernel-cloud') });
  const run = async (...args: string[]) => {
    const answer = await cliJson(args, world);
    assert.equal(answer.status, 0, `${args.join(' ')}: ${answer.stdout}${answer.stderr}`);
    return answer.document;
  };
  const read = async (...args: string[]): Promise<string> => (await cli(args, world)).stdout;
  const files = (name: string, ending: string): string[] =>
    readdirSync(at(name))
      .filter((file) => file.endsWith(ending))
      .map((file) => at(`${name}/${file}`));
  const listed = async (state: string) => (await run('golden', 'list', '--state', state))['items'] as Listed[];
  const sign = (name: string, who: string) =>
    run('golden', 'sign', ...files(name, '.statement.json'), '--key', at(`keys/${who}.key.pem`), '--yes');
  let newLayers: readonly string[] = [];

  it('1. begins with two operators, a policy, and nobody trusted', async () => {
    for (const name of ['ada', 'grace']) {
      await run('signer', 'create', name, '--out', at('keys'));
      await run('signer', 'add', name, at(`keys/${name}.pub.pem`));
    }
    const layers = 'firmware, secure-boot, boot-loader, kernel, kernel-command-line, initrd';
    const policy = `id: fleet\nlayers: [${layers}]\nrequireFacts: { secureBoot: enabled }\nverdictSeconds: 3600\nhosts: { all: true }\n`;
    writeFileSync(at('fleet.yaml'), policy);
    await run('policy', 'apply', at('fleet.yaml'));
    assert.ok((await attestAll()).every((status) => status !== 'affirming'));
    assert.match(await read('host', 'explain', 'hv-1'), /LAYER_GOLDEN_NONE/);
  });

  it('2. captures a good boot, and predicts the Secure Boot layer from keys that a log shows', async () => {
    await run('golden', 'capture', 'hv-1', '--out', at('captured'));
    await run('golden', 'predict', '--boot-log', bootOf('sb-on'), '--out', at('predicted'));
    const [captured, predicted] = ['captured', 'predicted'].map((name) =>
      parseGoldenStatement(new Uint8Array(readFileSync(at(`${name}/secure-boot.statement.json`)))),
    );
    const digests = (statement: typeof captured) => statement?.events.map(({ pcr, digests: all }) => [pcr, all.get('sha256')]); // prettier-ignore
    assert.deepEqual(digests(predicted), digests(captured), 'predicted equals measured');
    rmSync(at('captured/secure-boot.statement.json'));
  });

  it('3. signs twice, and only then the fleet is trusted', async () => {
    for (const name of ['captured', 'predicted']) {
      await sign(name, 'ada');
      await run('golden', 'propose', ...files(name, '.dsse.json'));
    }
    assert.ok((await attestAll()).every((status) => status !== 'affirming'));
    await run('golden', 'approve', '--proposed', '--key', at('keys/grace.key.pem'), '--yes');
    assert.deepEqual(await attestAll(), ['affirming', 'affirming', 'affirming']);
    assert.equal((await listed('active')).length, 6);
  });

  it('4. updates the kernel of one host, which is refused, and reads why', async () => {
    update(0);
    assert.notEqual((await attestAll())[0], 'affirming');
    const explained = await read('host', 'explain', 'hv-1');
    assert.match(explained, /KERNEL_DIVERGED/);
    assert.match(explained, /same on +no other host/);
    assert.match(explained, /touchstone golden capture hv-1/);
    assert.match(await read('host', 'outliers'), /^hv-1 +kernel +4 +1 of 3 /m);
  });

  it('5. drafts just what is new, and asks first what it would do', async () => {
    await run('golden', 'capture', 'hv-1', '--out', at('new'));
    newLayers = readdirSync(at('new')).map((file) => file.replace('.statement.json', ''));
    assert.ok(newLayers.includes('kernel') && !newLayers.includes('firmware'), newLayers.join());
    const drafts = files('new', '.statement.json').flatMap((file) => ['--activate', file]);
    const answer = await run('what-if', ...drafts);
    assert.deepEqual([answer['gained'], answer['lost']], [1, 0]);
    const active = await listed('active');
    for (const layer of newLayers) {
      const predecessor = active.find((golden) => golden.layer === layer)?.id ?? '';
      await run('golden', 'draft', at(`new/${layer}.statement.json`), '--out', at('drafts'), '--supersedes', predecessor); // prettier-ignore
    }
  });

  it('6. stages it: one signature, a rollout, the second signature, and one host has it', async () => {
    await sign('drafts', 'ada');
    await run('golden', 'propose', ...files('drafts', '.dsse.json'));
    await run('host', 'label', 'hv-1', 'canary=yes');
    const ids = (await listed('proposed')).map(({ id }) => `'${id}'`);
    const stages = '[{ labels: { canary: yes }, minimumHosts: 1, minimumSeconds: 600 }, { minimumHosts: 3 }]';
    writeFileSync(at('rollout.yaml'), `name: cloud-kernel\ngoldens: [${ids.join(', ')}]\nstages: ${stages}\n`);
    await run('golden', 'rollout', 'start', at('rollout.yaml'));
    await run('golden', 'approve', '--proposed', '--key', at('keys/grace.key.pem'), '--yes');
    assert.deepEqual((await listed('staged')).map(({ layer }) => layer).sort(), [...newLayers].sort());
    update(1);
    assert.deepEqual([(await attestAll())[0], (await attestAll())[2]], ['affirming', 'affirming']);
    assert.notEqual((await attestAll())[1], 'affirming', 'hv-2 is in no stage yet');
    const status = await read('golden', 'rollout', 'status', 'cloud-kernel');
    assert.match(status, /stage +1 of 2, advanced by operators/);
    assert.match(status, /hosts +1 in the opened stages, 1 trusted by it, 0 refused/);
    assert.match(status, /waits +it has to last until /);
    const early = await cliJson(['golden', 'rollout', 'advance', 'cloud-kernel'], world);
    assert.deepEqual([early.status, early.document['code']], [1, 'ROLLOUT_NOT_READY']);
  });

  it('7. widens by evidence, and retires the old kernel when no host needs it', async () => {
    server.advance(600);
    await run('golden', 'rollout', 'advance', 'cloud-kernel');
    update(2);
    assert.deepEqual(await attestAll(), ['affirming', 'affirming', 'affirming']);
    await run('golden', 'rollout', 'advance', 'cloud-kernel');
    assert.match(await read('golden', 'rollout', 'status'), /^cloud-kernel +widened /m);
    assert.deepEqual(await listed('staged'), []);
    await run('golden', 'rollout', 'advance', 'cloud-kernel');
    assert.deepEqual((await listed('retired')).map(({ layer }) => layer).sort(), [...newLayers].sort());
    assert.deepEqual(await attestAll(), ['affirming', 'affirming', 'affirming']);
    const late = await cliJson(['golden', 'rollout', 'roll-back', 'cloud-kernel', '--reason', 'x', '--yes'], world);
    assert.deepEqual([late.status, late.document['code']], [1, 'ROLLOUT_ENDED']);
  });

  it('8. refuses the old kernel from then on', async () => {
    machines[0]?.host.reboot({ eventLog: readBoot('sb-on') });
    assert.notEqual((await attestAll())[0], 'affirming');
    assert.match(await read('host', 'explain', 'hv-1'), /same on +no other host/);
  });
});
