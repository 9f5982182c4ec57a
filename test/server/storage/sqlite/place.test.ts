// A data directory that is moved, removed or restored under a server that runs.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { attest, trustedWorld, type TrustedWorld } from '../../../support/paper-story.ts';
import { refuses } from '../../../support/problems.ts';
import { createServerProcess, type ServerProcess } from '../../../support/server-process.ts';

describe('a database', function () {
  this.timeout(120_000);
  let server: ServerProcess;
  let world: TrustedWorld;
  before(async () => {
    server = await createServerProcess();
    await server.start();
    world = await trustedWorld(server.world());
  });
  after(() => server.remove());

  const file = (): string => join(server.dataDirectory, 'touchstone.db');
  const again = () => {
    const { enrolled, host } = world;
    return attest({ ...enrolled, client: server.client(enrolled.token, enrolled.prove) }, host);
  };
  const createToken = () =>
    server.client(server.token).call('createToken', { body: { name: 'kept', role: 'auditor' } });
  const acknowledgesNothing = async (): Promise<void> => {
    await refuses(again(), 'STORAGE_UNAVAILABLE', 503);
    await refuses(createToken(), 'STORAGE_UNAVAILABLE', 503);
    const operator = server.client(server.token);
    const { decision } = await operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.equal(decision, 'allow');
  };
  const readOnly = async (): Promise<boolean> =>
    (await server.client(server.token).call('getReadiness', {})).readOnly === true;

  it('that was moved away takes nothing, is said to take nothing, and goes on when it is back', async () => {
    const { id } = await createToken();
    const away = `${server.dataDirectory}.away`;
    renameSync(server.dataDirectory, away);
    try {
      await acknowledgesNothing();
      while (!(await readOnly())) await setTimeout(100);
    } finally {
      renameSync(away, server.dataDirectory);
    }
    assert.equal((await again()).verdict.status, 'affirming');
    while (await readOnly()) await setTimeout(100);
    await server.end('SIGKILL');
    await server.start();
    const { items } = await server.client(server.token).call('listTokens', {});
    assert.ok(items.some((token) => token.id === id));
  });

  it('in whose place another file was put takes nothing, and leaves that alone', async () => {
    const [mine, backup] = [`${server.dataDirectory}.mine`, `${server.dataDirectory}.backup`];
    copyFileSync(file(), backup);
    const { length } = readFileSync(backup);
    cpSync(server.dataDirectory, mine, { recursive: true });
    try {
      renameSync(backup, file());
      await acknowledgesNothing();
      assert.equal(await server.end('SIGTERM'), 0);
      assert.equal(readFileSync(file()).length, length);
    } finally {
      rmSync(server.dataDirectory, { recursive: true });
      renameSync(mine, server.dataDirectory);
    }
    await server.start();
  });

  it('that was removed takes nothing, and keeps its server from no orderly end', async () => {
    rmSync(server.dataDirectory, { recursive: true });
    await acknowledgesNothing();
    assert.equal(await server.end('SIGTERM'), 0);
    assert.ok(!existsSync(server.dataDirectory), 'nothing was made in its place');
  });
});
