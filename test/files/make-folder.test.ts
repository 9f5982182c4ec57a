import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../src/files/index.ts';

describe('makeFolder', () => {
  let parent = '';
  before(() => (parent = mkdtempSync(join(tmpdir(), 'touchstone-folders-'))));
  after(() => rmSync(parent, { recursive: true, force: true }));

  it('makes a folder and those above it, each with the mode it was told', () => {
    makeFolder(join(parent, 'a', 'b'), 0o700);
    for (const made of [join(parent, 'a'), join(parent, 'a', 'b')]) assert.equal(statSync(made).mode & 0o777, 0o700);
  });

  it('leaves one that is there as it is', () => {
    mkdirSync(join(parent, 'there'), { mode: 0o755 });
    makeFolder(join(parent, 'there'), 0o700);
    assert.equal(statSync(join(parent, 'there')).mode & 0o777, 0o755);
  });

  it('throws what the system says, where a file is in the way and where a folder is refused as if one above it were missing', () => {
    writeFileSync(join(parent, 'file'), '');
    assert.throws(() => makeFolder(join(parent, 'file', 'below')), { code: 'ENOTDIR' });
    assert.throws(() => makeFolder('/proc/no/such'), { code: 'ENOENT' });
  });
});
