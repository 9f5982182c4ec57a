import assert from 'node:assert/strict';
import { bootFleet } from '../server/what-if/fleet.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { startRelay } from '../support/relay.ts';
import { cli, cliJson, operatorAt } from './cli-run.ts';

describe('touchstone admit, of a host that it denies', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await bootFleet(server, { old: 1, new: 1 });
  });
  after(() => server.close());

  const remedy = async (host: string, ...demands: string[]): Promise<unknown> => {
    const { status, document } = await cliJson(['admit', host, ...demands], operatorAt(server));
    assert.deepEqual([status, document['code']], [1, 'CLI_ADMISSION_DENIED']);
    return document['remedy'];
  };

  it('takes no decision about another host for an answer, whatever it says', async () => {
    const relay = await startRelay(server.url, (body) => body.replace('"nobody"', '"old-1"'));
    try {
      const between = { ...operatorAt(server), env: { ...operatorAt(server).env, TOUCHSTONE_SERVER: relay.url } };
      const { status: allowed } = await cli(['admit', 'old-1'], between);
      assert.equal(allowed, 0);
      const { status, stdout, stderr } = await cli(['admit', 'nobody'], between);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(
        stderr,
        /^error API_ANSWER_OF_OTHER: asked about nobody, the server answers about old-1\nhint: [^\n]+\n$/,
      );
      const { document } = await cliJson(['admit', 'nobody'], between);
      assert.deepEqual([document['ok'], document['code']], [false, 'API_ANSWER_OF_OTHER']);
    } finally {
      await relay.close();
    }
  });

  it('sends no token in the clear, and believes nobody who answers so, but on this machine', async () => {
    const { env, ...rest } = operatorAt(server);
    for (const command of [
      ['admit', 'old-1'],
      ['host', 'list'],
      ['controller', 'kubernetes', '--kubernetes-api=https://x', '--once'],
    ]) {
      const away = { ...rest, env: { ...env, TOUCHSTONE_SERVER: 'http://touchstone.invalid:8443' } };
      const { status, document } = await cliJson(command, away);
      assert.deepEqual([status, document['code']], [2, 'CLI_USAGE_INVALID'], command.join(' '));
      assert.match(String(document['message']), /http:\/\/touchstone\.invalid:8443 needs https/);
    }
  });

  it('advises a command that has something to say of it', async () => {
    assert.match(String(await remedy('new-1')), /`touchstone host explain new-1`/);
    const absent = String(await remedy('nobody'));
    assert.match(absent, /`touchstone host list`.*`touchstone agent enrol`.*`touchstone host pending`/);
    assert.doesNotMatch(absent, /host (?:show|explain)/);
    for (const demand of ['--zone=north', '--tenant=payments', '--require-label=rack=3'])
      assert.match(String(await remedy('old-1', demand)), /choose another.*`touchstone host label`/, demand);
    assert.match(String(await remedy('new-1', '--zone=north')), /`touchstone host explain new-1`/);
    server.advance(60);
    assert.match(String(await remedy('old-1', '--max-age=30')), /`--max-age`/);
  });
});
