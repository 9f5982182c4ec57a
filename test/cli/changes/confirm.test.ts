// Consent: what changes whom the server trusts asks a person, and does nothing where nobody can be asked.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from '../cli-run.ts';

const signed = 'golden-measurements/lab-sb-on/kernel.dsse.json';

describe('asking before trust changes', () => {
  let folder = '';
  let draft = '';
  let envelope = '';
  let sign: string[] = [];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-consent-'));
    draft = join(folder, 'kernel.statement.json');
    envelope = join(folder, 'kernel.dsse.json');
    const { payload } = JSON.parse(readFileSync(signed, 'utf8')) as { payload: string };
    writeFileSync(draft, Buffer.from(payload, 'base64'));
    assert.equal((await cli(['signer', 'create', 'ada', '--out', folder])).status, 0);
    sign = ['golden', 'sign', draft, '--key', join(folder, 'ada.key.pem')];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('signs nothing without a terminal and without --yes: exit 2, and the sentence names --yes', async () => {
    const run = await cli(sign);
    assert.equal(run.status, 2);
    assert.match(run.stderr, /CLI_CONSENT_MISSING: nobody can be asked .*--yes was not given/);
    const { status, document, stderr } = await cliJson(sign);
    assert.deepEqual([status, document['code'], stderr], [2, 'CLI_CONSENT_MISSING', '']);
    assert.ok(!existsSync(envelope));
  });

  it('signs nothing where stdin is a terminal but the question would be seen by nobody', async () => {
    assert.equal((await cli(sign, { typed: 'y\n', isTTY: false })).status, 2);
    assert.ok(!existsSync(envelope));
  });

  it('signs what it showed when the person types y or yes', async () => {
    const { status, stderr } = await cli(sign, { typed: 'y\n', isTTY: true });
    assert.equal(status, 0);
    assert.match(stderr, /^kernel {2}sha256:.*expectations, of .*\nsign this golden measurement\? \[y\/N\] $/);
    assert.ok(existsSync(envelope));
  });

  it('signs nothing when the person types anything else, or ends the input', async () => {
    for (const typed of ['n\n', '\n', '', 'yesterday\n', 'no\ny\n']) {
      assert.equal((await cli(sign, { typed, isTTY: true })).status, 2, JSON.stringify(typed));
      assert.ok(!existsSync(envelope));
    }
  });

  describe('on a server', () => {
    let server: TestServer;
    let world: CliWorld;
    before(async () => {
      server = await startTestServer();
      world = operatorAt(server);
    });
    after(() => server.close());

    it('revokes, retires and releases nothing without being told yes', async () => {
      const made = await cliJson(['token', 'create', 'x', '--role', 'auditor'], world);
      const id = String(made.document['id']);
      const acts = [
        ['golden', 'retire', `sha256:${'00'.repeat(32)}`, '--reason', 'x'],
        ['golden', 'revoke', `sha256:${'00'.repeat(32)}`, '--reason', 'x'],
        ['trust-anchor', 'withdraw', '5f2b'.repeat(16), '--reason', 'x'],
        ['ek', 'unregister', '3f0a'.repeat(16)],
        ['host', 'release', 'hv-1', '--reason', 'x'],
        ['token', 'revoke', id],
      ];
      for (const act of acts) {
        const { status, document } = await cliJson(act, world);
        assert.deepEqual([status, document['code']], [2, 'CLI_CONSENT_MISSING'], act.join(' '));
      }
      // What would come of it is said before the question: of what there is not, that.
      for (const act of acts) {
        const { status, stderr } = await cli(act, { ...world, typed: 'n\n', isTTY: true });
        if (/^(?:golden|trust-anchor)/.test(act[0] ?? '')) assert.match(stderr, /_NOT_FOUND/);
        else assert.equal(status, 2);
      }
      const { items } = (await cliJson(['token', 'list'], world)).document as {
        items: { id: string; revoked: boolean }[];
      };
      assert.equal(items.find((token) => token.id === id)?.revoked, false);
      assert.equal((await cli(['token', 'revoke', id], { ...world, typed: 'yes\n', isTTY: true })).status, 0);
    });
  });
});
