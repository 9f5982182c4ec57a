import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../../src/cli/errors.ts';
import { readInput, writeOutput } from '../../src/cli/files.ts';

describe('files of the command line', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-files-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const refuses = (work: () => unknown, code: string) =>
    assert.throws(work, (error: unknown) => error instanceof CliError && error.code === code);

  it('reads a file, and names what cannot be read as misuse', () => {
    writeFileSync(join(folder, 'a'), 'text');
    assert.deepEqual(readInput(join(folder, 'a')), new Uint8Array(Buffer.from('text')));
    refuses(() => readInput(join(folder, 'absent')), 'CLI_FILE_UNREADABLE');
    refuses(() => readInput(folder), 'CLI_FILE_UNREADABLE');
  });

  it('never overwrites, and makes the folder it writes to', () => {
    const path = join(folder, 'new', 'deep', 'file');
    writeOutput(path, 'first');
    refuses(() => writeOutput(path, 'second'), 'CLI_FILE_EXISTS');
    assert.equal(readFileSync(path, 'utf8'), 'first');
  });

  it('says that a folder cannot be written to where it is a file, and not that what it would hold exists', () => {
    const file = join(folder, 'no-folder');
    writeFileSync(file, '');
    refuses(() => writeOutput(join(file, 'kernel.statement.json'), 'x'), 'CLI_FILE_UNWRITABLE');
  });

  it('ends where no folder can be made, below /proc, too', () => {
    refuses(() => writeOutput('/proc/no/folder/file', 'x'), 'CLI_FILE_UNWRITABLE');
  });

  it('keeps secrets to their owner', () => {
    const path = join(folder, 'secret');
    writeOutput(path, 'x', { mode: 0o600 });
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('shows control characters of a path instead of sending them to the terminal', () => {
    assert.throws(() => readInput('\u001b[31mred'), /\\u\{1b\}\[31mred/);
  });
});
