// Roots and revocation lists by command line.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem } from '../../src/core/encoding/index.ts';
import { listBy } from '../support/authority-lists.ts';
import { authority, enrol, paperHost } from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, type CliWorld } from './cli-run.ts';

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

  it('refuse a list of another issuer than the one named, and a file that is no list', async () => {
    const list = file('intermediate.crl', listBy('intermediate', { madeAt: server.now() }));
    const refused = await cliJson(['crl', 'import', list, '--issuer', root()], world);
    assert.deepEqual([refused.status, refused.document['code']], [1, 'X509_CRL_SIGNATURE_INVALID']);
    assert.equal(
      (await cliJson(['crl', 'import', root(), '--issuer', root()], world)).document['code'],
      'X509_CRL_MALFORMED',
    );
    assert.equal((await cli(['crl', 'import', list], world)).status, 2);
  });
});
