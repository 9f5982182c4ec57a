import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isBuildOf } from './program.ts';

describe('whether a build is that of the sources as they are now', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-build-'));
    for (const path of ['settings.json', 'src/main.ts', 'src/room/door.ts', 'src/room/table.sql']) write(path, 10);
    for (const path of ['dist/main.js', 'dist/room/door.js', 'dist/room/table.sql']) write(path, 20);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const at = (path: string): string => join(folder, path);
  const write = (path: string, seconds: number): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), '');
    utimesSync(at(path), seconds, seconds);
  };
  const isBuilt = (): boolean => isBuildOf(at('dist'), at('src'), at('settings.json'));

  it('is seen', () => assert.equal(isBuilt(), true));

  for (const path of ['src/main.ts', 'src/room/door.ts', 'src/room/table.sql', 'settings.json']) {
    it(`is denied when ${path} changed after it`, () => {
      write(path, 30);
      assert.equal(isBuilt(), false);
    });
  }

  it('is denied when there is a new source, or no build at all', () => {
    write('src/room/other.ts', 10);
    assert.equal(isBuilt(), false);
    rmSync(at('dist'), { recursive: true });
    assert.equal(isBuilt(), false);
  });
});
