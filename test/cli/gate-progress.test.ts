// Commands that ask what-if before a change: people see how far it is, programs get one document.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../src/server/storage/index.ts';
import { signStatement } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { bootFleet, statements, type Fleet } from '../server/what-if/fleet.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

/** Longer than a walk waits before it says how far it is. */
const slowly = (store: Store): Store => ({
  ...store,
  findLog: async (sha256) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return store.findLog(sha256);
  },
});

describe('commands that ask what-if before a change', () => {
  let server: TestServer;
  let fleet: Fleet;
  let folder = '';
  let world: CliWorld;
  before(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server, { old: 1, new: 1 });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-gate-'));
    const [alice, bob] = fleet.operators;
    writeFileSync(at('bob.key'), bob.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    for (const [index, draft] of (await statements(server, 'new-1', ['kernel', 'initrd'])).entries()) {
      const { payloadType, payload } = draft;
      const signatures = [{ sig: signStatement(alice, draft) }];
      writeFileSync(at(`${index}.dsse.json`), JSON.stringify({ payloadType, payload, signatures }));
    }
    const strict = 'requireFacts: { kernelCommandLine: { forbid: [quiet] } }\n';
    writeFileSync(at('strict.yaml'), `id: fleet\nlayers: [firmware]\nhosts: { all: true }\n${strict}`);
    await server.restart({ wrapStore: slowly });
    world = { ...operatorAt(server), isTTY: true };
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);
  /** Things that are judged together first are so by that name. */
  const shows = async (prefix: string, ...args: string[]): Promise<void> => {
    const { status, stdout, stderr } = await cli(args, world);
    assert.equal(status, 0, stderr);
    assert.match(stderr, new RegExp(`^(?:\\r\\x1b\\[K(?:${prefix}[0-4] of 4 hosts )?)+$`));
    assert.match(stderr, / of 4 hosts /);
    assert.doesNotMatch(stdout, /\r/);
  };
  const answers = async (status: number, ...args: string[]) => {
    const run = await cliJson(args, world);
    assert.deepEqual([run.status, run.stderr], [status, ''], run.stdout);
    return run.document;
  };

  it('are refused by the last line as they are by the status of an answer', async () => {
    const [goldenId = ''] = fleet.goldens;
    for (const way of ['retire', 'revoke']) {
      const refused = await answers(1, 'golden', way, goldenId, '--reason', 'a test', '--yes', '--max-flips', '0');
      assert.equal(refused['code'], 'CHANGE_FLIPS_TOO_MANY');
      assert.match(String(refused['message']), /^1 host would lose trust and 0 would gain it; 0 may change$/);
    }
    const { status, stderr } = await cli(['policy', 'apply', at('strict.yaml'), '--max-flips', '0'], world);
    assert.equal(status, 1);
    const ending = stderr.split('\r\u001b[K').at(-1);
    assert.match(ending ?? '', /CHANGE_FLIPS_TOO_MANY.*: 1 host would lose trust/);
    assert.doesNotMatch(ending ?? '', / of 4 hosts/);
  });

  it('judge several golden measurements together: of a kernel and its initrd neither makes a host trusted alone', async () => {
    const files = [at('0.dsse.json'), at('1.dsse.json')];
    const approve = ['golden', 'approve', '--proposed', '--key', at('bob.key'), '--yes', '--max-flips'];
    const states = async (): Promise<readonly string[]> => {
      const { items } = await server.operator.call('listGoldenMeasurements', {});
      return items.filter(({ id }) => !fleet.goldens.includes(id)).map(({ state }) => state);
    };
    const isRefused = async (...args: string[]): Promise<void> => {
      const refused = await answers(1, ...args);
      assert.equal(refused['code'], 'CLI_FLIPS_TOO_MANY');
      assert.match(String(refused['message']), /^0 hosts would lose trust and 1 would gain it by all of it together; 0 may change: nothing was done$/); // prettier-ignore
    };
    await isRefused('golden', 'propose', ...files, '--max-flips', '0');
    assert.deepEqual(await states(), []);
    await answers(0, 'golden', 'propose', ...files, '--max-flips', '1');
    await isRefused(...approve, '0');
    assert.deepEqual(await states(), ['proposed', 'proposed']);
  });

  it('say how far it is: one thing without its name, several with it', async () => {
    const files = [at('0.dsse.json'), at('1.dsse.json')] as const;
    await shows('', 'golden', 'propose', files[0], '--max-flips', '9');
    await shows(`(?:together|\\S+[01]\\.dsse\\.json): `, 'golden', 'propose', ...files, '--max-flips', '9');
    await shows('(?:together|sha256:[0-9a-f]{16}): ', 'golden', 'approve', '--proposed', '--key', at('bob.key'), '--yes', '--max-flips', '9'); // prettier-ignore
    await shows('', 'policy', 'apply', at('strict.yaml'), '--max-flips', '9');
    const [retired = '', revoked = ''] = fleet.goldens;
    const because = ['--reason', 'a test', '--yes', '--max-flips', '9'];
    await shows('', 'golden', 'retire', retired, ...because);
    await shows('', 'golden', 'revoke', revoked, ...because);
  });

  it('print one document and nothing else with --json', async () => {
    await answers(0, 'golden', 'propose', at('0.dsse.json'), '--max-flips', '9');
    const policy = await answers(0, 'policy', 'apply', at('strict.yaml'), '--max-flips', '9');
    assert.deepEqual(Object.keys(policy), ['ok', 'policy', 'remarks', 'nextAttestations']);
    const [, , goldenId = ''] = fleet.goldens;
    const ended = await answers(0, 'golden', 'revoke', goldenId, '--reason', 'a test', '--yes', '--max-flips', '9');
    assert.equal((ended['golden'] as { readonly state: string }).state, 'revoked');
  });
});
