// Commands that protected hosts are looked at for: people see how far it is, programs get one document.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from '../../src/core/crypto/index.ts';
import { encodeHex } from '../../src/core/encoding/index.ts';
import type { Store } from '../../src/server/storage/index.ts';
import { authority } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { bootFleet, type Fleet } from '../server/what-if/fleet.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

/** Longer than a walk waits before it says how far it is. */
const slowly = (store: Store): Store => ({
  ...store,
  findFleetHost: async (name) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return store.findFleetHost(name);
  },
});
const anchor = encodeHex(hash('sha256', authority.rootCertificate));
const because = ['--reason', 'a test'];

describe('commands that protected hosts are looked at for', () => {
  let server: TestServer;
  let fleet: Fleet;
  let world: CliWorld;
  before(async () => {
    server = await startTestServer({ fromFile: true });
    fleet = await bootFleet(server, { old: 1, new: 1 });
    const lockout = { protected: [{ names: ['mute-1', 'new-1', 'bad-1'] }] };
    writeFileSync(join(server.dataDirectory, 'touchstone.yaml'), JSON.stringify({ serverId: 'test.example', lockout }));
    await server.restart({ wrapStore: slowly });
    world = { ...operatorAt(server), isTTY: true };
  });
  after(() => server.close());

  const shows = async (prefix: string, ...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await cli(args, world);
    assert.equal(status, 0, stderr);
    assert.match(stderr, new RegExp(`^(?:\\r\\x1b\\[K(?:${prefix}[1-3] of 3 hosts |[1-4] of 4 hosts )?)+$`));
    assert.match(stderr, /1 of 3 hosts /);
    return stdout;
  };

  it('are refused by the last line as by the status of an answer, and then nothing of the progress is left to read', async () => {
    const { status, stderr } = await cli(['quarantine', 'open', '--host', 'new-1', ...because], world);
    assert.equal(status, 1);
    assert.match(stderr.split('\r\u001b[K').at(-1) ?? '', /^[^\r]*CHANGE_LOSES_PROTECTED[^]*new-1/);
  });

  it('say how far it is, each step of golden sync by its name', async () => {
    assert.match(
      await shows('', 'quarantine', 'open', '--host', 'old-1', ...because),
      /^qua_\S+ is in force: 1 host now/,
    );
    const golden = join(server.dataDirectory, 'golden');
    mkdirSync(golden);
    const ended = fleet.goldens.slice(0, 2).map((id) => `- { id: "${id}", state: retired, reason: "out of use" }\n`);
    writeFileSync(join(golden, 'ended.yaml'), ended.join(''));
    await shows('retire \\S+ sha256:\\w+: ', 'golden', 'sync', golden, '--yes');
    assert.match(
      await shows('', 'trust-anchor', 'withdraw', anchor, '--yes', ...because),
      /^withdrawn; the verdicts of 4 hosts that it vouched for are void/,
    );
  });

  it('print one document and nothing else with --json', async () => {
    const opened = await cliJson(['quarantine', 'open', '--host', 'old-1', ...because], world);
    assert.deepEqual([opened.status, opened.stderr, Object.keys(opened.document)], [0, '', ['ok', 'quarantine']]);
    const refused = await cliJson(['quarantine', 'open', '--host', 'new-1', ...because], world);
    assert.deepEqual([refused.status, refused.stderr, refused.document['code']], [1, '', 'CHANGE_LOSES_PROTECTED']);
  });
});
