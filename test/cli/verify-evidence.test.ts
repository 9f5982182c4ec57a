// `host export` and `verify evidence` as an operator and an auditor use them: the auditor has the file, and nothing else.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArchive } from '../../src/core/evidence-bundle/index.ts';
import { pemOf } from '../support/pki.ts';
import { attest, authority, trustedWorld, type TrustedWorld } from '../support/paper-story.ts';
import { alter, repack } from '../support/export.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson } from './cli-run.ts';

describe('touchstone host export and verify evidence', () => {
  let server: TestServer;
  let world: TrustedWorld;
  let folder: string;
  let file: string;
  let bundle: Uint8Array;
  before(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
    folder = mkdtempSync(join(tmpdir(), 'touchstone-export-'));
    file = join(folder, 'case.tar');
    await cliAccepted([
      'host',
      'export',
      'hv-1',
      '--out',
      file,
      '--server',
      server.url,
      '--token',
      server.operatorToken,
    ]);
    bundle = new Uint8Array(readFileSync(file));
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (name: string, bytes: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  it('says the same verdict, on whose word, and exits with 0', async () => {
    const run = await cli(['verify', 'evidence', file]);
    assert.equal(run.status, 0, run.stderr);
    for (const text of [
      'each proved to be among',
      'enrolled',
      'in the log',
      'yes, byte for byte',
      'as the server saw it (no --anchors)',
      'affirming',
      'hv-1',
    ]) {
      assert.ok(run.stdout.includes(text), `${text}\n${run.stdout}`);
    }
    const document = await cliAccepted(['verify', 'evidence', file]);
    assert.equal(document['same'], true);
    assert.deepEqual(document['trusted'], { server: 'bundle', anchors: 'bundle', signers: 'bundle' });
  });

  it('takes roots, operators and keys of the auditor in the place of those of the bundle', async () => {
    const jwks = write('jwks.json', (await server.operator.callRaw('getJwks', {})).body);
    const anchors = write('root.pem', pemOf(authority.rootCertificate));
    const signers = world.operators.map(({ name, privateKey }) => write(`${name}.pem`, publicPem(privateKey)));
    const own = ['--jwks', jwks, '--anchors', anchors, '--scope', 'virtual', '--signers', signers.join(',')];
    const document = await cliAccepted(['verify', 'evidence', file, ...own, '--quorum', '2']);
    assert.deepEqual(document['trusted'], { server: 'own', anchors: 'own', signers: 'own' });
    const stranger = await cliJson(['verify', 'evidence', file, '--signers', signers[0] ?? '', '--quorum', '2']);
    assert.equal(stranger.status, 1);
    assert.equal(stranger.document['code'], 'CLI_EVIDENCE_DIFFERS');
    assert.equal((stranger.document['verdict'] as { status: string }).status, 'none');
  });

  it('tells in JSON which entries of the audit log enrolled the host and have the verdict', async () => {
    const { audit, ended, quarantine, breakGlass } = await cliAccepted(['verify', 'evidence', file]);
    const { entries, ...told } = audit as { entries: { sequence: number; action: string }[]; proved: number };
    const place = (name: string) => entries.findLast(({ action }) => action === name)?.sequence;
    const { enrolled, acknowledged, isOwnEntry, proved } = told as unknown as Record<string, unknown>;
    assert.deepEqual(
      [enrolled, acknowledged, isOwnEntry, proved],
      [place('host.enrolled'), place('verdict.changed'), true, entries.length],
    );
    assert.deepEqual([ended, quarantine, breakGlass], [[], null, null]);
  });

  it('exports an older verdict by its digest and by time, and names those that are kept where none fits', async () => {
    const options = ['--server', server.url, '--token', server.operatorToken];
    const given = (await cliAccepted(['verify', 'evidence', file]))['verdict'] as Record<string, string>;
    server.advance(60);
    await attest(world.enrolled, world.host);
    const choices = [
      ['--verdict', given['evidenceDigest']!.slice(0, 10)],
      ['--at', given['issuedAt']!],
    ];
    for (const [index, choice] of choices.entries()) {
      const older = join(folder, `older-${index}.tar`);
      await cliAccepted(['host', 'export', 'hv-1', '--out', older, ...choice, ...options]);
      assert.deepEqual((await cliAccepted(['verify', 'evidence', older]))['verdict'], given);
    }
    const none = ['host', 'export', 'hv-1', '--out', join(folder, 'none.tar'), '--verdict', '00000000', ...options];
    const { status, document } = await cliJson(none);
    assert.deepEqual([status, document['code']], [1, 'HOST_VERDICT_NOT_KEPT']);
  });

  it('answers for another time', async () => {
    const later = await cliAccepted(['verify', 'evidence', file, '--at', '2026-12-24']);
    assert.equal(later['same'], true);
    assert.equal((later['verdict'] as { issuedAt: string }).issuedAt, '2026-12-24T00:00:00.000Z');
  });

  it('says of a refused host what was expected and what was observed, and refuses it where trust is demanded', async () => {
    world.host.reboot({ tampering: ['changed-kernel'] });
    await attest(world.enrolled, world.host);
    const refused = join(folder, 'refused.tar');
    const options = ['--server', server.url, '--token', server.operatorToken];
    await cliAccepted(['host', 'export', 'hv-1', '--out', refused, ...options]);
    const run = await cli(['verify', 'evidence', refused]);
    assert.equal(run.status, 0);
    assert.match(run.stdout, /KERNEL_DIVERGED[^]*expected[^]*observed[^]*docs\/findings\/KERNEL_DIVERGED\.md/);
    const demanded = await cliJson(['verify', 'evidence', refused, '--require', 'affirming']);
    assert.deepEqual([demanded.status, demanded.document['code']], [1, 'CLI_EVIDENCE_UNTRUSTED']);
  });

  it('names every part that somebody changed, took out or put in', async () => {
    for (const { name } of parseArchive(bundle)) {
      const altered = write(
        'altered.tar',
        repack(bundle, (part) => [part.name === name ? alter(part) : part]),
      );
      const run = await cliJson(['verify', 'evidence', altered]);
      assert.equal(run.status, 1, name);
      const { code, message } = run.document as { code: string; message: string };
      if (name === 'manifest.json') assert.match(code, /^(EVIDENCE_PART_INVALID|VERDICT_TOKEN_SIGNATURE)$/);
      else if (name === 'manifest.jws') assert.match(code, /^VERDICT_TOKEN_/);
      else assert.deepEqual([code, message.includes(name)], ['EVIDENCE_PART_ALTERED', true], name);
      const without = write(
        'without.tar',
        repack(bundle, (part) => (part.name === name ? [] : [part])),
      );
      const gone = (await cliJson(['verify', 'evidence', without])).document as { code: string; message: string };
      assert.deepEqual([gone.code, gone.message.includes(name)], ['EVIDENCE_PART_MISSING', true], name);
    }
    const stranger = { name: 'trust/golden-measurements/x.dsse.json', bytes: new Uint8Array(1) };
    const more = write(
      'more.tar',
      repack(bundle, (part) => (part.name === 'README.txt' ? [part, stranger] : [part])),
    );
    assert.equal((await cliJson(['verify', 'evidence', more])).document['code'], 'EVIDENCE_PART_UNKNOWN');
  });

  it('refuses what is cut off, and what is no bundle, with the place', async () => {
    const cut = await cliJson(['verify', 'evidence', write('cut.tar', bundle.subarray(0, 2000))]);
    assert.deepEqual([cut.status, cut.document['code']], [1, 'EVIDENCE_ARCHIVE_MALFORMED']);
    assert.match(String(cut.document['message']), /byte \d+/);
    assert.equal((await cli(['verify', 'evidence', join(folder, 'absent.tar')])).status, 2);
  });

  it('overwrites nothing', async () => {
    const options = ['--out', file, '--server', server.url, '--token', server.operatorToken];
    assert.equal((await cliJson(['host', 'export', 'hv-1', ...options])).document['code'], 'CLI_FILE_EXISTS');
  });

  it('says why a host was not trusted at another time, and refuses one in quarantine where trust is demanded', async () => {
    const options = ['--server', server.url, '--token', server.operatorToken];
    world.host.reboot({ tampering: [] });
    await attest(world.enrolled, world.host);
    server.advance(60);
    const opened = ['quarantine', 'open', '--host', 'hv-1', '--reason', 'ticket 4711', '--for', '1h', ...options];
    await cliAccepted(opened);
    const during = server.now().toISOString();
    server.advance(60);
    const golden = { path: { goldenId: world.goldens[3] ?? '' }, body: { reason: 'bad kernel' } };
    await server.operator.call('retireGoldenMeasurement', golden);
    const ended = server.now().toISOString();
    const later = join(folder, 'later.tar');
    await cliAccepted(['host', 'export', 'hv-1', '--out', later, ...options]);
    const aside = await cli(['verify', 'evidence', later, '--at', during]);
    assert.match(aside.stdout, /^quarantine +ticket 4711 \(qua_\S+, by token \S+, until \S+\): admission was denied$/m);
    const demanded = await cliJson(['verify', 'evidence', later, '--at', during, '--require', 'affirming']);
    assert.deepEqual([demanded.status, demanded.document['code']], [1, 'CLI_EVIDENCE_UNTRUSTED']);
    assert.match(String(demanded.document['message']), /operators had set the host aside: ticket 4711/);
    const refused = await cli(['verify', 'evidence', later, '--at', ended]);
    assert.equal(refused.status, 1);
    assert.match(refused.stdout, /^ended +golden sha256:\S+… was retired at \S+: bad kernel$/m);
    assert.match(refused.stderr, /was retired at \S+: bad kernel/);
  });
});

function publicPem(privateKey: Parameters<typeof createPublicKey>[0]): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}
