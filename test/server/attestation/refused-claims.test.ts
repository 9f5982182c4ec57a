// Claims that are refused leave a trace, and nobody fills the audit log with traces.
import assert from 'node:assert/strict';
import type { ApiClient } from '../../../src/api/index.ts';
import { enrol, enrolmentBody, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('claims that are refused', () => {
  let server: TestServer;
  const host = paperHost('hv-1');
  before(async () => {
    server = await startTestServer();
    await trustSimulator(server);
    await enrol(server, host);
  });
  after(() => server.close());

  const audited = async (wanted: string) => {
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    return items.filter(({ action }) => action === wanted).length;
  };
  /** As whoever has its certificate can ask: nothing was proved yet. */
  const ask = async (client: ApiClient, hostName: string, code: string, from = host) =>
    refuses(client.call('createEnrollment', { body: { ...(await enrolmentBody(from)), hostName } }), code);

  it('are told a hundred times in an hour, whatever names are asked for', async () => {
    const joiner = server.client(await server.token('joiner'));
    for (let name = 0; name < 120; name += 1) await ask(joiner, `made-up-${name}`, 'HOST_EK_ALREADY_ENROLLED');
    assert.equal(await audited('identity.conflict'), 100);
    server.advance(3600);
    await ask(joiner, 'made-up', 'HOST_EK_ALREADY_ENROLLED');
    assert.equal(await audited('identity.conflict'), 101);
  });

  it('are told once an hour where a join token is spent, and are no conflicts', async () => {
    server.advance(3600);
    const { items: known } = await server.operator.call('listIdentityConflicts', {});
    const body = { name: 'one', role: 'joiner', enrolments: 1 } as const;
    const { token } = await server.operator.call('createToken', { body });
    const joiner = server.client(token);
    await enrol(server, paperHost('hv-2'), joiner);
    const late = paperHost('hv-3');
    for (let time = 0; time < 5; time += 1) await ask(joiner, 'hv-3', 'ENROLLMENT_TOKEN_SPENT', late);
    assert.equal(await audited('enrolment.refused'), 1);
    assert.deepEqual((await server.operator.call('listIdentityConflicts', {})).items, known);
  });
});
