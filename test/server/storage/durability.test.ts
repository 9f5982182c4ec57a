import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createApiClient, type ApiClient } from '../../../src/api/index.ts';
import { initDataDirectory } from '../../../src/server/index.ts';
import {
  attest,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import type { TestServer } from '../../support/test-server.ts';

const script = join(import.meta.dirname, '../../support/serve.ts');

describe('durability', () => {
  let directory: string;
  let token: string;
  let child: ChildProcess;
  let url: string;
  const clients: ApiClient[] = [];

  const start = async (): Promise<void> => {
    child = spawn(process.execPath, ['--import=tsx', script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    url = line;
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    const exit = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await exit)[0];
  };
  const client = (bearer?: string): ApiClient => {
    const made = createApiClient({ baseUrl: url, ...(bearer === undefined ? {} : { token: bearer }) });
    clients.push(made);
    return made;
  };
  /** As much of a test server as a story needs. */
  const world = (): TestServer => ({ operator: client(token), client }) as unknown as TestServer;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'touchstone-kill-'));
    ({ operatorToken: token } = await initDataDirectory(directory, { serverId: 'test.example' }));
  });
  after(() => {
    clients.forEach((one) => one.close());
    rmSync(directory, { recursive: true, force: true });
  });

  it('loses nothing that was acknowledged when the server is killed, and no nonce works again', async function () {
    this.timeout(60_000);
    await start();
    const story = await trustedWorld(world());
    const spent = await evidenceFor(story.host, await challengeFor(story.enrolled));
    await submit(story.enrolled, spent);
    const second = await enrol(world(), paperHost('hv-2'));
    const before = await client(token).call('getVerdict', { path: { hostId: 'hv-1' } });
    const audit = await client(token).call('listAudit', { query: { limit: 1000 } });
    await end('SIGKILL');

    await start();
    const operator = client(token);
    assert.deepEqual(await operator.call('getVerdict', { path: { hostId: 'hv-1' } }), before);
    assert.equal(before.status, 'affirming');
    assert.deepEqual((await operator.call('listAudit', { query: { limit: 1000 } })).items, audit.items);
    assert.equal((await operator.call('getHost', { path: { hostId: 'hv-2' } })).state, 'booting');
    assert.equal((await operator.call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision, 'allow');
    const again = { ...story.enrolled, client: client(story.enrolled.token) };
    await refuses(submit(again, spent), 'CHALLENGE_NOT_FOUND', 409);
    assert.equal((await attest(again, story.host)).verdict.status, 'affirming');
    await client(second.token).call('createChallenge', { path: { hostId: 'hv-2' }, body: {} });
  });

  it('finishes what was begun on SIGTERM and exits', async () => {
    const pending = client(token).call('listAudit', { query: { limit: 1000 } });
    await pending;
    assert.equal(await end('SIGTERM'), 0);
  });
});
