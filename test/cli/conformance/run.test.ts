import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli, cliJson } from '../cli-run.ts';
import { alterationsOf } from './alterations.ts';
import { makeVectors, type Case } from './lab-vectors.ts';

/** Members that say where something is, not what is expected. */
const places = new Set(['pcrs_file', 'chain', 'key']);

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
    const unwritable = await cli(['conformance', '--vectors', folder, '--json', join(folder, 'none/report.json')]);
    assert.match(unwritable.stderr, /CLI_FILE_UNWRITABLE/);
    const { stdout } = await cli(['conformance', '--vectors', folder, '--json', report]);
    assert.equal(stdout.trimEnd().split('\n').at(-1), '9 passed, 0 failed, 1 skipped');
    const [first] = (JSON.parse(readFileSync(report, 'utf8')) as { cases: object[] }).cases;
    assert.deepEqual(Object.keys(first ?? {}), ['file', 'kind', 'status', 'mismatches', 'observed']);
  });

  // Every leaf of every kind is altered in alterations.test.ts; here the command is seen to say so.
  it('fails a case when one of its expectations is another, and only that case', async () => {
    for (const one of cases.filter(({ kind }) => kind !== 'snp' && kind !== 'support')) {
      const compared = Object.keys(one.expect).filter((name) => !places.has(name));
      const changed = alterationsOf(one.expect, compared).filter(({ how }) => how === 'changed');
      const { path, expect } = changed.at(-1) ?? assert.fail(one.file);
      const { document, status } = await run(cases.map((each) => (each === one ? { ...one, expect } : each)));
      const failed = Object.entries(statuses(document)).filter(([, outcome]) => outcome === 'fail');
      assert.deepEqual(failed, [[one.file, 'fail']], `${one.file} ${path}`);
      assert.deepEqual([status, document['code']], [1, 'CLI_CONFORMANCE_FAILED']);
    }
  });

  it('fails when one PCR of the recorded replay is another, is missing, or is one too many, or a bank is empty', async () => {
    const original = JSON.parse(readFileSync(join(folder, 'uki.pcrs.json'), 'utf8')) as {
      replayed: Record<string, Record<string, string>>;
    };
    const changes: ((bank: Record<string, string>) => void)[] = [
      (bank) => void (bank['4'] = '00'.repeat(32)),
      (bank) => {
        delete bank['4'];
      },
      (bank) => void (bank['23'] = '00'.repeat(32)),
      (bank) => {
        for (const pcr of Object.keys(bank)) Reflect.deleteProperty(bank, pcr);
      },
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
