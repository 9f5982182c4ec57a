import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog, readLogAt, readUserspaceLog } from '../../src/agent/read-log.ts';

describe('logs beside a TPM', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ts-log-'));
    path = join(folder, 'log');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const never = () => assert.fail('there was nothing to wait for');

  it('are absent where there is no file, and unreadable where there is something else', async () => {
    assert.equal(await readLog(path), undefined);
    assert.equal(await readUserspaceLog(path, never), undefined);
    await assert.rejects(readLog(folder), { code: 'AGENT_LOG_UNREADABLE' });
    await assert.rejects(readUserspaceLog(folder, never), { code: 'AGENT_LOG_UNREADABLE' });
  });

  it('may be absent where they usually lie, and have to be there where somebody named another place', async () => {
    assert.equal(await readLogAt(undefined, path), undefined);
    assert.equal(await readLogAt(path, path), undefined);
    const isAbsent = { code: 'AGENT_LOG_ABSENT', message: `${path} does not exist` };
    await assert.rejects(readLogAt(path, join(folder, 'usual')), isAbsent);
    writeFileSync(join(folder, 'usual'), 'of the kernel');
    await assert.rejects(readLogAt(path, join(folder, 'usual')), isAbsent);
    assert.equal(await readLogAt('none', join(folder, 'usual')), undefined);
    assert.equal(textOf(await readLogAt(undefined, join(folder, 'usual'))), 'of the kernel');
    assert.equal(textOf(await readLogAt(join(folder, 'usual'), path)), 'of the kernel');
  });

  it('are read whole', async () => {
    writeFileSync(path, 'all of it');
    assert.deepEqual(textOf(await readLog(path)), 'all of it');
    assert.deepEqual(textOf(await readUserspaceLog(path, never)), 'all of it');
  });

  it('of the running system: waits while systemd extends and writes, and then has both', async () => {
    writeFileSync(path, 'one');
    chmodSync(path, 0o1600);
    let waits = 0;
    const log = await readUserspaceLog(path, () => {
      waits += 1;
      if (waits === 1) appendFileSync(path, ' and ha');
      if (waits === 2) {
        appendFileSync(path, 'lf');
        chmodSync(path, 0o600);
      }
      return Promise.resolve();
    });
    assert.equal(waits, 2);
    assert.equal(textOf(log), 'one and half');
  });

  it('of the running system: takes one that systemd gave up as it stands, after a bounded while', async () => {
    writeFileSync(path, 'one and ha');
    chmodSync(path, 0o1600);
    let waits = 0;
    const log = await readUserspaceLog(path, () => {
      waits += 1;
      return Promise.resolve();
    });
    assert.equal(waits, 9);
    assert.equal(textOf(log), 'one and ha');
  });

  it('of the running system: one without a byte is none, since nothing was measured', async () => {
    writeFileSync(path, '');
    assert.equal(await readUserspaceLog(path, never), undefined);
  });
});

function textOf(log: Uint8Array | undefined): string | undefined {
  return log && new TextDecoder().decode(log);
}
