// A bundle of roots as operators make, sign and import it.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeHex, encodePem } from '../../src/core/encoding/index.ts';
import { hash } from '../../src/core/crypto/index.ts';
import { authority, enrol, paperHost } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('a bundle of trust anchors by command line', () => {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  const path = (name: string): string => join(folder, name);
  const run = (...args: string[]) => cliJson(['trust-anchor', ...args], world);
  const rootId = encodeHex(hash('sha256', authority.rootCertificate));
  beforeEach(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-bundle-'));
    world = operatorAt(server);
    writeFileSync(path('root.pem'), encodePem('CERTIFICATE', authority.rootCertificate));
    for (const name of ['ada', 'grace']) {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        publicKeyEncoding: { type: 'spki', format: 'pem' },
      });
      writeFileSync(path(`${name}.pem`), privateKey, { mode: 0o600 });
      await server.operator.call('createSigner', { body: { name, publicKeyPem: publicKey } });
    }
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const make = (sequence: number, name = `bundle-${sequence}.json`) => {
    const what = ['--sequence', String(sequence), '--source', 'the maker, by hand', '--scope', 'virtual'];
    return run('bundle', path('root.pem'), ...what, '--key', path('ada.pem'), '--out', path(name), '--yes');
  };
  const cosign = (name: string) => run('sign', path(name), '--key', path('grace.pem'), '--yes');

  it('is imported once a quorum signed it, and tells where each root is from', async () => {
    assert.equal((await make(3)).status, 0);
    const alone = await run('import', path('bundle-3.json'));
    assert.deepEqual([alone.status, alone.document['code']], [1, 'ANCHOR_BUNDLE_QUORUM_NOT_REACHED']);
    assert.equal((await cosign('bundle-3.json')).document['signatures'], 2);
    assert.equal((await cosign('bundle-3.json')).document['signatures'], 2);
    const { document } = await run('import', path('bundle-3.json'));
    assert.deepEqual([document['sequence'], document['signers'], document['known']], [3, ['ada', 'grace'], 0]);
    assert.equal((document['items'] as [{ id: string; staged: boolean }])[0].id, rootId);
    await enrol(server, paperHost('hv-1'));
    const { items } = await server.operator.call('listAudit', {});
    const [imported, added] = ['trust-anchor-bundle.imported', 'trust-anchor.added'].map((action) =>
      items.find((entry) => entry.action === action),
    );
    assert.deepEqual(imported?.details['signers'], ['ada', 'grace']);
    assert.match(String(added?.details['source']), /^the maker, by hand: /);
    assert.deepEqual([added?.details['bundle'], added?.details['certificate']], [3, rootId]);
  });

  it('is refused when it is not newer than the last, also after a restart', async () => {
    for (const sequence of [2, 3]) {
      await make(sequence);
      await cosign(`bundle-${sequence}.json`);
    }
    assert.equal((await run('import', path('bundle-3.json'))).status, 0);
    await server.restart();
    world = operatorAt(server);
    for (const sequence of [2, 3]) {
      const { status, document } = await run('import', path(`bundle-${sequence}.json`));
      assert.deepEqual([status, document['code']], [1, 'TRUST_ANCHOR_BUNDLE_OLD']);
    }
  });

  it('may be staged, and never brings back a root that an operator withdrew', async () => {
    await make(1);
    await cosign('bundle-1.json');
    const { document } = await run('import', path('bundle-1.json'), '--stage');
    assert.equal((document['items'] as [{ staged: boolean }])[0].staged, true);
    assert.equal((await run('activate', rootId)).status, 0);
    assert.equal((await run('withdraw', rootId, '--reason', 'stolen', '--yes')).status, 0);
    await make(2);
    await cosign('bundle-2.json');
    const again = await run('import', path('bundle-2.json'));
    assert.deepEqual([again.status, again.document['known'], again.document['items']], [0, 1, []]);
    const [anchor] = (await server.operator.call('listTrustAnchors', {})).items;
    assert.equal(anchor?.withdrawnBecause, 'stolen');
  });

  it('is shown before it is signed, never overwritten, and refused when it was changed', async () => {
    await make(1);
    assert.equal((await make(1)).document['code'], 'CLI_FILE_EXISTS');
    const asked = await cli(['trust-anchor', 'sign', path('bundle-1.json'), '--key', path('grace.pem')], world);
    assert.equal(asked.status, 2);
    await cosign('bundle-1.json');
    const text = readFileSync(path('bundle-1.json'), 'utf8');
    const envelope = JSON.parse(text) as { payload: string };
    const payload = Buffer.from(envelope.payload, 'base64').toString().replace('"virtual"', '"vendor"');
    writeFileSync(
      path('bundle-1.json'),
      JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }),
    );
    const changed = await run('import', path('bundle-1.json'));
    assert.deepEqual([changed.status, changed.document['code']], [1, 'ANCHOR_BUNDLE_QUORUM_NOT_REACHED']);
  });

  it('of what is shipped holds every root', async () => {
    const what = ['--sequence', '1', '--source', 'certs/SOURCES.json', '--key', path('ada.pem'), '--yes'];
    const { document } = await run('bundle', 'certs', ...what, '--out', path('shipped.json'));
    const { certificates } = JSON.parse(readFileSync('certs/SOURCES.json', 'utf8')) as {
      certificates: { selfSigned: boolean }[];
    };
    assert.equal(document['anchors'], certificates.filter(({ selfSigned }) => selfSigned).length);
  });
});
