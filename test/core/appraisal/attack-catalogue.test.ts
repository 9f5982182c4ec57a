// The table of docs/threat-model.md, held to the tests that it names.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { errorCodes } from '../../../src/core/error-codes.ts';
import { factTable, findings } from '../../../src/core/appraisal/index.ts';

interface Row {
  readonly number: number;
  readonly refusal: string;
  readonly file: string;
}

const document = readFileSync('docs/threat-model.md', 'utf8');
const rows = [...document.matchAll(/^\| (\d+) +\| [^|]+\| ([^|]+)\| `([^`]+)` +\|$/gm)].map(
  ([, number, refusal = '', file = '']): Row => ({ number: Number(number), refusal, file }),
);
/** The part of the catalogue that is about quotes, boot logs and IMA lists. */
const entries = [3, 4, 5, 6, 7, 8, ...Array.from({ length: 15 }, (_, index) => 15 + index), 45, 49];

function titlesIn(file: string): readonly number[] {
  return [...readFileSync(file, 'utf8').matchAll(/\bit\(\s*['"`]attack (\d+): /g)].map(([, number]) => Number(number));
}

describe('the attack catalogue', () => {
  it('has a row for each entry, once, in order', () => {
    assert.deepEqual(
      rows.map(({ number }) => number),
      entries,
    );
  });

  it('names for each entry the file that has its test', () => {
    for (const { number, file } of rows) {
      assert.equal(titlesIn(file).filter((title) => title === number).length, 1, `attack ${number} in ${file}`);
    }
  });

  it('has a row for each test that names an attack', () => {
    const folder = 'test/core/appraisal';
    const titled = readdirSync(folder)
      .filter((name) => name.endsWith('.test.ts'))
      .flatMap((name) => titlesIn(`${folder}/${name}`));
    assert.deepEqual(
      titled.toSorted((left, right) => left - right),
      entries,
    );
  });

  it('names codes and facts that exist, and that the test asks for', () => {
    for (const { number, refusal, file } of rows) {
      const text = readFileSync(file, 'utf8');
      for (const [, name = ''] of refusal.matchAll(/`([A-Za-z0-9_]+)`/g)) {
        const isKnown = name in errorCodes || name in findings || name in factTable;
        assert.ok(isKnown, `attack ${number}: ${name} is nothing`);
        assert.ok(text.includes(name), `attack ${number}: ${name} is not asked for in ${file}`);
      }
    }
  });
});
