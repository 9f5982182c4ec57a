// Admission at an address of its own, with the real processes over SQLite: what the server acknowledged is what the other process says,
// whoever of them is killed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiClient, type ApiClient } from '../../../src/api/index.ts';
import { checkConfig, ServerError, startConfigured } from '../../../src/server/index.ts';
import { attest, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { freePort } from '../../support/free-port.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { forkTheBuild } from '../../support/program.ts';
import { policiesOf } from '../../support/scheduling.ts';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';

function openFiles(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(join(folder, name))];
    } catch {
      return [];
    }
  });
}

describe('admission in a process of its own', () => {
  let server: ServerProcess;
  let world: TrustedWorld;
  let door: string;
  let here: ApiClient;
  const clients: ApiClient[] = [];
  const path = { hostId: 'hv-1' };
  before(async () => {
    // Any port that is free: whoever comes back after it was killed has to take the same.
    server = await createServerProcess({ listen: { port: 0 }, admission: { listen: { port: 0, realtime: true } } });
    await server.start();
    door = server.admissionUrl;
    world = await trustedWorld(server.world());
    const { token } = await server
      .client(server.token)
      .call('createToken', { body: { name: 'x', role: 'orchestrator' } });
    here = dial(token);
  });
  after(async () => {
    clients.forEach((client) => client.close());
    await server.remove();
  });

  const dial = (token: string): ApiClient => {
    const client = createApiClient({ baseUrl: door, token, timeoutMs: 5000 });
    clients.push(client);
    return client;
  };
  const statusHere = async (): Promise<string> => (await here.call('getVerdict', { path })).status;
  const children = (): readonly number[] => {
    const text = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8');
    return text.trim().split(' ').filter(Boolean).map(Number);
  };
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await isSo().catch(() => false)); tries += 1) {
      assert.ok(tries < 400, 'it never came to that');
      await sleep(50);
    }
  };
  /** The process that listens on the main address has the data directory's lock. */
  const serverPid = (): number | undefined =>
    children().find((pid) => openFiles(pid).includes(join(server.dataDirectory, 'lock.db')));
  const operator = (): ApiClient => server.client(server.token);

  it('sees a verdict, a quarantine and its end in the very next answer, again and again while a host attests', async () => {
    let isOver = false;
    const attesting = (async () => {
      while (!isOver) {
        const { issuedAt, status } = (await attest(world.enrolled, world.host)).verdict;
        // Who is set aside is told so, as of that moment, and not of the verdict.
        if (status === 'none') continue;
        const known = (await here.call('getVerdict', { path })).verdict?.issuedAt ?? '';
        assert.ok(known >= issuedAt, `${known} is older than ${issuedAt}, which was acknowledged`);
      }
    })();
    const main = operator();
    const rounds = async (): Promise<void> => {
      for (let round = 0; round < 60; round += 1) {
        const body = { hosts: { names: ['hv-1'] }, reason: 'a test' };
        const { id } = await main.call('createQuarantine', { body });
        assert.equal(await statusHere(), 'none', `a yes in round ${round} after a quarantine was acknowledged`);
        await main.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'over' } });
        assert.equal(await statusHere(), 'affirming');
      }
    };
    await rounds().finally(() => (isOver = true));
    await attesting;
  });

  it('refuses evidence there, and is measured with the others', async () => {
    const client = createApiClient({ baseUrl: door, token: world.enrolled.token, prove: world.enrolled.prove });
    clients.push(client);
    await assert.rejects(attest({ ...world.enrolled, client }, world.host), { code: 'SERVER_ADMISSION_ONLY' });
    const headers = { authorization: `Bearer ${server.token}` };
    const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
    assert.match(text, /^touchstone_worker_up\{worker="2"\} 1$/m);
    assert.match(text, /^touchstone_answers_total\{[^}]*operation="getVerdict"[^}]*worker="2"\} \d+$/m);
  });

  it('comes back when it is killed', async () => {
    const [first, second] = children();
    assert.ok(first !== undefined && second !== undefined && children().length === 2);
    process.kill(second, 'SIGKILL');
    await until(async () => children().length === 2 && !children().includes(second) && (await statusHere()) !== '');
    assert.ok(children().includes(first), 'the server is the same');
    assert.equal(await statusHere(), 'affirming');
  });

  it('has real-time scheduling where it may, and the server has not', () => {
    const isAllowed = spawnSync('chrt', ['--rr', '1', 'true']).status === 0;
    const policies = children().map((pid) => [pid === serverPid() ? 'server' : 'admission', ...policiesOf(pid)]);
    assert.deepEqual(policies.sort(), [
      ['admission', isAllowed ? 'round-robin' : 'ordinary'],
      ['server', 'ordinary'],
    ]);
  });

  it('goes on answering what holds while the server is away, and sees what the next one acknowledges', async () => {
    await attest(world.enrolled, world.host);
    for (let round = 0; round < 2; round += 1) {
      const victim = serverPid();
      assert.ok(victim !== undefined);
      process.kill(victim, 'SIGKILL');
      while (isAlive(victim)) await sleep(1);
      assert.equal(await statusHere(), 'affirming', 'while nobody serves the main address');
      await until(async () => serverPid() !== victim && (await fetch(`${server.url}/readyz`)).ok);
      assert.equal(await statusHere(), 'affirming');
      const { id } = await operator().call('createQuarantine', { body: { hosts: { all: true }, reason: 'a test' } });
      assert.equal(await statusHere(), 'none');
      await operator().call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'over' } });
      assert.equal(await statusHere(), 'affirming');
    }
  });

  it('stops with the first process', async () => {
    const all = children();
    assert.equal(await server.end('SIGTERM'), 0);
    await until(() => Promise.resolve(!all.some(isAlive)));
    await assert.rejects(fetch(`${door}/healthz`));
    // Whoever copies the data directory of a server that was stopped has everything in one file.
    const log = statSync(join(server.dataDirectory, 'touchstone.db-wal'), { throwIfNoEntry: false });
    assert.equal(log?.size ?? 0, 0);
  });

  it('is not started where its address is taken, and neither is the server', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const settings = { serverId: 'test.example', listen: { port: 0 }, admission: { listen: { port } } };
    const config = checkConfig({ ...settings, log: { level: 'silent' } }, server.dataDirectory);
    const forkAsBefore = forkTheBuild();
    await assert.rejects(
      startConfigured(config, { announce: () => undefined }).finally(forkAsBefore),
      (error) => error instanceof ServerError && error.code === 'SERVER_ADDRESS_UNAVAILABLE',
    );
    taken.close();
  });
});

