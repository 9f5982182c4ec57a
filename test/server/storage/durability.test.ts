// What was acknowledged survives: kill -9 amid attestations, approvals, enrolments and what operators take away, and a disk that is full.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { encodeDenyList, denyPayloadType } from '../../../src/core/deny/index.ts';
import { encodeBase64, encodeHex } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { findBrokenLink } from '../../../src/server/audit/audit-chain.ts';
import { openSqliteStore } from '../../../src/server/storage/index.ts';
import {
  attest,
  authorise,
  authority,
  bootLayers,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  propose,
  signStatement,
  submit,
  trustedWorld,
  trustSimulator,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';

describe('durability', function () {
  this.timeout(120_000);
  let server: ServerProcess;
  beforeEach(async () => {
    server = await createServerProcess();
    await server.start();
  });
  afterEach(() => server.remove());

  /** Starts all `work` at once, kills the server after `enough` acknowledgements, and returns everything acknowledged. */
  const killAmid = async <T>(work: readonly (() => Promise<T>)[], enough: number): Promise<T[]> => {
    const acknowledged: T[] = [];
    let signal: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => (signal = resolve));
    const all = Promise.allSettled(
      work.map(async (one) => {
        acknowledged.push(await one());
        if (acknowledged.length >= enough) signal();
      }),
    );
    await Promise.race([reached, all]);
    await server.end('SIGKILL');
    await all;
    assert.ok(acknowledged.length >= enough, 'the server answered too little to learn anything');
    return acknowledged;
  };

  /** The audit log as it lies on disk, whole and chained. */
  const readAudit = async () => {
    const store = openSqliteStore(server.dataDirectory);
    try {
      const entries = await store.listAudit(0, 1000);
      assert.equal(findBrokenLink(entries), undefined);
      return entries;
    } finally {
      await store.close();
    }
  };

  it('loses nothing that was acknowledged when the server is killed, and no nonce works again', async () => {
    const story = await trustedWorld(server.world());
    const spent = await evidenceFor(story.host, await challengeFor(story.enrolled));
    await submit(story.enrolled, spent);
    const second = await enrol(server.world(), paperHost('hv-2'));
    const path = { hostId: 'hv-1' };
    const before = await server.client(server.token).call('getVerdict', { path });
    const audit = await server.client(server.token).call('listAudit', { query: { limit: 1000 } });
    await server.end('SIGKILL');

    await server.start();
    const operator = server.client(server.token);
    assert.deepEqual(await operator.call('getVerdict', { path }), before);
    assert.equal(before.status, 'affirming');
    assert.deepEqual((await operator.call('listAudit', { query: { limit: 1000 } })).items, audit.items);
    assert.equal((await operator.call('getHost', { path: { hostId: 'hv-2' } })).state, 'booting');
    assert.equal((await operator.call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision, 'allow');
    const again = { ...story.enrolled, client: server.client(story.enrolled.token, story.enrolled.prove) };
    await refuses(submit(again, spent), 'CHALLENGE_NOT_FOUND', 409);
    assert.equal((await attest(again, story.host)).verdict.status, 'affirming');
    await server.client(second.token, second.prove).call('createChallenge', { path: { hostId: 'hv-2' }, body: {} });
  });

  it('keeps each deny list that was acknowledged when killed amid imports, and the verdicts it ended stay ended', async () => {
    const story = await trustedWorld(server.world());
    const operator = server.client(server.token);
    const certificate = encodeHex(hash('sha256', authority.rootCertificate));
    const lists = Array.from({ length: 12 }, (_, index) => {
      const entry = {
        id: 'root',
        reason: 'stolen',
        cves: [],
        denies: { kind: 'endorsement', sha256: certificate } as const,
      };
      return encodeDenyList({ name: `list-${index}`, version: 1, issuedAt: new Date(0), entries: [entry] });
    });
    const acknowledged = await killAmid(
      lists.map((bytes) => async () => {
        const document = { payloadType: denyPayloadType, payload: encodeBase64(bytes) };
        const signatures = story.operators.map((one) => ({ sig: signStatement(one, document) }));
        return operator.call('importDenyList', { body: { envelope: { ...document, signatures } } });
      }),
      3,
    );
    const imported = (await readAudit()).filter(({ action }) => action === 'deny-list.imported');
    await server.start();
    const again = server.client(server.token);
    const { items } = await again.call('listDenyLists', {});
    const names = items.map(({ name }) => name);
    assert.deepEqual(
      imported.map(({ subject }) => subject).sort(),
      names,
      'each has its audit entry, and no other has one',
    );
    for (const { name } of acknowledged) assert.ok(names.includes(name), `${name} was lost`);
    assert.equal((await again.call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision, 'deny');
  });

  it('keeps each approval that was acknowledged when killed amid approvals, and never half of one', async () => {
    const world = server.world();
    await trustSimulator(world);
    const host = paperHost('hv-1');
    await attest(await enrol(world, host), host);
    const operators = [await authorise(world, 'alice'), await authorise(world, 'bob')] as const;
    const { statements } = await world.operator.call('createCapture', {
      path: { hostId: 'hv-1' },
      body: { layers: bootLayers },
    });
    const drafts = Array.from({ length: 48 }, (_, index) => {
      const { payloadType, payload } = statements[index % statements.length]!;
      return { payloadType, payload: redescribed(payload, `draft ${index}`) };
    });
    const acknowledged = await killAmid(
      drafts.map((draft) => () => propose(world, draft, operators)),
      8,
    );

    const activated = (await readAudit())
      .filter(({ action }) => action === 'golden.activated')
      .map((one) => one.subject);
    await server.start();
    const { items } = await server.client(server.token).call('listGoldenMeasurements', {});
    const active = items.filter(({ state }) => state === 'active').map(({ id }) => id);
    for (const { id, state } of acknowledged) assert.ok(state === 'active' && active.includes(id), `${id} was lost`);
    assert.deepEqual(active.sort(), activated.sort(), 'state and audit log disagree');
    assert.equal(items.length, active.length);
  });

  it('keeps what operators took away and set aside when killed amid that, and each of it once', async () => {
    const { operator } = server.world();
    const numbers = Array.from({ length: 24 }, (_, index) => index);
    const names = numbers.map((index) => `signer-${index}`);
    for (const name of names) await authorise(server.world(), name);
    const { items: signers } = await operator.call('listSigners', {});
    const tokens = await Promise.all(
      numbers.map((index) => operator.call('createToken', { body: { name: `t-${index}`, role: 'auditor' } })),
    );
    const body = { reason: 'suspect' };
    const acknowledged = await killAmid(
      numbers.flatMap((index) => [
        async () => {
          const keyid = signers[index]?.keyid ?? '';
          await operator.call('removeSigner', { path: { keyid }, body });
          return ['signer.removed', signers[index]?.name];
        },
        async () => {
          const tokenId = tokens[index]?.id ?? '';
          await operator.call('revokeToken', { path: { tokenId } });
          return ['token.revoked', tokenId];
        },
        async () => {
          const opened = await operator.call('createQuarantine', {
            body: { ...body, hosts: { names: [`hv-${index}`] } },
          });
          return ['quarantine.opened', opened.id];
        },
      ]),
      12,
    );
    const told = (await readAudit())
      .map(({ action, subject }) => `${action} ${subject}`)
      .filter((entry) => /^(signer\.removed|token\.revoked|quarantine\.opened) /.test(entry));
    assert.equal(new Set(told).size, told.length, 'each is told once');
    for (const done of acknowledged) assert.ok(told.includes(done.join(' ')), `${done.join(' ')} was lost`);
    await server.start();
    const again = server.client(server.token);
    const [left, kept, setAside] = await Promise.all([
      again.call('listSigners', {}),
      again.call('listTokens', { query: { limit: 1000 } }),
      again.call('listQuarantines', { query: { limit: 1000 } }),
    ]);
    const found = [
      ...names
        .filter((name) => !left.items.some((signer) => signer.name === name))
        .map((name) => `signer.removed ${name}`),
      ...kept.items.filter(({ revoked }) => revoked).map(({ id }) => `token.revoked ${id}`),
      ...setAside.items.map(({ id }) => `quarantine.opened ${id}`),
    ];
    assert.deepEqual(found.sort(), told.sort(), 'state and audit log disagree');
  });

  it('keeps each enrolment that was acknowledged when killed amid enrolments; the others enrol again', async () => {
    await trustSimulator(server.world());
    const hosts = Array.from({ length: 24 }, (_, index) => paperHost(`hv-${index}`));
    const acknowledged = await killAmid(
      hosts.map((host) => () => enrol(server.world(), host)),
      6,
    );

    const audited = (await readAudit())
      .filter(({ action }) => action === 'host.enrolled')
      .map(({ subject }) => subject);
    await server.start();
    const { items } = await server.client(server.token).call('listHosts', {});
    assert.deepEqual(items.map(({ id }) => id).sort(), audited.sort(), 'hosts and audit log disagree');
    for (const { hostId, token, prove } of acknowledged) {
      await server.client(token, prove).call('createChallenge', { path: { hostId }, body: {} });
    }
    const lost = hosts.filter(({ name }) => !acknowledged.some(({ hostId }) => hostId === name));
    for (const host of lost) assert.equal((await enrol(server.world(), host)).hostId, host.name);
  });

  it('acknowledges nothing on a full disk, says 503, goes on answering, and is whole when there is room again', async () => {
    const { enrolled, host } = await trustedWorld(server.world());
    const path = { hostId: 'hv-1' };
    await server.end('SIGKILL');
    const wal = join(server.dataDirectory, 'touchstone.db-wal');
    const largest = Math.max(...[wal, join(server.dataDirectory, 'touchstone.db')].map(sizeOf));
    await server.start({ fileKiB: Math.ceil(largest / 1024) + 64 });

    const limited = { ...enrolled, client: server.client(enrolled.token, enrolled.prove) };
    const operator = server.client(server.token);
    const acknowledged: string[] = [];
    const fill = async (): Promise<never> => {
      for (;;) {
        const { id } = await operator.call('createToken', { body: { name: 'x'.repeat(60), role: 'auditor' } });
        acknowledged.push(id);
      }
    };
    await refuses(fill(), 'STORAGE_UNAVAILABLE', 503);
    assert.ok(acknowledged.length > 0);
    await refuses(attest(limited, host), 'STORAGE_UNAVAILABLE', 503);
    assert.equal((await operator.call('getVerdict', { path })).status, 'affirming');
    assert.equal((await operator.call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision, 'allow');
    await server.end('SIGKILL');

    await server.start({ fileKiB: Math.ceil(sizeOf(wal) / 1024) });
    const restarted = server.client(server.token);
    assert.deepEqual(await restarted.call('getReadiness', {}), { status: 'ok', readOnly: true });
    assert.match(await metricsOf(server), /^touchstone_store_writable 0$/m);
    assert.equal((await restarted.call('getVerdict', { path })).status, 'affirming');
    assert.equal((await restarted.call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision, 'allow');
    const again = { ...enrolled, client: server.client(enrolled.token, enrolled.prove) };
    await refuses(attest(again, host), 'STORAGE_UNAVAILABLE', 503);

    server.giveRoom();
    assert.equal((await attest(again, host)).verdict.status, 'affirming');
    while ((await restarted.call('getReadiness', {})).readOnly === true) await setTimeout(100);
    const { items } = await restarted.call('listTokens', {});
    for (const id of acknowledged)
      assert.ok(
        items.some((token) => token.id === id),
        `${id} was lost`,
      );
    await server.end('SIGTERM');
    await readAudit();
  });

  it('ends where the disk fails at writing out, so that another process finds out what is there; nothing is lost', async () => {
    const { enrolled, host } = await trustedWorld(server.world());
    const acknowledged = await server
      .client(server.token)
      .call('createToken', { body: { name: 'kept', role: 'auditor' } });
    const ended = server.failDisk();
    const limited = { ...enrolled, client: server.client(enrolled.token, enrolled.prove) };
    await assert.rejects(attest(limited, host), ({ code }: { code?: string }) =>
      /^(?:STORAGE_UNAVAILABLE|API_UNREACHABLE)$/.test(code ?? ''),
    );
    assert.equal(await ended, 1);

    await readAudit();
    await server.start();
    const { items } = await server.client(server.token).call('listTokens', {});
    assert.ok(items.some(({ id }) => id === acknowledged.id));
    assert.equal(
      (await server.client(server.token).call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision,
      'allow',
    );
    const again = { ...enrolled, client: server.client(enrolled.token, enrolled.prove) };
    assert.equal((await attest(again, host)).verdict.status, 'affirming');
  });

  it('leaves what a start on a full disk has no room to make', async () => {
    const file = (name: string): string => join(server.dataDirectory, name);
    assert.ok(!existsSync(file('lock.db-journal')), 'the lock needs no room');
    await server.client(server.token).call('listAudit', { query: { limit: 1000 } });
    assert.equal(await server.end('SIGTERM'), 0, 'what was begun is finished');
    assert.equal(statSync(file('touchstone.db-wal')).size, 0, 'everything is in one file');
    assert.ok(statSync(file('touchstone.db-shm')).size > 0);
  });
});

/** The statement with another description: another document, with another digest. */
function redescribed(payload: string, description: string): string {
  const statement = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as { predicate: object };
  const changed = { ...statement, predicate: { ...statement.predicate, description } };
  return Buffer.from(JSON.stringify(changed)).toString('base64');
}

async function metricsOf({ url, token }: ServerProcess): Promise<string> {
  return (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text();
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
