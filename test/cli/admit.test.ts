import assert from 'node:assert/strict';
import { bootFleet } from '../server/what-if/fleet.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cliJson, operatorAt } from './cli-run.ts';

describe('touchstone admit, of a host that it denies', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await bootFleet(server, { old: 1, new: 1 });
  });
  after(() => server.close());

  const remedy = async (host: string): Promise<unknown> => {
    const { status, document } = await cliJson(['admit', host], operatorAt(server));
    assert.deepEqual([status, document['code']], [1, 'CLI_ADMISSION_DENIED']);
    return document['remedy'];
  };

  it('advises a command that has something to say of it', async () => {
    assert.match(String(await remedy('new-1')), /`touchstone host explain new-1`/);
    const absent = String(await remedy('nobody'));
    assert.match(absent, /`touchstone host list`.*`touchstone agent enrol`.*`touchstone host pending`/);
    assert.doesNotMatch(absent, /host (?:show|explain)/);
  });
});
