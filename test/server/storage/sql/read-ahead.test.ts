import assert from 'node:assert/strict';
import { askAhead } from '../../../../src/server/storage/sql/read-ahead.ts';
import {
  call,
  statement,
  type Call,
  type Database,
  type Questions,
  type Sql,
} from '../../../../src/server/storage/sql/sql.ts';

const [host, token] = [statement<string>('host'), statement<string>('token')];
const calls = [call(host, 'hv-1'), call(token, { id: 'tok' })];

/** A database that notes what it is asked, and answers with how often it was asked anything. */
function openNoting() {
  const asked: string[] = [];
  const answer = (each: readonly Call[]) => {
    asked.push(each.map(({ statement: { sqlite }, values }) => `${sqlite} ${JSON.stringify(values)}`).join(', '));
    return Promise.resolve(each.map(({ statement: { sqlite } }) => [`${sqlite}, way ${asked.length}`]));
  };
  const all: Sql['all'] = async (question, ...values) => (await answer([call(question, ...values)]))[0] as never;
  const get: Sql['get'] = async (question, ...values) => (await all(question, ...values))[0];
  const changeHost: Database['changeHost'] = async (_host, plan) => (await plan(database)).length > 0;
  const database = { all, get, changeHost } as unknown as Database;
  return { asked, ahead: askAhead(database, answer, { calls, recall: (_subject, read) => read() }) };
}

describe('questions that are asked ahead', () => {
  it('are asked together, when the first of them is asked, and answered once', async () => {
    const { asked, ahead } = openNoting();
    assert.deepEqual(asked, []);
    assert.equal(await ahead.taking.get(token, { id: 'tok' }), 'token, way 1');
    assert.equal(await ahead.taking.get(host, 'hv-1'), 'host, way 1');
    assert.deepEqual(asked, ['host ["hv-1"], token [{"id":"tok"}]']);
    assert.equal(await ahead.taking.get(host, 'hv-1'), 'host, way 2', 'who asks again wants to know how it is now');
  });

  it('are looked at without being taken', async () => {
    const { asked, ahead } = openNoting();
    assert.equal(await ahead.looking.get(host, 'hv-1'), 'host, way 1');
    assert.deepEqual(await ahead.looking.all(host, 'hv-1'), ['host, way 1']);
    assert.equal(await ahead.taking.get(host, 'hv-1'), 'host, way 1');
    assert.equal(asked.length, 1);
  });

  it('are those and no others', async () => {
    const { asked, ahead } = openNoting();
    assert.equal(await ahead.taking.get(host, 'hv-2'), 'host, way 1');
    assert.equal(await ahead.taking.get(token, 'tok'), 'token, way 2');
    assert.deepEqual(asked, ['host ["hv-2"]', 'token ["tok"]']);
  });

  it('are answered also where a change is planned', async () => {
    const { asked, ahead } = openNoting();
    const plan = async (sql: Questions) => [call(token, (await sql.get(host, 'hv-1')) ?? null)];
    assert.equal(await ahead.taking.changeHost('hv-1', plan, { audit: undefined, amend: () => undefined }), true);
    assert.deepEqual(asked.length, 1);
    assert.equal(await ahead.taking.get(host, 'hv-1'), 'host, way 2', 'it was taken there');
  });
});
