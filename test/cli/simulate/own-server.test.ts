// The easy way, as a person runs it: a process of its own, which starts a server and leaves nothing behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { touchstone } from '../../support/program.ts';

interface Document {
  readonly ok: boolean;
  readonly lost: number;
  readonly fleet: { readonly hosts: number; readonly tampered: number };
  readonly phases: readonly {
    readonly arrival: string;
    readonly attestations: number;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly errors: number;
    readonly histogram: readonly { readonly count: number }[];
    readonly serverCpu: { readonly perAttestationMicroseconds: number; readonly hostsPerCore: number };
  }[];
}

async function simulate(args: readonly string[], interrupt?: (text: string) => boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'ts-'));
  try {
    const env = { ...process.env, TMPDIR: folder };
    const child = spawn(process.execPath, [...touchstone, 'simulate', ...args], { env });
    const text = { stdout: '', stderr: '' };
    let interrupted = false;
    child.stdout.on('data', (part: Buffer) => (text.stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => {
      text.stderr += part.toString();
      if (!interrupted && interrupt?.(text.stderr) === true) {
        // Once: a second one would end it at once.
        interrupted = true;
        child.kill('SIGINT');
      }
    });
    const [status] = (await once(child, 'close')) as [number | null];
    // tsx keeps its cache there.
    const left = readdirSync(folder).filter((name) => name.startsWith('touchstone'));
    return { ...text, status, left };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('touchstone simulate', () => {
  it('starts a server, has its hosts trusted or refused as they deserve, says what they cost, and removes everything', async () => {
    const fleet = [
      '--hosts',
      '12',
      '--tampered',
      '25',
      '--boot',
      'generated',
      '--boot',
      'captured',
      '--kernel-builds',
      '2',
    ];
    const { left, status, stderr, stdout } = await simulate([...fleet, '--attestations', '24', '--json']);
    const document = JSON.parse(stdout) as Document;
    assert.equal(status, 0, stdout + stderr);
    assert.equal(stderr, '', 'quiet beside a document');
    assert.deepEqual(left, []);
    assert.equal(document.lost, 0);
    assert.deepEqual({ hosts: document.fleet.hosts, tampered: document.fleet.tampered }, { hosts: 12, tampered: 3 });
    assert.deepEqual(
      document.phases.map(({ arrival, attestations, errors, outcomes }) => ({
        arrival,
        attestations,
        errors,
        outcomes,
      })),
      [
        { arrival: 'power-cut', attestations: 12, errors: 0, outcomes: outcomesOf(9, 3) },
        { arrival: 'full-speed', attestations: 24, errors: 0, outcomes: outcomesOf(18, 6) },
      ],
    );
    for (const { attestations, histogram, serverCpu } of document.phases) {
      assert.equal(
        histogram.reduce((sum, { count }) => sum + count, 0),
        attestations,
      );
      assert.ok(serverCpu.perAttestationMicroseconds > 0 && serverCpu.hostsPerCore > 0);
    }
  });

  it('ends in order when it is interrupted, and shows what it counted', async () => {
    const load = ['--hosts', '2', '--arrival', 'even', '--interval', '3600', '--duration', '3600'];
    const { left, status, stderr, stdout } = await simulate(load, (text) => text.includes('even:'));
    assert.equal(status, 1, stderr);
    assert.match(stderr, /CLI_SIMULATION_INTERRUPTED/);
    assert.match(stdout, /trusted +[01]/);
    assert.deepEqual(left, []);
  });

  it('does not say that hosts were enrolled and trusted when it is interrupted before they were', async () => {
    const { left, status, stderr, stdout } = await simulate(['--hosts', '40'], (text) =>
      text.includes('enrolling: 1 '),
    );
    assert.equal(status, 1, stderr);
    assert.match(stderr, /CLI_SIMULATION_INTERRUPTED: it was ended before its time\n/);
    assert.match(stdout, /^set-up +ended before all hosts were enrolled$/m);
    assert.doesNotMatch(stdout, /trusted after|for each host|attestations per second/);
    assert.deepEqual(left, []);
  });
});

function outcomesOf(trusted: number, refused: number): Record<string, number> {
  return { trusted, 'refused-as-expected': refused, 'refused-unexpectedly': 0, 'trusted-unexpectedly': 0 };
}
