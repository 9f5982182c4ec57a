import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkNotExposed, readFile } from '../../../src/server/keys/key-file.ts';

describe('a file with a secret', () => {
  it('is missing only where there is none: what may not be looked at is there, and nobody shall make another', () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-key-file-'));
    // Nobody keeps root from a file; from one that leads to itself everybody is kept.
    symlinkSync('unreadable', join(folder, 'unreadable'));
    try {
      for (const look of [checkNotExposed, readFile]) {
        assert.throws(() => look(join(folder, 'none')), { message: `${folder}/none is missing` });
        assert.throws(() => look(join(folder, 'unreadable')), {
          message: `${folder}/unreadable cannot be read (ELOOP)`,
        });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
