// Who did it is told by name: that of the token, as it was when it acted, beside what the audit log has.
import assert from 'node:assert/strict';
import type { ApiClient } from '../../../src/api/index.ts';
import { readActorNames } from '../../../src/server/auth/actor-names.ts';
import type { Store, TokenRecord } from '../../../src/server/storage/index.ts';
import { enrol, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('names of actors', () => {
  let server: TestServer;
  let ada: ApiClient;
  let adaId = '';
  before(async () => {
    server = await startTestServer();
    const { id, token } = await server.operator.call('createToken', { body: { name: 'ada', role: 'operator' } });
    adaId = id;
    ada = server.client(token);
  });
  after(() => server.close());

  it('stand beside what was done, and stay when the token is revoked', async () => {
    const opened = await ada.call('createQuarantine', { body: { hosts: { all: true }, reason: 'x' } });
    assert.deepEqual([opened.createdBy, opened.createdByName], [`token ${adaId}`, 'ada']);
    await server.operator.call('revokeToken', { path: { tokenId: adaId } });
    const path = { quarantineId: opened.id };
    await server.operator.call('liftQuarantine', { path, body: { reason: 'y' } });
    const { items } = await server.operator.call('listQuarantines', {});
    assert.deepEqual([items[0]?.createdByName, items[0]?.lifted?.byName], ['ada', 'first operator']);
  });

  it('are told apart from the entries of the audit log, which are hashed as they are', async () => {
    const { items, actorNames = {} } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    const opened = items.find(({ action }) => action === 'quarantine.opened');
    assert.deepEqual([opened?.actor, actorNames[opened?.actor ?? '']], [`token ${adaId}`, 'ada']);
    assert.ok(!('actorName' in (opened ?? {})));
    const page = await server.operator.call('listEvents', { query: { kinds: 'quarantine.opened' } });
    assert.deepEqual(page.actorNames, { [`token ${adaId}`]: 'ada' });
    const [event] = page.items;
    assert.ok(event !== undefined && 'data' in event && event.data['actorName'] === 'ada');
    const ocsf = await server.operator.call('listEvents', { query: { kinds: 'quarantine.opened', format: 'ocsf' } });
    assert.match(JSON.stringify(ocsf.items), /"actor":\{"user":\{"name":"token tok_[^"]+","full_name":"ada"\}\}/);
  });

  it('are not told to orchestrators', async () => {
    await trustSimulator(server);
    await enrol(server, paperHost('hv-1'));
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'x' } });
    const query = { kinds: 'host.released' };
    const told = await server.operator.call('listEvents', { query });
    assert.deepEqual(Object.values(told.actorNames ?? {}), ['first operator']);
    const seen = await server.client(await server.token('orchestrator')).call('listEvents', { query });
    assert.deepEqual([seen.items.length, seen.actorNames], [1, undefined]);
    assert.doesNotMatch(JSON.stringify(seen), /first operator/);
  });

  it('are read once by whoever goes through what was done, one thing after the other', async () => {
    const asked: string[] = [];
    const findToken: Store['findToken'] = (id) => {
      asked.push(id);
      return Promise.resolve({ id, name: `name of ${id}` } as TokenRecord);
    };
    const [one, other] = ['tok_aaaaaaaaaaaaaaaa', 'tok_bbbbbbbbbbbbbbbb'];
    const known = await readActorNames({ findToken }, [`token ${one}`]);
    const names = await readActorNames({ findToken }, [`token ${one}`, `token ${other}`], known);
    assert.deepEqual([...names.values()], [`name of ${one}`, `name of ${other}`]);
    assert.deepEqual([asked, known.size], [[one, other], 1]);
  });

  it('are said of nobody but tokens that are known', async () => {
    const asked: string[] = [];
    const findToken = (id: string) => {
      asked.push(id);
      return Promise.resolve(undefined);
    };
    const gone = `token tok_${'a'.repeat(16)}`;
    const actors = [
      gone,
      gone,
      undefined,
      'server',
      'host token tok_aaaaaaaaaaaaaaaa',
      'client ada',
      'token tok_short',
    ];
    assert.equal((await readActorNames({ findToken }, actors)).size, 0);
    assert.deepEqual(asked, [`tok_${'a'.repeat(16)}`]);
  });
});
