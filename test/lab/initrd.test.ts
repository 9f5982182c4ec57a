// The initial RAM disk of a guest, from drivers as the distributions ship them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { buildInitrd } from '../../lab/initrd.ts';

/** As much of a driver as is read: the part that names what it depends on. */
const driver = (depends: string): Buffer => Buffer.from(`ELF\0license=GPL\0depends=${depends}\0name=x\0`);

describe("a guest's initial RAM disk", () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-initrd-'));
    mkdirSync(join(folder, 'modules/kernel/fs'), { recursive: true });
    writeFileSync(join(folder, 'busybox'), 'busybox');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const place = (name: string, bytes: Uint8Array): void =>
    writeFileSync(join(folder, 'modules/kernel/fs', name), bytes);
  const kernel = () => ({ release: '6.1.0-0', image: '', modules: join(folder, 'modules') });
  const build = (): Uint8Array => buildInitrd(kernel(), join(folder, 'busybox'));
  const contents = (): string => gunzipSync(build()).toString('latin1');
  const loadOrder = (): readonly string[] =>
    /modules\.order\0+((?:\w+\.ko\n)*)/.exec(contents())?.[1]?.split('\n') ?? [];

  it('loads a driver after what it depends on', () => {
    place('ext4.ko', driver('mbcache,jbd2'));
    place('jbd2.ko', driver(''));
    place('mbcache.ko', driver(''));
    assert.deepEqual(loadOrder(), ['mbcache.ko', 'jbd2.ko', 'ext4.ko', '']);
  });

  for (const [program, ending] of [
    ['xz', 'xz'],
    ['zstd', 'zst'],
  ] as const) {
    it(`unpacks drivers that are packed with ${program}`, () => {
      const pack = (bytes: Buffer): Buffer => execFileSync(program, ['--compress', '--stdout'], { input: bytes });
      place(`ext4.ko.${ending}`, pack(driver('jbd2')));
      place('jbd2.ko', driver(''));
      assert.deepEqual(loadOrder(), ['jbd2.ko', 'ext4.ko', '']);
      assert.match(contents(), /modules\/ext4\.ko\0+ELF\0license=GPL/);
    });
  }

  it('leaves out what is built into the kernel', () => {
    assert.deepEqual(loadOrder(), ['']);
  });

  it('is the same from the same files', () => {
    place('ext4.ko', driver(''));
    assert.deepEqual(build(), build());
  });
});
