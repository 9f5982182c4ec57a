// docs/software-tpm.md, its blocks typed one after the other as they stand there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { touchstone } from '../support/program.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/software-tpm.md'), 'utf8');
const [installing, ...blocks] = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
const [make, trust, start, measure, attest, stop] = blocks;

describe('a software TPM at home', () => {
  let server: TestServer;
  let home = '';
  before(async () => {
    // Its clock stands still, and the certificates of the TPM are made later.
    server = await startTestServer({ at: new Date(Date.now() + 3_600_000) });
    home = mkdtempSync(join(tmpdir(), 'ts-home-'));
    mkdirSync(join(home, 'built/dist/cli'), { recursive: true });
    cpSync(join(root, 'src/cli/demo/captures'), join(home, 'built/dist/cli/demo/captures'), { recursive: true });
  });
  after(async () => {
    await type(stop);
    await server.close();
    rmSync(home, { recursive: true });
  });

  /** One shell for all that is given: what it exports is gone at its end, so each begins with what was exported before. */
  async function type(...typed: readonly (string | undefined)[]): Promise<{ status: number; output: string }> {
    const exported = [...page.matchAll(/^export .*$/gm)].map(([line]) => line);
    const program = [process.execPath, ...touchstone].map((word) => `'${word}'`).join(' ');
    const text = [
      `touchstone() { ${program} "$@"; }`,
      `mkdir -p ~/home-tpm && cd ~/home-tpm`,
      ...exported,
      'set -e',
      ...typed,
    ];
    const env = {
      PATH: process.env['PATH'],
      HOME: home,
      TOUCHSTONE_SERVER: server.url,
      TOUCHSTONE_TOKEN: server.operatorToken,
    };
    const child = spawn('bash', ['-c', text.join('\n').replaceAll('TOUCHSTONE/', `${home}/built/`)], { env });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => void (output += part.toString()));
    const [status] = (await once(child, 'exit')) as [number];
    return { status, output };
  }

  it('needs swtpm and tpm2-tools', () => {
    assert.match(installing ?? '', /^sudo apt-get install swtpm swtpm-tools tpm2-tools\n$/);
    assert.equal(blocks.length, 6);
  });

  it('is made, trusted and booted, enrols, and is refused for want of golden measurements', async () => {
    const { status, output } = await type(make, trust, start, measure, attest);
    assert.match(output, /enrolled +home-1/);
    assert.match(output, /POLICY_ABSENT/);
    assert.equal(status, 1, output);
  });

  it('boots something else after it was shut down, and was not set back', async () => {
    const other = `export TOUCHSTONE_EVENT_LOG=${home}/built/dist/cli/demo/captures/sb-off/binary_bios_measurements`;
    const again = measure?.replace(/^export TOUCHSTONE_EVENT_LOG=.*$/m, other);
    const { output } = await type(stop, 'sleep 1', start, again, 'touchstone agent attest');
    assert.match(output, /boot +rebooted/);
    assert.doesNotMatch(output, /BOOT_ROLLED_BACK|LOG_PCR_MISMATCH/);
  });
});
