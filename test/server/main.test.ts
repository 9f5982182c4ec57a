import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { checkConfig, doctor, initDataDirectory, loadConfig, startServer } from '../../src/server/index.ts';
import { attest, enrol, paperHost, trustSimulator, trustedWorld } from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { startReceiver } from '../support/receiver.ts';
import { createSignal } from '../support/signal.ts';
import { startTestServer, testStart } from '../support/test-server.ts';

describe('a server', () => {
  it('T36: without policy, golden measurement or operator it denies, and says so at start', async () => {
    const lines: string[] = [];
    const server = await startTestServer({ start: { announce: (line) => lines.push(line) } });
    const banner = lines.join('\n');
    for (const part of [
      'no policy: every host is denied',
      'no active golden measurement: every host is denied',
      'no trust anchor',
    ]) {
      assert.ok(banner.includes(part), banner);
    }
    await trustSimulator(server);
    const host = paperHost('hv-1');
    const enrolled = await enrol(server, host);
    const { verdict } = await attest(enrolled, host);
    assert.equal(verdict.status, 'none');
    assert.ok(verdict.findings.some(({ code }) => code === 'POLICY_ABSENT'));
    const decision = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.equal(decision.decision, 'deny');
    assert.match(decision.reasons[0]?.message ?? '', /POLICY_ABSENT/);
    await refuses(server.client().call('createAdmissionDecision', { body: { host: 'hv-1' } }), 'AUTH_REQUIRED', 401);
    await server.close();
  });

  it('says nothing in its banner when nothing is missing', async () => {
    const server = await startTestServer();
    await trustedWorld(server);
    await server.restart();
    assert.deepEqual(server.running.shortcomings, []);
    await server.close();
  });

  it('uses a data directory alone', async () => {
    const server = await startTestServer();
    await assert.rejects(startServer(server.config, { announce: () => undefined }), { code: 'DATA_DIRECTORY_LOCKED' });
    await server.close();
  });

  it('names the address it cannot listen on, and the TLS files it cannot use', async () => {
    const server = await startTestServer();
    const port = Number(new URL(server.url).port);
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-start-'));
    await initDataDirectory(join(folder, 'data'), { serverId: 'other.example' });
    const start = (settings: object) => {
      const config = checkConfig(
        { serverId: 'other.example', log: { level: 'silent' }, ...settings },
        join(folder, 'data'),
      );
      return startServer(config, { announce: () => undefined });
    };
    await assert.rejects(start({ listen: { port } }), { code: 'SERVER_ADDRESS_UNAVAILABLE' });
    const tls = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
    await assert.rejects(start({ listen: { port: 0 }, tls }), { code: 'DATA_DIRECTORY_INCOMPLETE' });
    writeFileSync(tls.keyFile, 'no key', { mode: 0o600 });
    await assert.rejects(start({ listen: { port: 0 }, tls }), { code: 'DATA_DIRECTORY_INCOMPLETE' });
    writeFileSync(tls.certFile, 'no certificate');
    await assert.rejects(start({ listen: { port: 0 }, tls }), { code: 'KEY_FILE_INVALID' });
    // Nothing is held after a start that failed.
    await (await start({ listen: { port: 0 } })).close(0);
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('finishes a request that is under way when it is told to stop, and takes no new one', async () => {
    const [held, asked] = [createSignal(), createSignal()];
    const server = await startTestServer({
      start: {
        wrapStore: (store) => ({
          ...store,
          listHosts: async (page) => {
            asked.give();
            await held.given;
            return store.listHosts(page);
          },
        }),
      },
    });
    const pending = server.operator.call('listHosts', {});
    await asked.given;
    const closing = server.running.close();
    await assert.rejects(server.client().call('getReadiness', {}));
    held.give();
    assert.deepEqual((await pending).items, []);
    await closing;
  });

  it('takes no new one either while what it does besides has not ended', async () => {
    const [held, asked] = [createSignal(), createSignal()];
    const receiver = await startReceiver();
    const server = await startTestServer({
      settings: { events: { webhookHosts: [receiver.host], allowLoopback: true } },
      start: {
        wrapStore: (store) => ({
          ...store,
          // A database that takes its time, asked who brings events.
          takeLease: async (...lease) => {
            asked.give();
            await held.given;
            return store.takeLease(...lease);
          },
        }),
      },
    });
    const pending = server.operator.call('createSubscription', { body: { url: receiver.url } });
    await asked.given;
    const closing = server.running.close();
    await assert.rejects(server.client().call('getReadiness', {}), { code: 'API_UNREACHABLE' });
    held.give();
    await pending;
    await closing;
    await receiver.close();
  });

  it('is looked after by a doctor who knows when a server is running', async () => {
    const server = await startTestServer();
    const running = await doctor(server.dataDirectory, testStart);
    const beside = (name: string) => running.find((check) => check.name === name);
    assert.match(beside('store')?.message ?? '', /running here: .* but not whether the database hangs together/);
    assert.deepEqual([beside('audit')?.ok, beside('operators')?.message], [true, '1 operator token']);
    assert.match(beside('policies')?.message ?? '', /no policy/);
    await trustSimulator(server);
    const after = await doctor(server.dataDirectory, testStart);
    assert.equal(after.find(({ name }) => name === 'anchors')?.message, '1 trust anchor');
    await server.operator.call('withdrawTrustAnchor', {
      path: { anchorId: (await server.operator.call('listTrustAnchors', {})).items[0]?.id ?? '' },
      body: { reason: 'the server goes on writing' },
    });
    await server.running.close(0);
    const stopped = await doctor(server.dataDirectory, new Date());
    const failed = stopped.filter(({ ok, name }) => !ok && name !== 'disk').map(({ name }) => name); // not ours
    assert.deepEqual(failed, ['tls', 'policies', 'goldens', 'signers', 'anchors']);
    const database = new Database(join(server.dataDirectory, 'touchstone.db'));
    database.exec("DROP TRIGGER audit_is_append_only_update; UPDATE audit SET actor = 'nobody' WHERE sequence = 1");
    database.close();
    const changed = await doctor(server.dataDirectory, new Date());
    assert.match(changed.find(({ name }) => name === 'audit')?.message ?? '', /AUDIT_LOG_BROKEN: entry 1 /);
    const early = await doctor(server.dataDirectory, new Date('2001-01-01T00:00:00Z'));
    assert.equal(early.find(({ name }) => name === 'clock')?.ok, false);
    assert.throws(() => loadConfig('/nonexistent'), { code: 'CONFIG_NOT_FOUND' });
    assert.deepEqual(
      (await doctor('/nonexistent')).map(({ name, ok }) => [name, ok]),
      [['configuration', false]],
    );
    await server.close();
  });
});
