// `audit export` and `audit verify --entries` as an auditor uses them: with a server once, and without any from then on.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditRecord } from '../../src/server/storage/index.ts';
import { readAudit, replaceAudit } from '../support/audit-tampering.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';

describe('entries of the audit log, for an auditor', () => {
  let server: TestServer;
  let folder: string;
  let world: CliWorld;
  let token: string;
  let lines: readonly string[];
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-auditor-'));
    world = { now: () => server.now() };
    token = await server.token('auditor');
    for (let entry = 0; entry < 20; entry += 1) await server.token('monitor');
    writeFileSync(at('jwks.json'), (await server.operator.callRaw('getJwks', {})).body);
    await cliAccepted(fromServer('audit', 'export', '--out', at('all.jsonl')), world);
    lines = readFileSync(at('all.jsonl'), 'utf8').trimEnd().split('\n');
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);
  const fromServer = (...words: readonly string[]) => [...words, '--server', server.url, '--token', token];
  const verify = (name: string, ...more: readonly string[]) =>
    cliJson(['audit', 'verify', '--entries', at(name), ...more], world);
  const refuses = async (code: string, content: readonly string[]): Promise<string> => {
    writeFileSync(at('wrong.jsonl'), content.map((line) => `${line}\n`).join(''));
    const { status, document } = await verify('wrong.jsonl', '--jwks', at('jwks.json'));
    assert.deepEqual([status, document['ok'], document['code']], [1, false, code], JSON.stringify(document));
    return String(document['message']);
  };

  it('are proved without a server, by its keys, in plain words and as one document', async () => {
    const { status, document } = await verify('all.jsonl', '--jwks', at('jwks.json'));
    assert.equal(status, 0, JSON.stringify(document));
    const { entries, first, last, checkpoint, trusted } = document as Record<string, never> & {
      readonly first: { readonly sequence: number };
      readonly last: { readonly sequence: number };
      readonly checkpoint: { readonly size: number };
    };
    assert.deepEqual([entries, first.sequence, last.sequence, trusted], [lines.length - 1, 1, lines.length - 1, 'own']);
    assert.equal(checkpoint.size, lines.length - 1);
    const { stdout } = await cli(['audit', 'verify', '--entries', at('all.jsonl')], world);
    assert.match(stdout, /^log +test\.example\n/);
    assert.match(stdout, /by the file's own word: whoever made it can have made the key \(no --jwks\)/);
    assert.match(stdout, /proved +each follows from the one before, and the last is in the log that was signed/);
    assert.match(stdout, /not here +nothing: this is the whole log as it was signed/);
  });

  it('are as many as were asked for, and the answer says how many are not here', async () => {
    const out = at('some.jsonl');
    await cliAccepted(fromServer('audit', 'export', '--from', '5', '--to', '9', '--out', out, '--jwks', at('jwks.json')), world); // prettier-ignore
    const { stdout } = await cli(['audit', 'verify', '--entries', out, '--jwks', at('jwks.json')], world);
    assert.match(stdout, /entries +5: 5, \S+, to 9, /);
    assert.match(stdout, /not here +4 before them, \d+ behind them/);
    assert.equal(readFileSync(out, 'utf8').split('\n').length, 7);
  });

  it('are refused with a gap, a changed entry, a cut end, a missing proof, or none at all', async () => {
    const [first = '', second = '', ...others] = lines;
    const proof = others.pop() ?? '';
    assert.match(await refuses('AUDIT_ENTRIES_GAP', [first, ...others, proof]), /entry 3 comes behind entry 1: those between are missing/); // prettier-ignore
    const changed = second.replace(/"actor":"[^"]*"/, '"actor":"nobody"');
    assert.match(await refuses('AUDIT_ENTRY_CHANGED', [first, changed, ...others, proof]), /wrong\.jsonl: entry 2 /);
    await refuses('AUDIT_ENTRIES_FOREIGN', [first, second, ...others.slice(0, -1), proof]);
    await refuses('AUDIT_ENTRIES_UNPROVEN', [first, second, ...others]);
    await refuses('AUDIT_ENTRY_MALFORMED', [first, proof, second, ...others, proof]);
    await refuses('AUDIT_ENTRIES_NONE', [proof]);
    await refuses('AUDIT_ENTRIES_NONE', []);
    await refuses('CHECKPOINT_MALFORMED', [first, '{"checkpoint":1}']);
    await refuses('VERDICT_TOKEN_SIGNATURE', [
      ...lines.slice(0, -1),
      proof.replace(/\\"size\\": \d+/, '\\"size\\": 9'),
    ]);
    writeFileSync(at('cut.jsonl'), lines.join('\n'));
    assert.equal((await verify('cut.jsonl')).document['code'], 'AUDIT_ENTRY_MALFORMED');
  });

  it('are refused by the keys of another server', async () => {
    const other = await startTestServer();
    writeFileSync(at('other.json'), (await other.operator.callRaw('getJwks', {})).body);
    await other.close();
    const { status, document } = await verify('all.jsonl', '--jwks', at('other.json'));
    assert.deepEqual([status, document['code']], [1, 'VERDICT_TOKEN_KEY_UNKNOWN']);
  });

  it('are one question, and --since another', async () => {
    for (const wrong of [
      [],
      ['--entries', at('all.jsonl'), '--since', at('all.jsonl')],
      ['--entries', at('all.jsonl'), '--update'],
    ]) {
      const { status, document } = await cliJson(['audit', 'verify', ...wrong], world);
      assert.deepEqual([status, document['code']], [2, 'CLI_USAGE_INVALID']);
    }
  });

  it('are not exported where there are none, nor where they do not follow from each other', async () => {
    const none = await cliJson(fromServer('audit', 'export', '--from', '9999', '--out', at('none.jsonl')), world);
    assert.deepEqual(
      [none.status, none.document['code'], existsSync(at('none.jsonl'))],
      [1, 'AUDIT_ENTRIES_NONE', false],
    );
    const change = (entry: AuditRecord) => (entry.sequence === 7 ? { ...entry, actor: 'nobody' } : entry);
    const place = { dataDirectory: server.dataDirectory };
    await server.restart({}, async () => replaceAudit(place, (await readAudit(place)).map(change)));
    const changed = await cliJson(fromServer('audit', 'export', '--out', at('none.jsonl')), world);
    assert.deepEqual(
      [changed.status, changed.document['code'], existsSync(at('none.jsonl'))],
      [1, 'AUDIT_ENTRY_CHANGED', false],
    );
  });
});
