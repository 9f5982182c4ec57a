import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, cliJson } from '../cli-run.ts';
import { makeVectors, type Case } from './lab-vectors.ts';

/** Members that say where something is, not what is expected. */
const places = new Set(['pcrs_file', 'chain', 'key']);

/** Each way to alter one leaf of an expectation. */
function alterations(expect: Case['expect'], path = ''): { path: string; expect: Record<string, unknown> }[] {
  return Object.entries(expect).flatMap(([name, value]) => {
    const here = `${path}/${name}`;
    if (places.has(name)) return [];
    if (typeof value === 'object' && value !== null) {
      return alterations(value as Case['expect'], here).map((one) => ({
        path: one.path,
        expect: { ...expect, [name]: one.expect },
      }));
    }
    return [{ path: here, expect: { ...expect, [name]: alter(value) } }];
  });
}

function alter(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return null;
  const words: Record<string, string> = { ok: 'error', accept: 'reject', affirming: 'warning' };
  return words[value] ?? value.slice(0, -1) + (value.endsWith('0') ? '1' : '0');
}

describe('touchstone conformance', () => {
  let folder = '';
  let cases: Case[] = [];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-vectors-'));
    cases = await makeVectors(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = async (changed: readonly Case[] = cases) => {
    writeFileSync(join(folder, 'index.json'), JSON.stringify(changed));
    return cliJson(['conformance', '--vectors', folder]);
  };
  const statuses = (document: Record<string, unknown>) =>
    Object.fromEntries(
      (document['cases'] as { file: string; status: string }[]).map(({ file, status }) => [file, status]),
    );

  it('passes what is observed as expected, skips what is not read yet, and counts neither keys nor folders', async () => {
    const { document, status } = await run();
    const expected = {
      'uki.bin': 'pass',
      'quote.json': 'pass',
      'ek.der': 'pass',
      'ima.bin': 'pass',
      'ear.json': 'pass',
      'ear.jwt': 'pass',
      'signed.corim': 'pass',
      'parsec.corim': 'pass',
      'sign1.json': 'pass',
      'something.bin': 'skip',
    };
    assert.deepEqual(statuses(document), expected);
    assert.equal(status, 0);
  });

  it('ends with one line that counts', async () => {
    writeFileSync(join(folder, 'index.json'), JSON.stringify(cases));
    const report = join(folder, 'report.json');
    const { stdout } = await cli(['conformance', '--vectors', folder, '--json', report]);
    assert.equal(stdout.trimEnd().split('\n').at(-1), '9 passed, 0 failed, 1 skipped');
    const [first] = (JSON.parse(readFileSync(report, 'utf8')) as { cases: object[] }).cases;
    assert.deepEqual(Object.keys(first ?? {}), ['file', 'kind', 'status', 'mismatches', 'observed']);
  });

  it('fails a case when any one of its expectations is another, and only that case', async () => {
    for (const one of cases.filter(({ kind }) => kind !== 'snp' && kind !== 'support')) {
      for (const { path, expect } of alterations(one.expect)) {
        const changed = cases.map((each) => (each === one ? { ...one, expect } : each));
        const { document, status } = await run(changed);
        const failed = Object.entries(statuses(document)).filter(([, outcome]) => outcome === 'fail');
        assert.deepEqual(failed, [[one.file, 'fail']], `${one.file} ${path}`);
        assert.deepEqual([status, document['code']], [1, 'CLI_CONFORMANCE_FAILED']);
      }
    }
  });

  it('fails when any digit of the recorded replay is another, in any bank', async () => {
    const recorded = JSON.parse(readFileSync(join(folder, 'uki.pcrs.json'), 'utf8')) as Record<string, unknown>;
    const logOnly = cases.filter(({ kind }) => kind === 'eventlog');
    for (const { path, expect } of alterations(recorded)) {
      writeFileSync(join(folder, 'uki.pcrs.json'), JSON.stringify(expect));
      assert.equal(statuses((await run(logOnly)).document)['uki.bin'], 'fail', path);
    }
  });

  it('fails when one PCR of the recorded replay is another, is missing, or is one too many', async () => {
    const original = JSON.parse(readFileSync(join(folder, 'uki.pcrs.json'), 'utf8')) as {
      replayed: Record<string, Record<string, string>>;
    };
    const changes: ((bank: Record<string, string>) => void)[] = [
      (bank) => void (bank['4'] = '00'.repeat(32)),
      (bank) => {
        delete bank['4'];
      },
      (bank) => void (bank['23'] = '00'.repeat(32)),
    ];
    for (const change of changes) {
      const copy = structuredClone(original);
      change(copy.replayed['sha256'] ?? {});
      writeFileSync(join(folder, 'uki.pcrs.json'), JSON.stringify(copy));
      assert.equal(statuses((await run()).document)['uki.bin'], 'fail');
    }
  });

  it('fails a case that expects nothing, a kind it has never heard of, and a file that is not there', async () => {
    const { document } = await run([
      { file: 'quote.json', kind: 'quote', expect: {} },
      { file: 'ek.der', kind: 'horoscope', expect: { parse: 'ok' } },
      { file: 'absent.bin', kind: 'eventlog', expect: { parse: 'ok' } },
      { file: '../../../etc/hostname', kind: 'eventlog', expect: { parse: 'error' } },
    ]);
    assert.deepEqual(new Set(Object.values(statuses(document))), new Set(['fail']));
  });

  it('rejects when there is nothing to verify', async () => {
    const { status, document } = await run([]);
    assert.equal(status, 2);
    assert.equal(document['code'], 'CLI_VECTORS_EMPTY');
  });
});
