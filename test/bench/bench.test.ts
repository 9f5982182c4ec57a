// The benchmark runs and says what it must. What it measures is never held here: a busy machine must not fail a test.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, rowOf, type Row } from '../../bench/row.ts';
import { renderTable } from '../../bench/table.ts';
import { compile } from '../../lab/compile.ts';
import { build } from '../support/program.ts';

const root = join(import.meta.dirname, '../..');

/** Lays the benchmark out beside the build of what it measures: through the loader of TypeScript each of its many processes takes
 * one or two seconds longer. Returns its program. */
function layOut(folder: string, product: string): string {
  for (const room of ['bench', 'test/support']) compile(root, join(root, room), join(folder, room));
  symlinkSync(product, join(folder, 'src'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  return join(folder, 'bench/main.js');
}

describe('the benchmark', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('runs a tiny round and yields every row in JSON', () => {
    const program = build === undefined ? ['--import=tsx', join(root, 'bench/main.ts')] : [layOut(folder, build)];
    const text = execFileSync(process.execPath, [...program, '--tiny', '--json'], {
      cwd: root,
      // Against a hang alone.
      timeout: 600_000,
    });
    const { rows } = JSON.parse(text.toString()) as { readonly rows: readonly Row[] };
    for (const word of [
      'full verification',
      'unchanged log',
      'GET verdict',
      'batch',
      'over HTTPS',
      'p99',
      'group commit',
      'GET verdict over a far PostgreSQL',
      'attestation over a far PostgreSQL',
      'GET verdict from two workers (wall time)',
      'GET verdict from two workers (their CPU time)',
    ]) {
      assert.ok(
        rows.some(({ name }) => name.includes(word)),
        `no row about ${word}`,
      );
    }
    for (const { name, ratio, target, floor_us, product_us, runs, spread } of rows) {
      for (const value of [ratio, target, floor_us, product_us, runs, ...spread]) assert.ok(value > 0, name);
      assert.ok(spread[0] <= ratio && ratio <= spread[1], name);
    }
  });

  it('takes the ratio of each pair, and the median of the ratios', () => {
    const pairs = [
      { floor: 10, product: 20 },
      { floor: 100, product: 100 },
      { floor: 1, product: 9 },
    ];
    const row = rowOf({ name: 'three runs', target: 2.5 }, pairs);
    assert.deepEqual(row, {
      name: 'three runs',
      ratio: 2,
      target: 2.5,
      floor_us: 10,
      product_us: 20,
      runs: 3,
      spread: [1, 9],
    });
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.throws(() => median([]), TypeError);
  });

  it('tells people which targets are reached', () => {
    const row: Row = { name: 'a', ratio: 2, target: 2, floor_us: 1, product_us: 2, runs: 1, spread: [2, 2] };
    const [, first, second] = renderTable([row, { ...row, name: 'b', ratio: 2.01 }]).split('\n');
    assert.match(first ?? '', /^a .* reached$/);
    assert.doesNotMatch(first ?? '', /not reached$/);
    assert.match(second ?? '', /^b .* not reached$/);
  });
});
