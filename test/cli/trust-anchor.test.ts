// Roots and revocation lists by command line.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { components } from '../../src/api/index.ts';
import { encodePem } from '../../src/core/encoding/index.ts';
import { parseCertificate } from '../../src/core/x509/index.ts';
import { importList, listBody, listBy } from '../support/authority-lists.ts';
import { writeCabinet } from '../support/cabinet.ts';
import { openLossyProxy } from '../support/lossy-proxy.ts';
import { attest, authority, enrol, paperHost, trustedWorld } from '../support/paper-story.ts';
import { makeIntermediate, makeRoot } from '../support/pki.ts';
import { refuses } from '../support/problems.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('trust anchors and revocation lists by command line', () => {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  beforeEach(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-anchors-'));
    const token = file('operator.token', `${server.operatorToken}\n`);
    world = { env: { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN_FILE: token }, now: () => server.now() };
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const root = () => file('root.pem', encodePem('CERTIFICATE', authority.rootCertificate));
  const importRoot = (...options: string[]) =>
    cliJson(['trust-anchor', 'import', root(), '--scope', 'virtual', ...options], world);

  it('stage a root, which endorses nobody until it is activated', async () => {
    const { document } = await importRoot('--stage');
    const [{ id }] = document['items'] as [{ id: string }];
    assert.match((await cli(['trust-anchor', 'list'], world)).stdout, /staged \(virtual\)/);
    await refuses(enrol(server, paperHost('hv-1')), 'X509_PATH_NOTHING_TO_TRUST', 422);
    assert.equal((await cliJson(['trust-anchor', 'activate', id], world)).status, 0);
    await enrol(server, paperHost('hv-1'));
    const again = await cliJson(['trust-anchor', 'activate', id], world);
    assert.deepEqual([again.status, again.document['code']], [1, 'TRUST_ANCHOR_NOT_STAGED']);
  });

  it('store intermediates, show what hosts miss and the command that adds it, and forget them again', async () => {
    await importRoot();
    const intermediates = (...args: string[]) => cli(['trust-anchor', 'intermediates', ...args], world);
    assert.match((await intermediates('list')).stdout, /no intermediate yet/);
    const host = paperHost('hv-1');
    const lonely = { ...host, ekCertificates: async () => ({ ...(await host.ekCertificates()), chain: [] }) };
    await refuses(enrol(server, lonely), 'X509_PATH_NO_ANCHOR', 422);
    const missing = (await intermediates('list')).stdout;
    assert.match(missing, /missing +key identifier/);
    assert.match(missing, /touchstone trust-anchor intermediates import FILE/);
    const path = file('issuing.pem', encodePem('CERTIFICATE', authority.intermediateCertificate));
    const imported = await cliJson(['trust-anchor', 'intermediates', 'import', path], world);
    const [{ id }] = imported.document['items'] as [{ id: string }];
    assert.match((await intermediates('import', path)).stdout, /nothing new/);
    assert.ok((await intermediates('list')).stdout.includes(id.slice(0, 16)));
    await enrol(server, lonely);
    assert.match((await intermediates('remove', id)).stdout, /removed/);
    const again = await cliJson(['trust-anchor', 'intermediates', 'remove', id], world);
    assert.deepEqual([again.status, again.document['code']], [1, 'INTERMEDIATE_NOT_FOUND']);
    const fetched = await cliJson(['trust-anchor', 'intermediates', 'fetch', 'https://pki.example/ca.crt'], world);
    assert.deepEqual([fetched.status, fetched.document['code']], [1, 'INTERMEDIATE_URL_REFUSED']);
  });

  it('take the roots of a folder and of a cabinet, and tell what they pass over', async () => {
    const maker = makeRoot({ name: 'maker' });
    const contents = {
      'Maker/RootCA/maker.crt': maker.der,
      'Maker/IntermediateCA/issuing.crt': makeIntermediate(maker).der,
      'Maker/RootCA/broken.der': maker.der.subarray(0, 99),
      'setup.ps1': new TextEncoder().encode('exit'),
    };
    for (const [name, bytes] of Object.entries(contents)) {
      mkdirSync(dirname(join(folder, 'roots', name)), { recursive: true });
      file(join('roots', name), bytes);
    }
    const cabinet = file('TrustedTpm.cab', writeCabinet(contents));
    for (const path of [join(folder, 'roots'), cabinet]) {
      const local = await startTestServer();
      const { document } = await cliJson(['trust-anchor', 'import', path], operatorAt(local));
      assert.deepEqual(
        (document['items'] as { name: string }[]).map(({ name }) => name),
        ['maker.crt'],
      );
      const passedOver = document['passedOver'] as { source: string; reason: string }[];
      assert.deepEqual(passedOver.map(({ reason }) => reason).toSorted(), ['X509_CERTIFICATE_MALFORMED', 'no root']);
      const more = await cliJson(
        ['trust-anchor', 'import', path, '--with-intermediates', '--stage'],
        operatorAt(local),
      );
      assert.equal(more.document['code'], 'TRUST_ANCHOR_EXISTS');
      await local.close();
    }
    const nothing = await cliJson(['trust-anchor', 'import', join(folder, 'roots/Maker/IntermediateCA')], world);
    assert.equal(nothing.document['code'], 'CLI_INPUT_UNRECOGNISED');
  });

  it('say of several roots which were taken before one was refused, and which were not sent', async () => {
    const [first, second, third] = ['first', 'second', 'third'].map((name) =>
      file(`${name}.pem`, encodePem('CERTIFICATE', makeRoot({ name }).der)),
    ) as [string, string, string];
    const known = await cliJson(['trust-anchor', 'import', second], world);
    const asBefore = await cliJson(['trust-anchor', 'import', second], world);
    assert.deepEqual([asBefore.status, asBefore.document['items'], asBefore.document['known']], [0, [], 1]);
    const stopped = await cliJson(['trust-anchor', 'import', first, second, third, '--stage'], world);
    const { code, items, notSent } = stopped.document;
    assert.deepEqual([stopped.status, code, notSent], [1, 'TRUST_ANCHOR_EXISTS', [third]]);
    const [taken] = items as { id: string; name: string }[];
    assert.equal(taken?.name, 'first.pem');
    const [{ id: trusted }] = known.document['items'] as [{ id: string }];
    const again = await cliJson(['trust-anchor', 'activate', taken.id, trusted], world);
    assert.deepEqual(
      [again.status, again.document['code'], again.document['activated'], again.document['notSent']],
      [1, 'TRUST_ANCHOR_NOT_STAGED', [taken.id], []],
    );
    const text = await cli(['trust-anchor', 'import', third, second, first, '--scope', 'virtual'], world);
    assert.match(text.stdout, /third\.pem/);
    assert.match(text.stderr, /second\.pem.*1 before it was taken; not sent: .*first\.pem/s);
  });

  it('import the lists that a root demands, and say what they end', async () => {
    await importRoot('--require-crl');
    await refuses(enrol(server, paperHost('hv-1')), 'X509_CRL_MISSING', 422);
    const issuer = file(
      'issuers.pem',
      [authority.rootCertificate, authority.intermediateCertificate]
        .map((der) => encodePem('CERTIFICATE', der))
        .join(''),
    );
    const files = (['root', 'intermediate'] as const).map((name) =>
      file(`${name}.crl`, listBy(name, { madeAt: server.now() })),
    );
    const imported = await cli(['crl', 'import', ...files, '--issuer', issuer], world);
    assert.match(imported.stdout, /no host rests on what they revoke/);
    const host = paperHost('hv-1');
    await enrol(server, host);
    const { certificate } = await host.ekCertificates();
    server.advance(60);
    const revoking = file('new.crl', listBy('intermediate', { madeAt: server.now(), revoked: [certificate!] }));
    assert.match(
      (await cli(['crl', 'import', revoking, '--issuer', issuer], world)).stdout,
      /verdict of 1 host is void/,
    );
    server.advance(86_401);
    assert.match((await cli(['crl', 'list'], world)).stdout, /EK authority.* \(stale\) +1 /);
  });

  it('say first what a list is new in and which hosts would lose trust by it, and ask where somebody is there', async () => {
    await trustedWorld(server, 'hv-1');
    const other = paperHost('hv-2');
    await enrol(server, other);
    const issuer = file('issuer.pem', encodePem('CERTIFICATE', authority.intermediateCertificate));
    const [first, second] = await Promise.all([paperHost('hv-1').ekCertificates(), other.ekCertificates()]);
    const serials = [first, second].map(({ certificate }) => parseCertificate(certificate!).serialHex);
    const write = (name: string, ...revoked: Uint8Array[]) =>
      file(name, listBy('intermediate', { madeAt: server.now(), revoked }));
    const importing = (path: string, ...more: string[]) => ['crl', 'import', path, '--issuer', issuer, ...more];
    const lists = async () => (await server.operator.call('listRevocationLists', {})).items.map((one) => one.entries);

    const one = write('one.crl', first.certificate!);
    const { stdout } = await cli(importing(one, '--dry-run'), world);
    assert.match(stdout, new RegExp(`^1 new \\(the first list of this issuer\\): ${serials[0]}$`, 'm'));
    assert.match(stdout, /^1 host would lose its endorsement and verdict at once, 1 of them trusted now$/m);
    assert.match(stdout, new RegExp(`^hv-1 +affirming +2026-\\S+ +.* ${serials[0]}$`, 'm'));
    assert.match(stdout, /^nothing was changed$/m);
    const refused = await cli(importing(one), { ...world, typed: 'n\n', isTTY: true });
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /1 host would lose its endorsement[^]*import 1 revocation list\? \[y\/N\] /);
    assert.deepEqual(await lists(), []);
    assert.equal((await cli(importing(one), { ...world, typed: 'y\n', isTTY: true })).status, 0);
    assert.deepEqual(await lists(), [1]);

    server.advance(60);
    const swapped = write('swapped.crl', second.certificate!);
    const { document } = await cliJson(importing(swapped, '--dry-run'), world);
    const [preview] = document['items'] as components['schemas']['RevocationListPreview'][];
    assert.deepEqual([document['done'], preview?.hosts, preview?.trusted], [false, 1, 0]);
    assert.deepEqual([preview?.added, preview?.dropped].map((some) => some?.map(({ serial }) => serial)), [[serials[1]], [serials[0]]]); // prettier-ignore
    assert.deepEqual(await lists(), [1]);
    const stale = importing(file('stale.crl', listBy('intermediate', { madeAt: server.now(), lastsSeconds: -1 })));
    const warning = /past its end: until a newer one is imported, each host whose TPM is of this issuer is denied/;
    assert.match((await cli([...stale, '--dry-run'], world)).stdout, /at its next attestation \(1 host\)$/m);
    assert.match((await cli(stale, { ...world, typed: 'n\n', isTTY: true })).stderr, /past its end[^]*\[y\/N\] /);
    assert.match((await cli(stale, world)).stdout, warning);
    server.advance(1);
    // Nobody is asked where nobody loses trust, nor where nobody could be.
    assert.doesNotMatch((await cli(importing(write('none.crl')), { ...world, typed: '', isTTY: true })).stderr, /y\/N/);
    server.advance(60);
    assert.equal((await cli(importing(write('both.crl', first.certificate!, second.certificate!)), world)).status, 0);
    const older = await cliJson(importing(swapped, '--dry-run'), world);
    assert.deepEqual([older.status, older.document['code']], [1, 'REVOCATION_LIST_OLDER']);
  });

  it('remove a list that was imported by mistake, and say first whom that concerns', async () => {
    const { host, enrolled } = await trustedWorld(server, 'hv-1');
    const { certificate } = await host.ekCertificates();
    const revoked = [certificate!];
    const { id, issuer } = await importList(
      server.operator,
      listBody('intermediate', { madeAt: server.now(), revoked }),
    );
    const short = (await cli(['crl', 'list'], world)).stdout.match(/^[0-9a-f]{16}/m)?.[0] ?? '';
    assert.equal(short, id.slice(0, 16));
    const remove = (...more: string[]) => ['crl', 'remove', short, '--reason', 'wrong authority', ...more];
    const stored = async () => (await server.operator.call('listRevocationLists', {})).items.length;

    const shown = await cli(remove('--dry-run'), world);
    assert.match(shown.stdout, /1 certificate that it revokes would be believed again[^]*1 would gain trust[^]*hv-1/);
    const refused = await cli(remove(), { ...world, typed: 'n\n', isTTY: true });
    assert.match(refused.stderr, /1 would gain trust[^]*remove the revocation list of .*\? \[y\/N\] /);
    assert.deepEqual([refused.status, await stored()], [2, 1]);
    const foretold = await cliJson(['what-if', '--remove-crl', short], world);
    assert.equal(foretold.document['gained'], 1);
    const asked: string[] = [];
    const proxy = await openLossyProxy(server.url, ({ url = '' }) => {
      asked.push(url);
      return false;
    });
    const { stdout } = await cli(remove(), { ...world, env: { ...world.env, TOUCHSTONE_SERVER: proxy.url } });
    await proxy.close();
    assert.equal(asked.filter((url) => url === '/v1/revocation-lists').length, 1, asked.join(' '));
    assert.ok(stdout.includes(`the list of ${issuer} is removed`), stdout);
    assert.match(stdout, /1 host not trusted now/);
    assert.deepEqual([await stored(), (await attest(enrolled, host)).verdict.status], [0, 'affirming']);
    for (const named of [short, id]) {
      const again = await cliJson(['crl', 'remove', named, '--reason', 'x', '--dry-run'], world);
      assert.deepEqual([again.status, again.document['code']], [1, 'CLI_ID_UNKNOWN']);
    }
  });

  it('import several lists together: those that are refused are named, and the others are taken', async () => {
    await trustedWorld(server, 'hv-1');
    const { certificate } = await paperHost('hv-1').ekCertificates();
    const issuer = file(
      'issuers.pem',
      [authority.rootCertificate, authority.intermediateCertificate]
        .map((der) => encodePem('CERTIFICATE', der))
        .join(''),
    );
    const madeAt = server.now();
    const files = [
      file('garbled.crl', 'nothing'),
      file('forged.crl', listBy('root', { madeAt, forged: true })),
      file('good.crl', listBy('intermediate', { madeAt, revoked: [certificate!] })),
      join(folder, 'absent.crl'),
    ];
    const importing = ['crl', 'import', ...files, '--issuer', issuer];
    const refusedOf = (document: Record<string, unknown>) =>
      (document['refused'] as { name: string; code: string }[]).map(({ name, code }) => [basename(name), code]);
    const expected = [
      ['garbled.crl', 'X509_CRL_MALFORMED'],
      ['absent.crl', 'CLI_FILE_UNREADABLE'],
      ['forged.crl', 'X509_CRL_SIGNATURE_INVALID'],
    ];
    const preview = await cliJson([...importing, '--dry-run'], world);
    assert.deepEqual([preview.status, preview.document['done'], refusedOf(preview.document)], [1, false, expected]);
    assert.deepEqual((await server.operator.call('listRevocationLists', {})).items, []);
    const asked = await cli(importing, { ...world, typed: 'n\n', isTTY: true });
    assert.match(asked.stderr, /refused.* .*forged.crl: X509_CRL_SIGNATURE_INVALID: /m);
    assert.match(asked.stderr, /import 1 revocation list\? \[y\/N\] /);
    const { status, stdout, stderr } = await cli(importing, world);
    assert.equal(status, 1);
    assert.match(stdout, /^the verdict of 1 host is void$/m);
    assert.match(stdout, /^refused .*forged.crl: X509_CRL_SIGNATURE_INVALID: /m);
    assert.match(stderr, /^error X509_CRL_MALFORMED: .*garbled.crl: .* \(1 of 4 was taken\)$/m);
    assert.equal((await server.operator.call('listRevocationLists', {})).items.length, 1);
  });

  it('import several lists in more than one request where they are more than the server reads at once', async () => {
    const local = await startTestServer({ settings: { limits: { bodyBytes: 65_536 } } });
    const issuer = file(
      'issuers.pem',
      [authority.rootCertificate, authority.intermediateCertificate]
        .map((der) => encodePem('CERTIFICATE', der))
        .join(''),
    );
    const revoked = Array.from({ length: 800 }, () => authority.intermediateCertificate);
    const lists = (['root', 'intermediate'] as const).map((name) =>
      file(`${name}.crl`, listBy(name, { madeAt: local.now(), revoked })),
    );
    const { status, document } = await cliJson(['crl', 'import', ...lists, '--issuer', issuer], operatorAt(local));
    assert.deepEqual([status, (document['items'] as object[]).length], [0, 2]);
    await local.close();
  });

  it('say what was taken of lists that went in more than one request, where the server is gone before the last', async () => {
    const local = await startTestServer({ settings: { limits: { bodyBytes: 65_536 } } });
    let asked = 0;
    const proxy = await openLossyProxy(local.url, ({ url = '' }) => /revocation-list/.test(url) && (asked += 1) >= 3);
    const issuer = file(
      'issuers.pem',
      [authority.rootCertificate, authority.intermediateCertificate]
        .map((der) => encodePem('CERTIFICATE', der))
        .join(''),
    );
    const revoked = Array.from({ length: 800 }, () => authority.intermediateCertificate);
    const lists = (['root', 'intermediate'] as const).map((name) =>
      file(`${name}.crl`, listBy(name, { madeAt: local.now(), revoked })),
    );
    const { env, ...rest } = operatorAt(local);
    const lossy = { ...rest, env: { ...env, TOUCHSTONE_SERVER: proxy.url } };
    const importing = ['crl', 'import', file('garbled.crl', 'nothing'), ...lists, '--issuer', issuer];
    const { status, document } = await cliJson(importing, lossy);
    assert.deepEqual([status, document['code']], [1, 'API_UNREACHABLE']);
    assert.match(String(document['message']), /\(1 of 3 was taken; no answer for .*intermediate\.crl: import again/);
    assert.equal((document['items'] as object[]).length, 1);
    assert.deepEqual(document['unanswered'], [lists[1]]);
    assert.equal((await local.operator.call('listRevocationLists', {})).items.length, 1);
    // A preview that does not tell of all is none.
    asked = 0;
    assert.deepEqual(Object.keys((await cliJson([...importing, '--dry-run'], lossy)).document).toSorted(), ['code', 'message', 'ok', 'remedy']); // prettier-ignore
    const again = await cliJson(['crl', 'import', ...lists, '--issuer', issuer], operatorAt(local));
    assert.deepEqual([again.status, (again.document['items'] as object[]).length], [0, 2]);
    await proxy.close();
    await local.close();
  });

  it('import more lists than one request may hold', async () => {
    const lists = Array.from({ length: 101 }, (_, index) =>
      file(`${index}.crl`, listBy('intermediate', { madeAt: server.now() })),
    );
    const issuer = file('issuer.pem', encodePem('CERTIFICATE', authority.intermediateCertificate));
    const { status, document } = await cliJson(['crl', 'import', ...lists, '--issuer', issuer], world);
    assert.deepEqual([status, (document['items'] as object[] | undefined)?.length], [0, 101]);
  });

  it('refuse a list of another issuer than the one named, and a file that is no list', async () => {
    const list = file('intermediate.crl', listBy('intermediate', { madeAt: server.now() }));
    const refused = await cliJson(['crl', 'import', list, '--issuer', root()], world);
    assert.deepEqual([refused.status, refused.document['code']], [1, 'X509_CRL_SIGNATURE_INVALID']);
    assert.equal(
      (await cliJson(['crl', 'import', root(), '--issuer', root()], world)).document['code'],
      'X509_CRL_MALFORMED',
    );
    assert.equal((await cli(['crl', 'import', list], world)).status, 2);
    // The next list of one issuer is no list of another.
    const both = ['crl', 'import', list, list, '--issuer', root(), '--url', 'https://pki.example.com/ek-ca.crl'];
    assert.deepEqual((await cliJson(both, world)).document['code'], 'CLI_USAGE_INVALID');
  });
});
