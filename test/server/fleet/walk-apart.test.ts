// A large fleet is looked at by another process: with the same answers, while hosts are served, and with no answer when it is killed.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiClient, type ApiClient } from '../../../src/api/index.ts';
import { encodeDenyList, parseDenyList } from '../../../src/core/deny/index.ts';
import { encodeBase64 } from '../../../src/core/encoding/index.ts';
import { walkApart } from '../../../src/server/fleet/walk-apart.ts';
import { checkConfig, moveEndOf, moveStorage, startServer } from '../../../src/server/index.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { refuses } from '../../support/problems.ts';
import { forkTheBuild } from '../../support/program.ts';
import { startTestServer, testStart, type TestServer } from '../../support/test-server.ts';
import { bootFleet, type Fleet } from '../what-if/fleet.ts';

describe('a look at a large fleet', function () {
  this.timeout(120_000);
  let server: TestServer;
  let fleet: Fleet;
  let forkAsBefore: () => void;
  before(() => (forkAsBefore = forkTheBuild()));
  after(() => forkAsBefore());
  before(async () => {
    server = await startTestServer({ start: { walkApartFrom: 1 } });
    fleet = await bootFleet(server, { old: 3, new: 2 });
  });
  after(() => server.close());

  const firmware = () => fleet.goldens[0] ?? '';
  const list = () => {
    const denies = { kind: 'golden', id: firmware() } as const;
    const entries = [{ id: 'firmware', reason: 'test', cves: [], denies }];
    return encodeDenyList({ name: 'fleet', version: 1, issuedAt: testStart, entries });
  };
  const askAll = async (client: ApiClient) => ({
    revoked: await client.call('askWhatIf', { body: { revoke: [firmware()] } }),
    denied: await client.call('findDeniedHosts', { body: { list: encodeBase64(list()) } }),
  });
  const order = () => ({
    config: server.config,
    at: server.now(),
    asked: {
      walk: 'denials',
      question: { list: parseDenyList(list()), isAlone: true, at: server.now() },
    } as const,
  });

  it('finds the same in a process of its own as in the server, over SQLite and over PostgreSQL', async () => {
    const apart = await askAll(server.operator);
    assert.deepEqual([apart.revoked.hosts, apart.revoked.lost, apart.denied.hosts], [7, 3, 7]);
    assert.ok(apart.denied.denied > 0);
    await server.restart({ walkApartFrom: Infinity });
    assert.deepEqual(await askAll(server.operator), apart);
    const url = await createTestDatabase();
    await server.running.close(0);
    const ends = { from: moveEndOf(`sqlite:${server.dataDirectory}`, {}), to: moveEndOf(url, {}) };
    await moveStorage({ ...ends, isRehearsal: false, tell: () => undefined });
    const settings = { serverId: 'test.example', listen: { port: 0 }, log: { level: 'silent' }, storage: url };
    const running = await startServer(checkConfig(settings, server.dataDirectory), {
      now: () => server.now(),
      announce: () => undefined,
      walkApartFrom: 1,
    });
    const client = createApiClient({ baseUrl: running.url, token: server.operatorToken });
    try {
      assert.deepEqual(await askAll(client), apart);
    } finally {
      client.close();
      await running.close(0);
      await server.restart();
    }
  });

  it('has no answer when that process is killed: nothing is half told', async () => {
    const asking = server.operator.call('askWhatIf', { body: { revoke: [firmware()] } });
    const refused = refuses(asking, 'FLEET_WALK_LOST', 503);
    process.kill(await findProcess(), 'SIGKILL');
    await refused;
  });

  it('keeps no verdict waiting, where one was killed before, too: that process stands still, and the server answers', async () => {
    const asking = server.operator.call('askWhatIf', { body: { revoke: [firmware()] } });
    const pid = await findProcess();
    process.kill(pid, 'SIGSTOP');
    const priority = getPriority(pid);
    const { status } = await server.operator.call('getVerdict', { path: { hostId: 'old-1' } });
    assert.equal(status, 'affirming');
    await refuses(server.operator.call('askWhatIf', { body: { revoke: [firmware()] } }), 'WHAT_IF_BUSY', 429);
    process.kill(pid, 'SIGCONT');
    assert.equal((await asking).lost, 3);
    assert.equal(priority, Math.min(19, getPriority() + 5), 'hosts and schedulers come first');
  });

  it('says of the store what that process found there', async () => {
    const { config, ...rest } = order();
    const steps = walkApart({ ...rest, config: { ...config, dataDirectory: tmpdir() } });
    await assert.rejects(steps.next(), { code: 'DATA_DIRECTORY_INCOMPLETE' });
    await findNone();
  });

  it('ends that process when who asked is gone', async () => {
    const steps = walkApart(order());
    assert.equal((await steps.next()).done, false);
    await findProcess();
    await steps.return(undefined);
    await findNone();
  });
});

function processes(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isWalk(name))
    .map(Number);
}

function isWalk(pid: string): boolean {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const isOurs = parent === String(process.pid) && state !== 'Z';
    return isOurs && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('walk-process');
  } catch {
    return false;
  }
}

async function findProcess(): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const [found] = processes();
    if (found !== undefined) return found;
    await sleep(5);
  }
  assert.fail('no process looks at the fleet');
}

async function findNone(): Promise<void> {
  for (let tries = 0; tries < 1000 && processes().length > 0; tries += 1) await sleep(5);
  assert.deepEqual(processes(), []);
}
