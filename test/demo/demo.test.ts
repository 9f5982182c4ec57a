// The demonstration as a person runs it: a process of its own, on a software TPM, with a server that is killed.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stepNames, type StepRecord } from '../../src/cli/demo/step.ts';
import { touchstone } from '../support/program.ts';

interface DemoDocument {
  readonly ok: boolean;
  readonly tpm: string;
  readonly steps: readonly StepRecord[];
}

function runDemo(...args: string[]) {
  // A temporary folder of its own: what the demo leaves behind is seen. Its path is short: sockets lie in it.
  const folder = mkdtempSync(join(tmpdir(), 'td-'));
  try {
    const env = { ...process.env, TMPDIR: folder };
    const result = spawnSync(process.execPath, [...touchstone, 'demo', ...args], {
      encoding: 'utf8',
      env,
      timeout: 60_000,
    });
    // tsx keeps its cache there.
    const left = readdirSync(folder).filter((name) => name.startsWith('touchstone'));
    return { ...result, left };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function step(document: DemoDocument, name: string): StepRecord {
  const found = document.steps.find((one) => one.name === name);
  assert.ok(found, `no step ${name}`);
  return found;
}

type Members = Readonly<Record<string, string>>;

/** Every required member, no unknown one, each of its type. */
function assertMembers(value: object, required: Members, optional: Members): void {
  const types = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, typeof member]));
  assert.deepEqual(types, {
    ...Object.fromEntries(Object.entries(optional).filter(([name]) => name in types)),
    ...required,
  });
}

const codes = ({ findings = [] }: StepRecord) => findings.map(({ code }) => code);

for (const [tpm, args] of [
  ['swtpm', []],
  ['simulated', ['--simulated']],
] as const) {
  describe(`the demonstration with a TPM that is ${tpm}`, () => {
    let document: DemoDocument;
    let run: ReturnType<typeof runDemo>;
    before(() => {
      run = runDemo('--json', ...args);
      document = JSON.parse(run.stdout) as DemoDocument;
    });

    it('goes through every step as the story says, in order', () => {
      const failed = document.steps.filter(({ ok }) => !ok);
      assert.deepEqual(failed, [], run.stderr);
      assert.deepEqual(
        document.steps.map(({ name }) => name),
        stepNames,
      );
      assert.equal(document.ok, true);
      assert.equal(run.status, 0);
    });

    it('prints one object of the documented shape, and nothing else', () => {
      assert.deepEqual(Object.keys(document).sort(), ['ok', 'steps', 'tpm']);
      for (const entry of document.steps) {
        assertMembers(
          entry,
          { name: 'string', ok: 'boolean' },
          { verdict: 'string', decision: 'string', findings: 'object' },
        );
        for (const finding of entry.findings ?? []) {
          const optional = { pcr: 'number', event: 'number', expected: 'string', observed: 'string' };
          assertMembers(finding, { code: 'string', message: 'string' }, optional);
        }
      }
    });

    it('says where its evidence comes from', () => {
      assert.equal(document.tpm, tpm);
    });

    it('denies before any golden measurement is active, and allows after', () => {
      assert.equal(step(document, 'deny-before-golden').decision, 'deny');
      assert.equal(step(document, 'attest-trusted').verdict, 'affirming');
      assert.equal(step(document, 'admission-allow').decision, 'allow');
    });

    it('explains a changed command line by the event that changed', () => {
      const { verdict, decision, findings = [] } = step(document, 'refuse-command-line');
      assert.equal(verdict, 'contraindicated');
      assert.equal(decision, 'deny');
      const [finding, ...more] = findings;
      assert.ok(finding);
      assert.deepEqual(more, []);
      assert.match(finding.message, /layer kernel-command-line/);
      assert.equal(finding.pcr, 8);
      for (const part of ['event', 'expected', 'observed'] as const) assert.notEqual(finding[part], undefined, part);
      assert.match(finding.message, /lab\.evil=1/);
    });

    it('names Secure Boot when it is off', () => {
      assert.ok(codes(step(document, 'refuse-secure-boot-off')).includes('SECURE_BOOT_DIVERGED'));
    });

    it('refuses the replay both ways, the clone and the unrestricted key by their codes', () => {
      assert.deepEqual(codes(step(document, 'refuse-replayed-quote')), [
        'CHALLENGE_NOT_FOUND',
        'TPM_QUALIFYING_DATA_MISMATCH',
      ]);
      assert.deepEqual(codes(step(document, 'refuse-cloned-tpm')), ['HOST_EK_ALREADY_ENROLLED']);
      assert.deepEqual(codes(step(document, 'refuse-unrestricted-ak')), ['TPM_KEY_ATTRIBUTES_REFUSED']);
    });

    it('leaves nothing behind', () => {
      assert.deepEqual(run.left, []);
    });
  });
}

describe('the demonstration in a terminal', () => {
  it('leaves the server running to play with, prints what to try next, and removes everything at Ctrl-C', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'td a '));
    const command = ['exec', ...[process.execPath, ...touchstone].map((word) => `'${word}'`), 'demo --simulated'].join(
      ' ',
    );
    // `script` (util-linux) gives it a terminal of its own; `exec`, as dash would stay between them and die of Ctrl-C.
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      env: { ...process.env, TMPDIR: folder, NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    const isReady = new Promise<void>((resolve) => {
      child.stdout.on('data', (part: Buffer) => {
        output += part.toString();
        if (output.includes('Ctrl-C ends')) resolve();
      });
    });
    const ended = once(child, 'exit');
    try {
      await Promise.race([isReady, ended]);
      const url = /export TOUCHSTONE_SERVER=(\S+) TOUCHSTONE_TOKEN_FILE='(.+\/operator\.token)'/.exec(output);
      assert.ok(url?.[1] !== undefined && url[2] !== undefined, output);
      const token = readFileSync(url[2], 'utf8').trim();
      const answer = await fetch(`${url[1]}/v1/hosts`, { headers: { authorization: `Bearer ${token}` } });
      assert.equal(answer.status, 200);
      assert.match(output, /SIMULATED/);
      child.stdin.write('\u0003');
      assert.deepEqual(await ended, [0, null]);
      const left = readdirSync(folder).filter((name) => name.startsWith('touchstone'));
      assert.deepEqual(left, []);
      await assert.rejects(fetch(`${url[1]}/healthz`));
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
