// The table of docs/threat-model.md, held to the tests that it names.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { errorCodes } from '../../../src/core/error-codes.ts';
import { factTable, findings } from '../../../src/core/appraisal/index.ts';
import { reasons } from '../../../src/server/admission/reasons.ts';
import { serverErrors } from '../../../src/server/index.ts';

interface Row {
  readonly number: number;
  readonly refusal: string;
  readonly file: string;
}

const document = readFileSync('docs/threat-model.md', 'utf8');
const rows = [...document.matchAll(/^\| (\d+) +\| [^|]+\| ([^|]+)\| `([^`]+)` +\|$/gm)].map(
  ([, number, refusal = '', file = '']): Row => ({ number: Number(number), refusal, file }),
);
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
/** The whole of the catalogue; 51 is our own. */
const entries = range(1, 51);

const mistakes = [...document.matchAll(/^\| (T\d+) +\| [^|]+\| `([^`]+)` +\|$/gm)];

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

  it('is as long as the README says, with the mistakes of others', () => {
    const said = `${entries.length} of them, and ${mistakes.length} mistakes of other verifiers`;
    assert.ok(readFileSync('README.md', 'utf8').includes(said), said);
  });

  it('has a row for each test that names an attack', () => {
    const titled = readdirSync('test', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .flatMap((name) => titlesIn(`test/${name}`));
    assert.deepEqual(
      titled.toSorted((left, right) => left - right),
      entries,
    );
  });

  it('names codes and facts that exist, and that the test asks for', () => {
    for (const { number, refusal, file } of rows) {
      const text = readFileSync(file, 'utf8');
      for (const [, name = ''] of refusal.matchAll(/`([A-Za-z0-9_]+)`/g)) {
        const isKnown = [errorCodes, findings, factTable, serverErrors, reasons].some((table) => name in table);
        assert.ok(isKnown, `attack ${number}: ${name} is nothing`);
        assert.ok(text.includes(name), `attack ${number}: ${name} is not asked for in ${file}`);
      }
    }
  });
});

describe('the mistakes of others', () => {
  it('are each held by a test of that number in the file that the table names', () => {
    assert.deepEqual(
      mistakes.map(([, number]) => number),
      range(1, 36).map((number) => `T${number}`),
    );
    for (const [, number = '', file = ''] of mistakes) {
      assert.match(readFileSync(file, 'utf8'), new RegExp(`\\bit\\(\\s*['"\`]${number}: `), `${number} in ${file}`);
    }
  });
});
