// `audit checkpoint` and `audit verify` as a witness uses them, who has a token of role monitor and a file that the server cannot write.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAudit, replaceAudit, rewriteAudit } from '../support/audit-tampering.ts';
import { exportBundle } from '../support/export.ts';
import { trustedWorld } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';

describe('touchstone audit', () => {
  let server: TestServer;
  let folder: string;
  let world: CliWorld;
  let token: string;
  before(async () => {
    server = await startTestServer();
    await trustedWorld(server);
    token = await server.token('monitor');
    folder = mkdtempSync(join(tmpdir(), 'touchstone-witness-'));
    world = { now: () => server.now() };
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);
  const args = (...words: readonly string[]): readonly string[] => [...words, '--server', server.url, '--token', token];
  const keep = (name: string, ...more: readonly string[]) =>
    cliAccepted(args('audit', 'checkpoint', '--out', at(name), ...more), world);
  const verify = (name: string, ...more: readonly string[]) =>
    cliJson(args('audit', 'verify', '--since', at(name), ...more), world);
  const act = () => server.token('auditor');
  const keySet = async (name: string): Promise<string> => {
    writeFileSync(at(name), (await server.operator.callRaw('getJwks', {})).body);
    return at(name);
  };
  const meanwhile = (change: () => Promise<void>): Promise<void> => server.restart({}, change);

  it('keeps a checkpoint, and proves that the log was only appended to since, in plain words', async () => {
    const kept = await keep('first.json');
    assert.equal(kept['trusted'], 'server');
    const unchanged = await verify('first.json');
    assert.deepEqual([unchanged.status, unchanged.document['appended']], [0, 0]);
    await act();
    await act();
    const run = await cli(args('audit', 'verify', '--since', at('first.json')), world);
    assert.equal(run.status, 0, run.stderr);
    assert.match(
      run.stdout,
      /history +only appended to since .*: the first \d+ entries are what they were, 2 came behind/,
    );
    assert.match(run.stdout, /a key that the kept checkpoint came with \(no --jwks\)/);
    const { document } = await verify('first.json', '--jwks', await keySet('jwks.json'));
    assert.deepEqual([document['ok'], document['appended'], document['trusted']], [true, 2, 'own']);
    assert.deepEqual(document['since'], { ...(document['since'] as object), size: kept['size'], root: kept['root'] });
  });

  it('overwrites nothing, but goes on from what it proved with --update', async () => {
    const again = await cliJson(args('audit', 'checkpoint', '--out', at('first.json')), world);
    assert.equal(again.document['code'], 'CLI_FILE_EXISTS');
    await keep('moving.json');
    const before = readFileSync(at('moving.json'), 'utf8');
    await act();
    await verify('moving.json');
    assert.equal(readFileSync(at('moving.json'), 'utf8'), before);
    const moved = await verify('moving.json', '--update');
    assert.deepEqual([moved.status, moved.document['appended'], moved.document['wrote']], [0, 1, at('moving.json')]);
    assert.equal((await verify('moving.json')).document['appended'], 0);
  });

  it('takes an evidence bundle for the checkpoint that is in it, and does not write over it', async () => {
    writeFileSync(at('case.tar'), await exportBundle(server));
    await act();
    assert.equal((await verify('case.tar')).document['appended'], 1);
    const update = await verify('case.tar', '--update');
    assert.deepEqual([update.status, update.document['code']], [2, 'CLI_USAGE_INVALID']);
  });

  it('refuses a history that was written anew, says what does not fit, and keeps what the server signed', async () => {
    await keep('witness.json');
    const kept = readFileSync(at('witness.json'), 'utf8');
    await act();
    const place = { dataDirectory: server.dataDirectory };
    const honest = await readAudit(place);
    await meanwhile(() => rewriteAudit(place, (entry) => (entry.sequence === 3 ? { ...entry, actor: 'me' } : entry)));
    const run = await cli(args('audit', 'verify', '--since', at('witness.json'), '--update'), world);
    assert.equal(run.status, 1);
    assert.match(run.stdout, /history +REFUSED: of \d+ entries the first \d+ are not those that there were/);
    assert.match(run.stderr, /CHECKPOINT_HISTORY_CHANGED[\s\S]*Keep both checkpoints/);
    assert.equal(readFileSync(at('witness.json'), 'utf8'), kept);
    const refused = readFileSync(at('witness.json.refused'), 'utf8');
    await act();
    assert.equal((await verify('witness.json', '--update')).document['wrote'], null);
    assert.equal(readFileSync(at('witness.json.refused'), 'utf8'), refused, 'the first one stays');
    assert.equal((await verify('witness.json.refused')).status, 0, 'and the server stands by it');
    await meanwhile(() => replaceAudit(place, honest.slice(0, 4)));
    const cut = await verify('witness.json');
    assert.deepEqual([cut.status, cut.document['code'], cut.document['appended']], [1, 'CHECKPOINT_LOG_CUT', null]);
    await meanwhile(() => replaceAudit(place, honest));
    assert.equal((await verify('witness.json')).status, 0);
  });

  it('refuses a kept file that was changed, is of another server, or is none', async () => {
    await keep('good.json');
    const good = JSON.parse(readFileSync(at('good.json'), 'utf8')) as { checkpoint: string; keys: object };
    const wrong: readonly (readonly [string, unknown])[] = [
      ['VERDICT_TOKEN_SIGNATURE', { ...good, checkpoint: good.checkpoint.replace(/"size": \d+/, '"size": 1') }],
      ['VERDICT_KEYS_EMPTY', { ...good, keys: { keys: [] } }],
      ['CHECKPOINT_MALFORMED', { ...good, keys: [] }],
      ['CHECKPOINT_MALFORMED', { ...good, more: 1 }],
      ['CHECKPOINT_MALFORMED', {}],
    ];
    for (const [code, document] of wrong) {
      writeFileSync(at('wrong.json'), JSON.stringify(document));
      const { status, document: refusal } = await verify('wrong.json');
      assert.deepEqual([status, refusal['code']], [1, code]);
      assert.match(String(refusal['message']), /wrong\.json/);
    }
    writeFileSync(at('wrong.json'), '');
    assert.equal((await verify('wrong.json')).status, 1);
    const other = await startTestServer();
    try {
      const elsewhere = ['--server', other.url, '--token', other.operatorToken];
      const run = await cliJson(['audit', 'verify', '--since', at('good.json'), ...elsewhere], world);
      assert.deepEqual([run.status, run.document['isNewKey']], [1, true], 'its own key is told');
      const jwks = await keySet('jwks-of-one.json');
      const pinned = await cliJson(
        ['audit', 'verify', '--since', at('good.json'), '--jwks', jwks, ...elsewhere],
        world,
      );
      assert.deepEqual([pinned.status, pinned.document['code']], [1, 'VERDICT_TOKEN_KEY_UNKNOWN']);
    } finally {
      await other.close();
    }
  });

  it('says when another key signs, and takes it only where no --jwks is given', async () => {
    await keep('old-key.json');
    const jwks = await keySet('jwks-before.json');
    await server.operator.call('createSigningKey', {
      body: { reason: 'test', signsInSeconds: 1, withdrawOthers: true },
    });
    server.advance(2);
    const run = await cli(args('audit', 'verify', '--since', at('old-key.json')), world);
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /a key that the kept checkpoint does not know, by the word of the server/);
    const pinned = await verify('old-key.json', '--jwks', jwks);
    assert.deepEqual([pinned.status, pinned.document['code']], [1, 'VERDICT_TOKEN_KEY_UNKNOWN']);
    await verify('old-key.json', '--update');
    assert.equal((await verify('old-key.json')).document['isNewKey'], false);
  });

  it('refuses an answer from another time than its own, and keeps nothing of it', async () => {
    await keep('clock.json');
    const later = { ...world, now: () => new Date(server.now().getTime() + 601_000) };
    const run = await cliJson(args('audit', 'verify', '--since', at('clock.json')), later);
    assert.deepEqual([run.status, run.document['code']], [1, 'CLI_CHECKPOINT_OLD']);
    await cliJson(args('audit', 'verify', '--since', at('clock.json'), '--update'), later);
    assert.ok(!existsSync(at('clock.json.refused')), 'a clock is nothing to explain');
    const kept = await cliJson(args('audit', 'checkpoint', '--out', at('late.json')), later);
    assert.deepEqual([kept.status, kept.document['code']], [1, 'CLI_CHECKPOINT_OLD']);
    assert.ok(!existsSync(at('late.json')));
  });
});
