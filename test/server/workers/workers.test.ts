// Two workers behind one socket, over PostgreSQL: what holds of one server holds of both, and whoever of them dies is missed by nobody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiProblem, ApiUnreachable, createApiClient } from '../../../src/api/index.ts';
import {
  attest,
  challengeFor,
  evidenceFor,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';

describe('two workers', function () {
  this.timeout(60_000);
  let server: ServerProcess;
  let world: TrustedWorld;
  before(async () => {
    const settings = { workers: 2, storage: await createTestDatabase(), postgres: { connections: 4 } };
    server = await createServerProcess({ ...settings, listen: { port: 0 } });
    await server.start();
    world = await trustedWorld(server.world());
  });
  after(() => server.remove());

  const workers = (): readonly number[] => {
    const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8');
    return children.trim().split(' ').filter(Boolean).map(Number);
  };
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const metrics = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${server.token}`, connection: 'close' };
    return (await fetch(`${server.url}/metrics`, { headers })).text();
  };
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await isSo().catch(() => false)); tries += 1) {
      assert.ok(tries < 800, 'it never came to that');
      await sleep(50);
    }
  };
  /** Each over a connection of its own: they come to the workers in turn. */
  const apart = (count: number) =>
    Array.from({ length: count }, () => {
      const { enrolled } = world;
      return { ...enrolled, client: server.client(enrolled.token, enrolled.prove) };
    });

  it('share the connections, and are measured one by one', async () => {
    assert.equal(workers().length, 2);
    for (const road of apart(4)) await attest(road, world.host);
    const text = await metrics();
    for (const worker of [1, 2]) {
      assert.match(text, new RegExp(`^touchstone_worker_up\\{worker="${worker}"\\} 1$`, 'm'));
      assert.match(text, new RegExp(`^touchstone_attestations_total\\{[^}]*worker="${worker}"\\} [1-9]`, 'm'));
    }
    assert.equal(text.match(/^# TYPE touchstone_hosts /gm)?.length, 1);
    assert.match(text, /^touchstone_hosts\{state="fresh"\} 1$/m);
  });

  it('never accept a nonce twice, whichever of them is asked', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, ...others] = apart(3);
      assert.ok(one);
      const evidence = await evidenceFor(world.host, await challengeFor(one));
      const answers = await Promise.allSettled([one, ...others].map((road) => submit(road, evidence)));
      const codes = answers.map((answer) =>
        answer.status === 'fulfilled' ? 'accepted' : answer.reason instanceof ApiProblem && answer.reason.code,
      );
      assert.deepEqual(codes.sort(), [...Array.from({ length: 2 }, () => 'CHALLENGE_NOT_FOUND'), 'accepted']);
    }
  });

  it('lose nothing that was acknowledged when one is killed, and the other serves until there are two again', async () => {
    const [first = 0, second = 0] = workers();
    let [acknowledged, answered, isOver] = [0, 0, false];
    const hosts = async (): Promise<void> => {
      while (!isOver) {
        const [road] = apart(1);
        try {
          const { verdict } = await attest(road!, world.host);
          acknowledged = Math.max(acknowledged, Date.parse(verdict.issuedAt));
          answered += 1;
        } catch (error) {
          assert.ok(error instanceof ApiUnreachable || error instanceof ApiProblem, String(error));
        }
      }
    };
    const load = hosts();
    await until(() => Promise.resolve(answered > 3));
    process.kill(first, 'SIGKILL');
    const then = answered;
    await until(() => Promise.resolve(answered > then + 3));
    await until(async () => /^touchstone_worker_starts_total\{worker="\d"\} 2$/m.test(await metrics()));
    await until(async () => !/^touchstone_worker_up\{worker="\d"\} 0$/m.test(await metrics()));
    isOver = true;
    await load;
    assert.ok(workers().includes(second) && !workers().includes(first) && workers().length === 2);
    const { verdict } = await server.client(server.token).call('getVerdict', { path: { hostId: 'hv-1' } });
    assert.ok(Date.parse(verdict?.issuedAt ?? '') >= acknowledged, 'an acknowledged verdict is gone');
  });

  it('finish what they do when they are told to stop, and are gone with the primary', async () => {
    const before = workers();
    const client = createApiClient({ baseUrl: server.url, token: server.token });
    const asked = client.call('listAudit', { query: { limit: 1000 } });
    await sleep(5);
    const ended = server.end('SIGTERM');
    assert.ok((await asked).items.length > 0);
    client.close();
    assert.equal(await ended, 0);
    assert.deepEqual(before.filter(isAlive), []);
  });
});
