// The wrong policy was applied: the one before it is found and applied again, as docs/incident-response.md says.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

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

  it('is shown, and applied again as it was', async () => {
    const world: CliWorld = operatorAt(server);
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
    await apply({ id: 'other', layers: ['initrd'], hosts: { names: ['hv-1'] } });
    await apply({ id: 'fleet', layers: ['kernel'], hosts: { all: true } });

    const listed = await cli(['policy', 'history', 'fleet'], world);
    assert.match(listed.stdout, /^1 +\S+Z +first operator \(token tok_\S+\) +rack=3 +the first$/m);
    assert.match(
      listed.stdout,
      /^2 +\S+Z +first operator \(token tok_\S+\) +all +layers verdictSeconds hosts requireFacts\.secureBoot$/m,
    );
    assert.doesNotMatch(listed.stdout, /initrd/);

    const file = join(folder, 'before.json');
    const text = await cli(['policy', 'history', 'fleet', '1', '--out', file], world);
    assert.match(text.stdout, /^policy +fleet version 1$/m);
    assert.match(text.stdout, /^fact +secureBoot: enabled$/m);
    await apply(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>);
    const { version, rest } = await shown();
    assert.deepEqual([version, rest], [3, before.rest]);

    const codeOf = async (...args: string[]) => (await cliJson(['policy', 'history', ...args], world)).document['code'];
    assert.equal(await codeOf('fleet', '9'), 'CLI_USAGE_INVALID');
    assert.equal(await codeOf('fleet', '--out', join(folder, 'none.json')), 'CLI_USAGE_INVALID');
    assert.equal(await codeOf('fleet', '1', '--out', file), 'CLI_FILE_EXISTS');
    assert.equal(await codeOf('nobody'), 'POLICY_NOT_FOUND');

    // An event has the first 2048 characters of a text; the audit log has the whole document.
    const names = Array.from({ length: 100 }, (_, index) => `hv-${index}.a-rack-with-a-long-name.example`);
    await apply({ id: 'long', layers: ['kernel'], hosts: { names } });
    const { items } = await cliAccepted(['policy', 'history', 'long'], world);
    assert.deepEqual((items as { hosts: unknown }[])[0]?.hosts, { names });

    const wrong = { id: 'fleet', layers: ['kernel'], requireFacts: { secureBoot: 'disabled' }, hosts: { all: true } };
    writeFileSync(join(folder, 'wrong.json'), JSON.stringify(wrong));
    const { document } = await cliJson(['policy', 'apply', join(folder, 'wrong.json')], world);
    assert.equal(document['message'], 'body.requireFacts.secureBoot: must be enabled');
  });
});
