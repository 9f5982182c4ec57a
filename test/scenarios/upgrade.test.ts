// Today's server over the store of an early one: what docs/upgrading.md promises to whoever upgrades.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../src/core/encoding/index.ts';
import { openEvidenceBundle } from '../../src/core/evidence-bundle/index.ts';
import { findBrokenLink } from '../../src/server/audit/audit-chain.ts';
import { doctor } from '../../src/server/index.ts';
import { openReader, openStore } from '../../src/server/storage/index.ts';
import { ordinaryBoot } from '../../src/simulator/index.ts';
import { exportBundle } from '../support/export.ts';
import { enrolledThen, oldTokens, putOldStore } from '../support/old-store.ts';
import { attest, authority, enrol, paperHost } from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { makeQuickFolder } from '../support/quick-folder.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const schemaOf = (dataDirectory: string): unknown => {
  const database = new Database(join(dataDirectory, 'touchstone.db'), { readonly: true });
  const schema = database.pragma('user_version', { simple: true });
  database.close();
  return schema;
};

describe('the store of an early release, under the server of today', () => {
  let server: TestServer;
  const operator = () => server.client(oldTokens.operator);
  const orchestrator = () => server.client(oldTokens.orchestrator);
  const admit = async (host: string) => {
    const { decision, reasons } = await orchestrator().call('createAdmissionDecision', { body: { host } });
    return [decision, ...reasons.map(({ code }) => code)];
  };
  before(async () => {
    server = await startTestServer();
    await server.restart({}, () => {
      putOldStore(server.dataDirectory);
      assert.equal(schemaOf(server.dataDirectory), 10);
      return Promise.resolve();
    });
  });
  after(() => server.close());

  it('admits by the verdicts of then, and goes on refusing whom operators set aside, released or shut out', async () => {
    assert.deepEqual(await admit('hv-1'), ['allow']);
    assert.deepEqual(await admit('hv-2'), ['deny', 'HOST_QUARANTINED']);
    assert.equal((await admit('hv-3'))[0], 'deny');
    const { items } = await operator().call('listQuarantines', {});
    assert.deepEqual(
      items.map(({ reason, state }) => [reason, state]),
      [['a rack that smells', 'in-force']],
    );
    await refuses(server.client(oldTokens.revoked).call('listHosts', {}), 'AUTH_TOKEN_INVALID', 401);
  });

  it('lets the hosts of then attest with the keys and tokens of then, by the golden measurements of then', async () => {
    for (const name of ['hv-1', 'hv-4', 'hv-5']) {
      const host = paperHost(name, { earlierBoots: 1 });
      const { verdict } = await attest(enrolledThen(server, host), host);
      assert.deepEqual([verdict.status, verdict.policy?.id], ['affirming', 'fleet'], name);
    }
    const changed = paperHost('hv-4', { earlierBoots: 2, boot: { ...ordinaryBoot, commandLine: 'init=/bin/sh' } });
    const { verdict } = await attest(enrolledThen(server, changed), changed);
    assert.equal(verdict.status, 'contraindicated');
    assert.equal((await admit('hv-4'))[0], 'deny');
  });

  it('takes no TPM of then for another host, and enrols new ones', async () => {
    const pem = encodePem('CERTIFICATE', authority.rootCertificate);
    await operator().call('createTrustAnchor', { body: { name: 'today', pem, scope: 'virtual' } });
    const known = paperHost('hv-9', { seed: 'hv-1' });
    await refuses(enrol({ ...server, operator: operator() }, known), 'HOST_EK_ALREADY_ENROLLED', 409);
    const host = paperHost('hv-6');
    const enrolled = await enrol({ ...server, operator: operator() }, host);
    assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
  });

  it('keeps the audit log whole, and has a bundle of a host of then', async () => {
    const store = await openReader(server.config);
    const entries = await store.listAudit(0, 1000);
    await store.close();
    assert.equal(findBrokenLink(entries), undefined);
    assert.ok(entries.length > 29);
    const bundle = openEvidenceBundle(await exportBundle({ ...server, operator: operator() }));
    assert.ok(bundle);
  });

  it('has nothing that the doctor calls wrong', async () => {
    const wrong = (await doctor(server.dataDirectory, server.now())).filter(
      ({ name, ok, severity }) => !ok && severity === 'error' && name !== 'clock',
    );
    assert.deepEqual(wrong, []);
  });
});

describe('a store whose schema cannot be brought up to date', () => {
  it('is as it was, whichever step failed, and is brought up to date by the next start', async () => {
    const dataDirectory = makeQuickFolder('touchstone-old-');
    const change = (text: string): void => {
      const database = new Database(join(dataDirectory, 'touchstone.db'));
      database.exec(text);
      database.close();
    };
    try {
      putOldStore(dataDirectory);
      // Two thirds of the way.
      change('CREATE TABLE attestations (in_the_way TEXT)');
      await assert.rejects(openStore({ dataDirectory, storage: 'sqlite' }), { code: 'STORAGE_UNAVAILABLE' });
      assert.equal(schemaOf(dataDirectory), 10);
      change('DROP TABLE attestations');
      const changes: unknown[] = [];
      const tell = (change: unknown): void => void changes.push(change);
      const store = await openStore({ dataDirectory, storage: 'sqlite' }, undefined, tell);
      assert.deepEqual(changes, [{ from: 10, to: schemaOf(dataDirectory) }]);
      assert.notEqual(await store.findVerdict('hv-1'), undefined);
      await store.close();
    } finally {
      rmSync(dataDirectory, { recursive: true });
    }
  });
});
