// The wrong policy was applied: the one before it is found and applied again, as docs/incident-response.md says.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

const good = {
  layers: ['firmware', 'kernel'],
  verdictSeconds: 900,
  requireFacts: { secureBoot: 'enabled' },
  hosts: { labels: { rack: '3' } },
};
const wrong = { layers: ['kernel'], hosts: { all: true } };

describe('an earlier version of a policy', () => {
  let server: TestServer;
  let world: CliWorld;
  let folder = '';
  /** The first version, as it was shown while it was the newest. */
  let first: Record<string, unknown> = {};
  before(async () => {
    server = await startTestServer();
    world = operatorAt(server);
    folder = mkdtempSync(join(tmpdir(), 'touchstone-policy-'));
    await apply({ id: 'fleet', ...good });
    first = await shown('fleet');
    await apply({ id: 'other', layers: ['initrd'], hosts: { names: ['hv-1'] } });
    await apply({ id: 'fleet', ...wrong });
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('is listed with what each version changed, and nothing of other policies', async () => {
    const { stdout } = await cli(['policy', 'history', 'fleet'], world);
    assert.match(stdout, /^1 +\S+Z +first operator \(token tok_\S+\) +rack=3 +the first$/m);
    assert.match(
      stdout,
      /^2 +\S+Z +first operator \(token tok_\S+\) +all +layers verdictSeconds hosts requireFacts\.secureBoot$/m,
    );
    assert.doesNotMatch(stdout, /initrd/);
  });

  it('is shown, and applied again as it was', async () => {
    const file = join(folder, 'before.json');
    const { stdout } = await cli(['policy', 'history', 'fleet', '1', '--out', file], world);
    assert.match(stdout, /^policy +fleet version 1$/m);
    assert.match(stdout, /^fact +secureBoot: enabled$/m);
    await apply(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>);
    const again = await shown('fleet');
    assert.equal(again['version'], 3);
    assert.deepEqual(contentOf(again), contentOf(first));
  });

  it('is refused where there is none, and where its file is there already', async () => {
    const file = join(folder, 'there.json');
    writeFileSync(file, '');
    const codeOf = async (...args: string[]) => (await cliJson(['policy', 'history', ...args], world)).document['code'];
    assert.equal(await codeOf('fleet', '9'), 'CLI_USAGE_INVALID');
    assert.equal(await codeOf('fleet', '--out', join(folder, 'none.json')), 'CLI_USAGE_INVALID');
    assert.equal(await codeOf('fleet', '1', '--out', file), 'CLI_FILE_EXISTS');
    assert.equal(await codeOf('nobody'), 'POLICY_NOT_FOUND');
  });

  it('is whole however long it is: an event has the first 2048 characters of a text, the audit log the document', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `hv-${index}.a-rack-with-a-long-name.example`);
    await apply({ id: 'long', layers: ['kernel'], hosts: { names } });
    const { items } = await cliAccepted(['policy', 'history', 'long'], world);
    assert.deepEqual((items as { hosts: unknown }[])[0]?.hosts, { names });
  });

  it('may not be followed by one that demands the wrong value', async () => {
    const file = write({ id: 'fleet', ...wrong, requireFacts: { secureBoot: 'disabled' } });
    const { document } = await cliJson(['policy', 'apply', file], world);
    assert.equal(document['message'], 'requireFacts.secureBoot: must be enabled');
  });

  function write(document: Record<string, unknown>): string {
    const file = join(folder, 'policy.json');
    writeFileSync(file, JSON.stringify(document));
    return file;
  }

  function apply(document: Record<string, unknown>): Promise<Record<string, unknown>> {
    return cliAccepted(['policy', 'apply', write(document)], world);
  }

  async function shown(id: string): Promise<Record<string, unknown>> {
    const { policy } = await cliAccepted(['policy', 'show', id], world);
    return policy as Record<string, unknown>;
  }
});

/** All that an operator wrote, and who that was. */
function contentOf(policy: Record<string, unknown>): unknown {
  return { ...policy, version: undefined, createdAt: undefined };
}
