import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { migrations } from '../../../src/server/storage/sqlite/migrations.ts';
import { doctor, initDataDirectory, loadConfig, startServer } from '../../../src/server/index.ts';

describe('a data directory', () => {
  let parent: string;
  let directory: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'touchstone-init-'));
    directory = join(parent, 'data');
  });
  afterEach(() => {
    rmSync(parent, { recursive: true });
  });
  const start = () =>
    startServer(
      { ...loadConfig(directory), listen: { host: '127.0.0.1', port: 0 }, log: { level: 'silent' } },
      { announce: () => undefined },
    );
  const init = () => initDataDirectory(directory, { serverId: 'a' });

  it('is private, and its keys are', async () => {
    await init();
    const mode = (path: string) => statSync(join(directory, path)).mode & 0o777;
    assert.equal(mode('.'), 0o700);
    for (const path of ['keys/token-signing.pem', 'keys/attestation-ca.pem', 'touchstone.yaml'])
      assert.equal(mode(path), 0o600);
  });

  it('stays as it is when a doctor of a newer release looks: the release before must still read it', async () => {
    await init();
    const database = new Database(join(directory, 'touchstone.db'));
    const older = migrations.length - 1;
    database.pragma(`user_version = ${older}`);
    const store = (await doctor(directory)).find(({ name }) => name === 'store');
    assert.deepEqual([store?.ok, store?.severity], [false, 'warning']);
    assert.match(store?.message ?? '', new RegExp(`schema ${older}; this release has ${older + 1}`));
    assert.match(store?.remedy ?? '', /^Back the data directory up, then start a server of this release/);
    assert.equal(database.pragma('user_version', { simple: true }), older);
    database.close();
  });

  it('is never overwritten', async () => {
    await init();
    const before = readFileSync(join(directory, 'keys/token-signing.pem'), 'utf8');
    await assert.rejects(init(), { code: 'DATA_DIRECTORY_EXISTS' });
    assert.equal(readFileSync(join(directory, 'keys/token-signing.pem'), 'utf8'), before);
    const other = join(parent, 'other');
    await initDataDirectory(other, { serverId: 'b' });
    rmSync(join(other, 'touchstone.yaml'));
    await assert.rejects(initDataDirectory(other), { code: 'DATA_DIRECTORY_EXISTS' });
  });

  it('is refused by name where it cannot be made, and that is no defect of ours', async () => {
    const file = join(parent, 'file');
    writeFileSync(file, '');
    symlinkSync(join(parent, 'nowhere', 'at-all'), join(parent, 'dangling'));
    for (const place of [file, join(file, 'data'), join(parent, 'dangling', 'data'), '/proc/no/data']) {
      await assert.rejects(initDataDirectory(place), ({ code, message }: NodeJS.ErrnoException) => {
        assert.equal(code, 'DATA_DIRECTORY_UNWRITABLE');
        assert.match(message, new RegExp(`^${place} cannot be made or written \\(E[A-Z]+\\)$`));
        return true;
      });
    }
  });

  it("shows the operator's token once and keeps only its hash", async () => {
    const { operatorToken } = await init();
    const secret = operatorToken.split('.')[1] ?? 'x';
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const file of files) {
      assert.equal(readFileSync(join(file.parentPath, file.name)).indexOf(secret), -1, file.name);
    }
  });

  it('is not made from a configuration that would be refused', async () => {
    await assert.rejects(initDataDirectory(directory, { serverId: 'a b' }), { code: 'CONFIG_INVALID' });
    await assert.rejects(initDataDirectory(directory, { serverId: 'a', listen: { host: '0.0.0.0' } }), {
      code: 'CONFIG_INVALID',
    });
    assert.deepEqual(readdirSync(parent), []);
  });

  for (const path of ['keys/token-signing.pem', 'keys/attestation-ca.pem', '.']) {
    for (const bits of [0o040, 0o004, 0o020]) {
      it(`T5: does not start when ${path} has mode bits ${bits.toString(8)} for others`, async () => {
        await init();
        const file = join(directory, path);
        chmodSync(file, (statSync(file).mode & 0o700) | bits);
        await assert.rejects(start(), { code: 'KEY_FILE_EXPOSED' });
        const failed = (await doctor(directory)).filter(({ ok, severity }) => !ok && severity === 'error');
        assert.ok(failed.some(({ message }) => message.includes('KEY_FILE_EXPOSED')));
      });
    }
  }

  it('does not start with a missing, foreign or broken key', async () => {
    await init();
    const path = join(directory, 'keys/attestation-ca.pem');
    const key = readFileSync(path);
    writeFileSync(path, readFileSync(join(directory, 'keys/token-signing.pem')));
    await assert.rejects(start(), { code: 'KEY_FILE_INVALID' });
    writeFileSync(path, 'no key');
    await assert.rejects(start(), { code: 'KEY_FILE_INVALID' });
    rmSync(path);
    await assert.rejects(start(), { code: 'DATA_DIRECTORY_INCOMPLETE' });
    writeFileSync(path, key, { mode: 0o600 });
    await (await start()).close(0);
  });
});
