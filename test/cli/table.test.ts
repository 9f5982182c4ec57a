import assert from 'node:assert/strict';
import { formatFacts, formatTable, wrapText } from '../../src/cli/table.ts';
import { createPaper } from '../../src/cli/terminal.ts';

const plainPaper = createPaper({ write: () => undefined }, {});

describe('formatTable', () => {
  it('aligns columns and leaves no blanks at the ends of lines', () => {
    const lines = formatTable(
      plainPaper,
      ['a', 'long title', 'c'],
      [
        ['wide cell', 'x', ''],
        ['y', 'z', 'last'],
      ],
    );
    assert.deepEqual(lines, ['a          long title  c', 'wide cell  x', 'y          z           last']);
  });

  it('counts what is seen, not the bytes of colours', () => {
    const paper = createPaper({ isTTY: true, write: () => undefined }, {});
    const [, first, second] = formatTable(
      paper,
      ['h', 'i'],
      [
        [paper.tone('bad', 'red'), '1'],
        ['plain', '2'],
      ],
    );
    assert.ok(first?.endsWith('red\u001b[39m    1'));
    assert.equal(second, 'plain  2');
  });

  it('has no lines without rows', () => {
    assert.deepEqual(formatTable(plainPaper, ['a'], []), []);
  });
});

describe('formatFacts', () => {
  it('leaves out what is not known', () => {
    assert.deepEqual(
      formatFacts(plainPaper, [
        ['a', '1'],
        ['longer', undefined],
        ['bc', '2'],
      ]),
      ['a   1', 'bc  2'],
    );
  });
});

describe('wrapText', () => {
  it('breaks at blanks and keeps long words whole', () => {
    assert.deepEqual(wrapText('one two three-is-long four', 8), ['one two', 'three-is-long', 'four']);
    assert.deepEqual(wrapText('', 8), []);
  });
});
