// The hook of libvirt, installed by its README's own commands, in a real libvirt with real guests of QEMU.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellBlocks } from '../contract/documented-commands.ts';
import { startLibvirt, whyNoLibvirt, type Libvirt } from '../support/libvirt.ts';
import { trustedWorld } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const folderOfHook = fileURLToPath(new URL('../../deploy/hypervisor/', import.meta.url));
/** The block of the README that installs on a host. */
const installing = shellBlocks(readFileSync(join(folderOfHook, 'README.md'), 'utf8')).find((block) =>
  block.includes('libvirt-hook'),
);

/** A guest without disks: it stays in its firmware. */
const guest = (name: string): string => `
<domain type='qemu'>
  <name>${name}</name>
  <memory unit='MiB'>64</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices>
</domain>`;

describe('a libvirt that asks before a guest begins', function () {
  this.timeout(120_000);
  let folder: string;
  let server: TestServer;
  let libvirt: Libvirt;
  const undo: (() => Promise<void>)[] = [];
  before(async function () {
    if (whyNoLibvirt() !== undefined) this.skip();
    folder = mkdtempSync(join(tmpdir().length > 40 ? '/tmp' : tmpdir(), 'td-virt-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    server = await startTestServer();
    undo.push(() => server.close());
    await trustedWorld(server);
    libvirt = await startLibvirt(folder);
    undo.push(() => libvirt.close());
    assert.ok(installing !== undefined);
    const { status, stderr } = await libvirt.shell(installing, folderOfHook);
    assert.equal(status, 0, stderr);
    appendFileSync(
      join(folder, 'etc/touchstone/admission.conf'),
      `TOUCHSTONE_SERVER=${server.url}\nTOUCHSTONE_HOST=hv-1\n`,
    );
    writeFileSync(join(folder, 'etc/touchstone/admission.token'), await server.token('orchestrator'), { mode: 0o600 });
    // A hook that is new is found when libvirtd starts again.
    await libvirt.restart();
    for (const name of ['web', 'db']) {
      writeFileSync(join(folder, `${name}.xml`), guest(name));
      assert.equal((await libvirt.virsh('define', join(folder, `${name}.xml`))).status, 0);
    }
  });
  after(async () => {
    for (const step of undo.reverse()) await step();
  });

  const stateOf = async (name: string): Promise<string> => (await libvirt.virsh('domstate', name)).stdout.trim();
  const quarantine = async (): Promise<string> => {
    const body = { hosts: { names: ['hv-1'] }, reason: 'ticket 4711' };
    return (await server.operator.call('createQuarantine', { body })).id;
  };
  const lift = async (quarantineId: string): Promise<void> => {
    await server.operator.call('liftQuarantine', { path: { quarantineId }, body: { reason: 'over' } });
  };
  const expectDenied = async (args: readonly string[], words: RegExp): Promise<void> => {
    const { status, stderr } = await libvirt.virsh(...args);
    assert.equal(status, 1);
    assert.match(stderr, words);
  };

  it('starts a guest on a trusted host', async () => {
    const { status, stderr } = await libvirt.virsh('start', 'web');
    assert.equal(status, 0, stderr);
    assert.equal(await stateOf('web'), 'running');
  });

  it('refuses to start one on a host in quarantine, with the reason in its error, and leaves those that run', async () => {
    const id = await quarantine();
    await expectDenied(['start', 'db'], /touchstone denies: HOST_QUARANTINED: .*ticket 4711/);
    assert.equal(await stateOf('db'), 'shut off');
    assert.equal(await stateOf('web'), 'running');
    await lift(id);
  });

  it('kills no guest when libvirtd starts again on a host that is denied', async () => {
    const id = await quarantine();
    const before = (await libvirt.virsh('domid', 'web')).stdout;
    await libvirt.restart();
    assert.equal(await stateOf('web'), 'running');
    assert.equal((await libvirt.virsh('domid', 'web')).stdout, before, 'the same guest, not another start of it');
    await lift(id);
  });

  it('restores a saved guest on a trusted host only', async () => {
    const saved = join(folder, 'web.saved');
    assert.equal((await libvirt.virsh('save', 'web', saved)).status, 0);
    const id = await quarantine();
    await expectDenied(['restore', saved], /HOST_QUARANTINED/);
    assert.equal(await stateOf('web'), 'shut off');
    await lift(id);
    const { status, stderr } = await libvirt.virsh('restore', saved);
    assert.equal(status, 0, stderr);
    assert.equal(await stateOf('web'), 'running');
  });

  it('is asked by the hook of Proxmox VE before a start, and by no other of its phases', async () => {
    const hook = async (phase: string) => libvirt.shell(`./proxmox-hook 100 ${phase}`, folderOfHook);
    assert.equal((await hook('pre-start')).status, 0);
    const id = await quarantine();
    const { status, stderr } = await hook('pre-start');
    assert.equal(status, 1);
    assert.match(stderr, /HOST_QUARANTINED/);
    for (const phase of ['post-start', 'pre-stop', 'post-stop']) assert.equal((await hook(phase)).status, 0, phase);
    await lift(id);
  });

  it('refuses when the verdict has expired, and when no server answers', async () => {
    server.advance(600);
    await expectDenied(['start', 'db'], /touchstone denies: VERDICT_EXPIRED/);
    await server.running.close(0);
    await expectDenied(['start', 'db'], /touchstone denies: the server could not be asked/);
    assert.equal(await stateOf('db'), 'shut off');
  });
});