describe('admission in a process of its own, over PostgreSQL', () => {
  it('is one replica more beside the workers', async () => {
    const port = await freePort();
    const listens = { listen: { port: 0 }, admission: { listen: { port } } };
    const storage = await createTestDatabase();
    const server = await createServerProcess({ workers: 2, storage, postgres: { connections: 2 }, ...listens });
    try {
      await server.start();
      const { host, enrolled } = await trustedWorld(server.world());
      const here = createApiClient({ baseUrl: `http://127.0.0.1:${port}`, token: server.token });
      const path = { hostId: enrolled.hostId };
      const main = server.client(server.token);
      for (let round = 0; round < 10; round += 1) {
        const { issuedAt } = (await attest(enrolled, host)).verdict;
        assert.equal((await here.call('getVerdict', { path })).verdict?.issuedAt, issuedAt);
        const { id } = await main.call('createQuarantine', { body: { hosts: { all: true }, reason: 'a test' } });
        assert.equal((await here.call('getVerdict', { path })).status, 'none');
        await main.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'over' } });
        assert.equal((await here.call('getVerdict', { path })).status, 'affirming');
      }
      await assert.rejects(here.call('listHosts', {}), { code: 'SERVER_ADMISSION_ONLY' });
      here.close();
    } finally {
      await server.remove();
    }
  });
});
