// The README, as a newcomer runs it: every line of "Use it", in order, in one shell, in a folder whose name has spaces, on a
// software TPM that holds a real boot. What stands in for the reader: `npx touchstone` is this checkout, answers to questions
// are yes, and the port is a free one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTpmDevice, pcrExtend } from '../../src/agent/index.ts';
import { eventTypes, parseEventLog } from '../../src/core/event-log/index.ts';
import { touchstone } from '../support/program.ts';
import { startTestTpm, type TestTpm } from '../support/swtpm.ts';
import { shellBlocks } from './documented-commands.ts';

const root = join(import.meta.dirname, '../..');
const boot = join(root, 'test/fixtures/lab/boot/sb-on/binary_bios_measurements');

describe('the README', () => {
  let folder: string;
  let tpm: TestTpm;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone a newcomer '));
    tpm = await startTestTpm({ name: 'host-01' });
    await measure(tpm);
  });
  after(async () => {
    await tpm.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('leads from an empty folder to an admitted host, line by line', async function () {
    this.timeout(900_000);
    const text = readFileSync(join(root, 'README.md'), 'utf8');
    const blocks = shellBlocks(text.slice(text.indexOf('## Use it'), text.indexOf('Offline, with the core alone')));
    assert.equal(blocks.length, 4, 'the README is laid out differently');
    const port = await findFreePort();
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/npx'), npx(port), { mode: 0o755 });
    symlinkSync(join(root, 'certs'), join(folder, 'certs'));
    // Of the reader's TPM nobody knows the maker yet: it is a software one.
    writeFileSync(join(folder, 'swtpm.pem'), tpm.authority.intermediate);
    const script = [
      prelude,
      ...blocks.join('\n').replaceAll(':8443', `:${port}`).split('\n').map(adapt),
      'echo the end',
    ];
    const { stdout, stderr } = spawnSync('bash', ['-c', script.join('\n')], {
      cwd: folder,
      encoding: 'utf8',
      // Against a hang alone: twenty programs, one after another, take ten times as long on a busy machine.
      timeout: 840_000,
      env: {
        PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
        HOME: folder,
        PORT: String(port),
        TOUCHSTONE_TPM: tpm.address,
        TOUCHSTONE_STATE: join(folder, 'agent'),
        TOUCHSTONE_EVENT_LOG: boot,
        TOUCHSTONE_IMA_LOG: 'none',
        TOUCHSTONE_USERSPACE_LOG: 'none',
      },
    });
    assert.match(stdout, /the end\n$/, `${stdout.slice(-2000)}\n${stderr.slice(-3000)}`);
    assert.match(stdout, /decision +allow/);
    assert.match(stderr, /LAYER_GOLDEN_NONE/);
  });
});

const prelude = 'set -e\ntrap \'[ -z "$server" ] || kill "$server"\' EXIT';

/** `# exit N` is held to; the server runs beside; the trust anchor of the software TPM comes with those of the makers. */
function adapt(line: string): string {
  if (line.includes('server start')) {
    const isUp = '(exec 3<>/dev/tcp/127.0.0.1/$PORT) 2>/dev/null';
    return `${line.replace(/#.*/, '')} 2>server.log & server=$!\nfor try in {1..300}; do if ${isUp}; then break; fi; sleep 0.2; done`;
  }
  if (line.includes('trust-anchor import'))
    return `${line}\nnpx touchstone trust-anchor import swtpm.pem --scope virtual`;
  const status = /# exit ([1-9])/.exec(line)?.[1];
  return status === undefined ? line : `if ${line.replace(/#.*/, '')}; then false; else [ $? -eq ${status} ]; fi`;
}

function npx(port: number): string {
  const program = [process.execPath, ...touchstone].map((word) => `'${word}'`).join(' ');
  return [
    '#!/bin/bash',
    'shift',
    `case "$1 $2" in 'server init') set -- "$@" --listen 127.0.0.1:${port};; 'golden sign' | 'golden approve') set -- "$@" --yes;; esac`,
    `exec ${program} "$@"`,
    '',
  ].join('\n');
}

/** The digests of a real boot, as firmware and boot loader extended them. */
async function measure({ address }: TestTpm): Promise<void> {
  const device = await openTpmDevice({
    address,
    eventLogPath: boot,
    imaLogPath: undefined,
    sleep: () => Promise.resolve(),
  });
  try {
    for (const event of parseEventLog(new Uint8Array(readFileSync(boot))).events) {
      if (event.untrustedType !== eventTypes.EV_NO_ACTION) await pcrExtend(device.client, event.pcr, event.digests);
    }
  } finally {
    await device.close();
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
