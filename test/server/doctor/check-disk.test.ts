import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { checkDisk, readFreeSpace } from '../../../src/server/doctor/check-disk.ts';

const mebibyte = 1024 * 1024;

describe('the check of the disk', () => {
  it('warns where less than 256 MiB are free, and says how much there is', () => {
    assert.deepEqual([0, 255.9, 256].map((free) => checkDisk({ free: free * mebibyte }).ok), [false, false, true]); // prettier-ignore
    assert.equal(checkDisk({ free: 12.7 * mebibyte }).message, '12 MiB free where the data directory is');
  });

  it('says that it is an error where nothing is free', () => {
    assert.deepEqual([0, 0.9, 1].map((free) => checkDisk({ free: free * mebibyte }).severity), ['error', 'error', 'warning']); // prettier-ignore
  });

  it('reads what is free of the disk that holds the folder', () => {
    assert.ok(readFreeSpace(tmpdir()).free > 0);
  });
});
