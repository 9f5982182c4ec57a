import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attest, enrol, paperHost, trustedWorld, trustSimulator } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt } from './cli-run.ts';

describe('golden capture of a boot that its log does not explain', () => {
  let server: TestServer;
  let folder = '';
  before(async () => {
    server = await startTestServer();
    await trustSimulator(server);
    const host = paperHost('hv-1', { tampering: ['extended-by-hand'] });
    await attest(await enrol(server, host), host);
    folder = mkdtempSync(join(tmpdir(), 'touchstone-capture-'));
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const capture = (layers: string) => ['golden', 'capture', 'hv-1', '--out', join(folder, 'new'), '--layers', layers];

  it('is refused where no layer is left, and says where to look: it is not that nothing is new', async () => {
    const { status, document } = await cliJson(capture('kernel,boot-loader'), operatorAt(server));
    assert.deepEqual([status, document['code'], document['statements']], [1, 'CLI_CAPTURE_UNPROVEN', []]);
    assert.match(String(document['message']), /^nothing was captured: of no layer the log of hv-1 leads to /);
    const { stdout, stderr } = await cli(capture('kernel,boot-loader'), operatorAt(server));
    assert.match(stdout, /^kernel was left out: the log does not lead to the attested value \(PCR 4\)$/m);
    assert.doesNotMatch(stdout, /nothing new/);
    assert.match(stderr, /hint: `touchstone host explain HOST`/);
    assert.equal(existsSync(join(folder, 'new')), false);
  });

  it('is made of the layers that are proved, and names the others', async () => {
    const { status, stdout } = await cli(capture('kernel,firmware'), operatorAt(server));
    assert.equal(status, 0);
    assert.match(stdout, /^firmware +sha256:/m);
    assert.match(stdout, /^kernel was left out/m);
  });
});

describe('golden capture of a boot that differs in what lies at a path', () => {
  it('writes the path as everything else does: a backslash of it is escaped once', async () => {
    const server = await startTestServer();
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-capture-'));
    try {
      const { enrolled, host } = await trustedWorld(server);
      host.reboot({ tampering: ['changed-boot-loader'] });
      await attest(enrolled, host);
      const { stdout } = await cli(['golden', 'capture', enrolled.hostId, '--out', folder], operatorAt(server));
      assert.equal(stdout.split(String.raw`image File(\\EFI\\BOOT\\grubx64.efi)`).length, 3, stdout);
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  });
});
