import assert from 'node:assert/strict';
import { createApiClient } from '../../src/api/index.ts';
import { happeningCells } from '../../src/cli/views/happening-view.ts';
import { enrol, paperHost, trustSimulator } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, operatorAt } from './cli-run.ts';

describe('who claimed the identity of another', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ settings: { enrolment: { mode: 'open' } } });
    await trustSimulator(server);
    await enrol(server, paperHost('hv-1'));
    for (const [seed, token] of Object.entries({ stranger: undefined, joiner: await server.token('joiner') })) {
      const other = paperHost('hv-1', { seed });
      const caller = createApiClient({ baseUrl: server.url, ...(token === undefined ? {} : { token }) });
      await assert.rejects(enrol(server, other, caller), { code: 'HOST_NAME_TAKEN' });
    }
  });
  after(() => server.close());

  it('is a stranger in the log itself, whatever name they asked for', async () => {
    const { items } = await server.operator.call('listAudit', { query: { subject: 'hv-1' } });
    const actors = items.map(({ action, actor }) => [action, actor.replace(/ tok_.*/, '')]);
    assert.deepEqual(actors, [
      ['host.enrolled', 'host hv-1'],
      ['identity.conflict', 'stranger'],
      ['identity.conflict', 'token'],
    ]);
  });

  it('is a stranger where an entry of an older release has the name that was claimed', () => {
    const old = { place: '7', time: 'then', about: 'hv-1', actor: 'host hv-1', facts: {} };
    const told = ['identity.conflict', 'enrolment.refused', 'host.pending', 'host.enrolled'].map(
      (kind) => happeningCells({ ...old, kind })[4],
    );
    assert.deepEqual(told, ['a stranger', 'a stranger', 'a stranger', 'itself']);
  });

  it('is never told as the host that it claimed to be', async () => {
    for (const words of [
      ['host', 'conflicts'],
      ['audit', 'list', '--action', 'identity.conflict'],
      ['events', '--kind', 'identity.conflict'],
    ]) {
      const { stdout, stderr, status } = await cli(words, operatorAt(server));
      assert.equal(status, 0, stderr);
      assert.match(stdout, /a stranger/, words.join(' '));
      assert.match(stdout, /\(token tok_/, 'the other had one');
      assert.doesNotMatch(stdout, /host hv-1|itself/, words.join(' '));
    }
  });
});
