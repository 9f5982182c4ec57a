import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '../../src/api/index.ts';
import { enrol, paperHost, trustSimulator } from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('the approval queue from the command line', () => {
  let server: TestServer;
  let joiner: ApiClient;
  let world: CliWorld;
  before(async () => {
    server = await startTestServer({ settings: { enrolment: { approval: 'queue' } } });
    await trustSimulator(server);
    joiner = server.client(await server.token('joiner'));
    world = operatorAt(server);
  });
  after(() => server.close());

  const waits = (name: string, seed = name) =>
    refuses(enrol(server, paperHost(name, { seed }), joiner), 'ENROLLMENT_WAITING');
  const listed = async (...args: string[]) =>
    (await cliJson(['host', 'pending', ...args], world)).document['items'] as Record<string, string>[];

  it('says that nobody waits, then who does', async () => {
    assert.equal((await cli(['host', 'pending'], world)).stdout, 'no host waits for approval\n');
    await waits('hv-1');
    const { stdout } = await cli(['host', 'pending'], world);
    assert.match(stdout, /^host +state +fingerprint of the TPM/);
    assert.match(stdout, /hv-1 +waiting +[0-9a-f]{64} .* simulator +test joiner/);
  });

  it('approves only with consent, and shows what it asks about', async () => {
    const none = await cliJson(['host', 'approve', 'hv-1'], world);
    assert.deepEqual([none.status, none.document['code']], [2, 'CLI_CONSENT_MISSING']);
    const asked = await cli(['host', 'approve', 'hv-1'], { ...world, isTTY: true, typed: 'n\n' });
    assert.match(asked.stderr, /hv-1 {2}TPM [0-9a-f]{64}\nlet this host enrol\? \[y\/N\]/);
    assert.equal((await listed()).length, 1);
    const done = await cli(['host', 'approve', 'hv-1', '--yes', '--reason', 'ticket 4711'], world);
    assert.deepEqual([done.status, done.stdout], [0, 'hv-1 is approved: it is enrolled when it asks again\n']);
    assert.deepEqual([(await listed()).length, (await listed('--all')).length], [0, 1]);
    await enrol(server, paperHost('hv-1', { seed: 'hv-1' }), joiner);
  });

  it('answers many at once, and does nothing when one of them is not there', async () => {
    for (const name of ['hv-2', 'hv-3']) await waits(name);
    const missing = await cliJson(['host', 'approve', 'hv-2', 'hv-9', '--yes'], world);
    assert.deepEqual([missing.status, missing.document['code']], [1, 'CLI_PENDING_UNCLEAR']);
    assert.equal((await listed()).length, 2);
    const { status, document } = await cliJson(['host', 'reject', 'hv-2', 'hv-3', '--reason', 'not ours'], world);
    assert.deepEqual(
      [status, (document['items'] as { state: string }[]).map(({ state }) => state)],
      [0, ['rejected', 'rejected']],
    );
  });

  it('wants the fingerprint where two TPMs ask for one name, and tells what became of each', async () => {
    await waits('hv-4', 'one');
    await waits('hv-4', 'two');
    const unclear = await cliJson(['host', 'approve', 'hv-4', '--yes'], world);
    assert.equal(unclear.document['code'], 'CLI_PENDING_UNCLEAR');
    const prints = (await listed()).map(({ ekDigest = '' }) => ekDigest);
    assert.equal(prints.length, 2);
    for (const print of prints) assert.ok(String(unclear.document['message']).includes(print));
    const { status, stdout } = await cli(['host', 'approve', ...prints, '--yes'], world);
    assert.equal(status, 1);
    assert.equal(stdout, 'hv-4 is approved: it is enrolled when it asks again\nhv-4: HOST_NAME_TAKEN\n');
  });

  it('tries rules from a file on those who wait', async () => {
    await waits('hv-5');
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-rules-'));
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, "rules:\n  - { name: five, effect: approve, when: { hostName: '*-5' } }\n");
    const { status, stdout } = await cli(['host', 'pending', '--would-approve', file], world);
    assert.equal(status, 0);
    assert.match(stdout, /hv-5 +approved +five +[0-9a-f]{64}/);
    assert.match((await cli(['host', 'pending', '--would-approve'], world)).stdout, /hv-5 +left waiting +-/);
    writeFileSync(file, 'approval: queue\n');
    const wrong = await cliJson(['host', 'pending', '--would-approve', file], world);
    assert.equal(wrong.document['code'], 'CLI_INPUT_UNRECOGNISED');
    rmSync(folder, { recursive: true });
  });

  it('needs a reason to reject', async () => {
    assert.equal((await cli(['host', 'reject', 'hv-4'], world)).status, 2);
  });
});
