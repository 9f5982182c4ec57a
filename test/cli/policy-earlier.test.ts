// The wrong policy was applied: the one before it stands in the audit log, as docs/incident-response.md takes it from there.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cliAccepted, type CliWorld } from './cli-run.ts';

interface Written {
  readonly subject: string;
  readonly data: { readonly document: string };
}

describe('an earlier version of a policy', () => {
  let server: TestServer;
  let folder = '';
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-policy-'));
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('is applied again from the event that told of it', async () => {
    const world: CliWorld = { env: { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN: server.operatorToken } };
    const apply = (document: Record<string, unknown>) => {
      const file = join(folder, 'policy.json');
      writeFileSync(file, JSON.stringify(document));
      return cliAccepted(['policy', 'apply', file], world);
    };
    const shown = async () => {
      const { policy } = await cliAccepted(['policy', 'show', 'fleet'], world);
      const { version, createdAt, ...rest } = policy as Record<string, unknown>;
      return { version, createdAt, rest };
    };
    const good = { requireFacts: { secureBoot: 'enabled' }, hosts: { labels: { rack: '3' } } };
    await apply({ id: 'fleet', layers: ['firmware', 'kernel'], verdictSeconds: 900, ...good });
    const before = await shown();
    await apply({ id: 'fleet', layers: ['kernel'], hosts: { all: true } });
    const { items } = await cliAccepted(['events', '--kind', 'policy.written'], world);
    const earlier = (items as Written[]).filter(({ subject }) => subject === 'fleet').at(-2);
    await apply({ ...(JSON.parse(earlier?.data.document ?? '') as object), id: 'fleet' });
    const { version, rest } = await shown();
    assert.deepEqual([version, rest], [3, before.rest]);
  });
});
