// Two workers behind one socket, over PostgreSQL: what holds of one server holds of both, and whoever of them dies is missed by nobody.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import process from 'node:process';
import { ApiProblem, createApiClient, type ApiClient, type Prove, type components } from '../../../src/api/index.ts';
import { decodeHex } from '../../../src/core/encoding/index.ts';
import { findBrokenLink } from '../../../src/server/audit/audit-chain.ts';
import type { AuditRecord } from '../../../src/server/storage/index.ts';
import {
  attest,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';
import { startLanes, until } from './lanes.ts';

describe('two workers', () => {
  let server: ServerProcess;
  let world: TrustedWorld;
  const clients: ApiClient[] = [];
  before(async () => {
    const settings = { workers: 2, storage: await createTestDatabase(), postgres: { connections: 4 } };
    server = await createServerProcess({ ...settings, listen: { port: 0 } });
    await server.start();
    world = await trustedWorld(server.world());
  });
  after(() => {
    clients.forEach((client) => client.close());
    return server.remove();
  });

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
  /** Each over a connection of its own: they come to the workers in turn. */
  const apart = (count: number) =>
    Array.from({ length: count }, () => {
      const { enrolled } = world;
      return { ...enrolled, client: server.client(enrolled.token, enrolled.prove) };
    });

  /** Who dials in the moment in which a worker dies may hear nothing: such a client gives up soon. */
  const dial = (token: string, prove?: Prove): ApiClient => {
    const client = createApiClient({ baseUrl: server.url, token, timeoutMs: 5000, ...(prove && { prove }) });
    clients.push(client);
    return client;
  };

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

  it('lose nothing that was acknowledged when one is killed, and only who spoke with it notices', async () => {
    const [first, second] = workers();
    assert.ok(first !== undefined && second !== undefined);
    const other = paperHost('hv-2');
    const fleet = [world, { host: other, enrolled: await enrol(server.world(), other) }];
    const operator = server.client(server.token);
    /** The moments of verdicts, by host, and the ids of tokens. */
    const acknowledged = { verdicts: new Map<string, number>(), tokens: [] as string[] };
    const verdictAt = async (hostId: string, client = operator): Promise<number> => {
      const { verdict } = await client.call('getVerdict', { path: { hostId } });
      return Date.parse(verdict?.issuedAt ?? '');
    };
    const attesting = fleet.map(({ host, enrolled }) => {
      const road = { ...enrolled, client: dial(enrolled.token, enrolled.prove) };
      return async () => {
        const { verdict } = await attest(road, host);
        acknowledged.verdicts.set(enrolled.hostId, Date.parse(verdict.issuedAt));
      };
    });
    const asking = fleet.map(({ enrolled: { hostId } }) => {
      const client = dial(server.token);
      return async () => {
        const least = acknowledged.verdicts.get(hostId) ?? 0;
        assert.ok((await verdictAt(hostId, client)) >= least, 'a worker answered what was over');
      };
    });
    const naming = ['one', 'two'].map((name) => {
      const client = dial(server.token);
      return async () => {
        const { id } = await client.call('createToken', { body: { name, role: 'auditor' } });
        acknowledged.tokens.push(id);
      };
    });

    const lanes = await startLanes([...attesting, ...asking, ...naming]);
    try {
      await lanes.goOn();
      process.kill(first, 'SIGKILL');
      await lanes.goOn();
      await until(async () => /^touchstone_worker_starts_total\{worker="1"\} 2$/m.test(await metrics()));
      await until(async () => !/^touchstone_worker_up\{worker="\d"\} 0$/m.test(await metrics()));
    } finally {
      await lanes.end();
    }

    const noticed = lanes.noticed();
    assert.ok(noticed >= 1 && noticed <= lanes.count / 2, `${noticed} of ${lanes.count} noticed`);
    assert.ok(workers().includes(second) && !workers().includes(first) && workers().length === 2);
    for (const [hostId, at] of acknowledged.verdicts)
      assert.ok((await verdictAt(hostId)) >= at, `a verdict of ${hostId} is gone`);
    const entries = await readAudit(operator);
    const told = entries.filter(({ action }) => action === 'token.created').map(({ subject }) => subject);
    assert.deepEqual(
      acknowledged.tokens.filter((id) => !told.includes(id)),
      [],
      'acknowledged, and not in the audit log',
    );
    assert.equal(new Set(told).size, told.length, 'written twice');
  });

  it('serve with the one that was started again, too', async () => {
    // It counts from nothing: what it counts, it did. Who does not say within a second what it counts is left out of an answer,
    // and so may be one that does not listen yet.
    await until(async () => {
      for (const road of apart(2)) await attest(road, world.host);
      return /^touchstone_attestations_total\{[^}]*worker="1"\} [1-9]/m.test(await metrics());
    });
  });

  it('are found where they were when all of them died at once, although any free port was asked for', async () => {
    for (const pid of workers()) process.kill(pid, 'SIGKILL');
    await until(async () => (await dial(server.token).call('listTokens', {})).items.length > 0);
    await until(async () => !/^touchstone_worker_up\{worker="\d"\} 0$/m.test(await metrics()));
  });

  it('finish what they do when they are told to stop, and are gone with the primary', async () => {
    const before = workers();
    const body = JSON.stringify({ host: 'hv-1' });
    const asked = request(`${server.url}/v1/admission/decisions`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${server.token}`,
        'content-type': 'application/json',
        'content-length': body.length,
        expect: '100-continue',
      },
    });
    asked.flushHeaders();
    // A worker has begun with it, and waits for the rest.
    await once(asked, 'continue');
    const told = performance.now();
    const sinceTold = (): string => `${Math.round(performance.now() - told)} ms after they were told to stop`;
    const answered = (once(asked, 'response') as Promise<[IncomingMessage]>).catch((error: unknown) =>
      assert.fail(`cut ${sinceTold()}: ${String(error)}`),
    );
    const ended = server.end('SIGTERM');
    await Promise.race([answered, until(() => isRefused(server.url))]);
    asked.end(body);
    const [answer] = await answered;
    assert.equal(answer.statusCode, 200);
    assert.match(String(await answer.toArray()), /"decision":"allow"/);
    assert.equal(await ended, 0);
    assert.deepEqual(before.filter(isAlive), []);
  });
});

type AuditPage = components['schemas']['AuditPage'];

/** All of the audit log, whose hashes hold. */
async function readAudit(client: ApiClient) {
  const entries: AuditPage['items'] = [];
  for (;;) {
    const { items }: AuditPage = await client.call('listAudit', { query: { after: entries.length, limit: 1000 } });
    if (items.length === 0) break;
    entries.push(...items);
  }
  const records = entries.map(({ at, hash, previousHash, ...entry }) => ({
    ...entry,
    details: entry.details as AuditRecord['details'],
    at: Date.parse(at),
    hash: decodeHex(hash),
    previousHash: decodeHex(previousHash),
  }));
  assert.equal(findBrokenLink(records), undefined);
  return entries;
}

/** Nobody listens there any more. */
function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const tell = (refused: boolean) => () => {
      socket.destroy();
      resolve(refused);
    };
    socket.on('connect', tell(false)).on('error', tell(true));
  });
}
