// More than the server judges as one change: said before anything is done, with what to do; a folder is followed all the same.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '../../src/core/encoding/index.ts';
import { bootFleet, statements, type Fleet } from '../server/what-if/fleet.ts';
import { signStatement } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt } from './cli-run.ts';

interface Contract {
  readonly components: {
    readonly schemas: {
      readonly WhatIfRequest: { readonly properties: { readonly activate: { readonly maxItems: number } } };
    };
  };
}

const contract = parse(readFileSync('openapi.yaml', 'utf8')) as Contract;
const most = contract.components.schemas.WhatIfRequest.properties.activate.maxItems;
const tooMany = `activate names ${most + 1} golden measurements, and the server judges ${most} as one change at most`;

describe('more than the server judges as one change', () => {
  let server: TestServer;
  let fleet: Fleet;
  let folder = '';
  before(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server, { old: 1, new: 1 });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-many-'));
    const [alice, bob] = fleet.operators;
    writeFileSync(key(), bob.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const [draft] = await statements(server, 'new-1', ['kernel']);
    assert.ok(draft);
    const statement = JSON.parse(decodeUtf8(decodeBase64(draft.payload))) as { readonly predicate: object };
    for (const [index, file] of files(most + 1).entries()) {
      const predicate = { ...statement.predicate, description: `kernel ${index} ${'x'.repeat(900)}` };
      const payload = encodeBase64(encodeUtf8(JSON.stringify({ ...statement, predicate })));
      const signatures = [{ sig: signStatement(alice, { ...draft, payload }) }];
      writeFileSync(file, JSON.stringify({ payloadType: draft.payloadType, payload, signatures }));
    }
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const key = (): string => join(folder, 'bob.key');
  const files = (count: number) => Array.from({ length: count }, (_, index) => join(folder, `${index}.dsse.json`));
  const stored = async () => (await server.operator.call('listGoldenMeasurements', { query: { limit: 1000 } })).items;
  const answers = async (status: number, ...args: string[]) => {
    const run = await cliJson(args, operatorAt(server));
    assert.deepEqual([run.status, run.stderr], [status, ''], run.stdout);
    return run.document;
  };

  it('is refused with what to do, before anything is done', async () => {
    const before = await stored();
    const asked = files(most).flatMap((file) => ['--activate', file]);
    await answers(0, 'what-if', ...asked);
    for (const args of [
      ['what-if', ...asked, '--activate', join(folder, `${most}.dsse.json`)],
      ['golden', 'propose', ...files(most + 1), '--max-flips', '9'],
      ['golden', 'sync', folder, '--yes', '--max-flips', '9'],
      ['golden', 'sync', folder, '--dry-run', '--max-flips', '9'],
    ]) {
      const refused = await answers(1, ...args);
      assert.deepEqual([refused['code'], refused['message']], ['CLI_CHANGE_TOO_LARGE', tooMany], args.join(' '));
      assert.match(String(refused['remedy']), /several commands/);
    }
    assert.deepEqual(await stored(), before);
  });

  it('is so many that no question of that size is taken', async () => {
    const narrow = await startTestServer({ settings: { limits: { bodyBytes: 65_536 } } });
    const propose = ['golden', 'propose', ...files(most), '--max-flips', '9'];
    const { status, document } = await cliJson(propose, operatorAt(narrow));
    await narrow.close();
    assert.deepEqual([status, document['code']], [1, 'CLI_CHANGE_TOO_LARGE']);
    assert.match(String(document['message']), /^the server does not take a question of that size \(.*65536 bytes\)$/);
  });

  it('is no reason not to follow a folder: the plan is shown, and taken where no limit was given', async () => {
    const world = operatorAt(server);
    const dry = await cli(['golden', 'sync', folder, '--dry-run'], world);
    assert.equal(dry.status, 0, dry.stderr);
    assert.match(dry.stdout, /^propose +kernel/m);
    assert.ok(dry.stdout.includes(`nobody can say what all of it would do to the fleet: ${tooMany}`), dry.stdout);
    assert.equal((await answers(0, 'golden', 'sync', folder, '--dry-run'))['effect'], undefined);
    const { status, stderr } = await cli(['golden', 'sync', folder], { ...world, isTTY: true, typed: 'y\n' });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /nobody can say now what it would do to the fleet \(CLI_CHANGE_TOO_LARGE: /);
    const ids = (await stored()).filter(({ state }) => state === 'proposed').map(({ id }) => id);
    assert.equal(ids.length, most + 1);
    const approve = ['golden', 'approve', '--key', key(), '--yes', '--max-flips', '9'];
    assert.equal((await answers(1, ...approve, '--proposed'))['code'], 'CLI_CHANGE_TOO_LARGE');
    await answers(0, ...approve, ...ids.slice(0, 2));
  });
});
