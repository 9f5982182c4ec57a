// From an advisory to a host that is denied, by command line alone.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from '../../src/core/crypto/index.ts';
import { decodeBase64, encodeHex } from '../../src/core/encoding/index.ts';
import { bytesOf, csafDocument, osvRecord, type Json } from '../core/advisory/material.ts';
import { makePe } from '../core/prediction/material.ts';
import { attest, trustedWorld, type TrustedWorld } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';

describe('deny lists drafted from advisories', () => {
  let server: TestServer;
  let story: TrustedWorld;
  let folder = '';
  let world: CliWorld;
  const at = (name: string) => join(folder, name);
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-draft-'));
    story = await trustedWorld(server);
    for (const { name, privateKey } of story.operators) {
      writeFileSync(at(`${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    }
    writeFileSync(at('token'), `${server.operatorToken}\n`);
    world = { env: { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN_FILE: at('token') }, now: () => server.now() };
    writeFileSync(at('osv.json'), bytesOf(osvRecord));
    writeFileSync(at('csaf.json'), bytesOf(csafDocument));
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const accepted = (...args: string[]) => cliAccepted(args, world);
  const sign = async (...args: string[]) => {
    for (const who of ['alice', 'bob']) await accepted(...args, '--key', at(`${who}.key`), '--yes');
  };

  it('deny a host whose kernel is of an affected version, once two operators signed', async () => {
    const { items } = await server.operator.call('listGoldenMeasurements', {});
    const kernel = items.find(({ layer }) => layer === 'kernel');
    const { envelope } = await server.operator.call('getGoldenMeasurement', { path: { goldenId: kernel?.id ?? '' } });
    writeFileSync(at('kernel.statement.json'), decodeBase64(envelope?.payload ?? ''));
    const purl = 'pkg:deb/debian/linux@6.1.90-1?distro=debian-12';
    await accepted('golden', 'draft', at('kernel.statement.json'), '--out', at('named'), '--package', purl);
    await sign('golden', 'sign', at('named/kernel.statement.json'));
    await accepted('golden', 'propose', at('named/kernel.dsse.json'));
    assert.equal((await attest(story.enrolled, story.host)).verdict.status, 'affirming');

    const draft = ['deny', 'draft', '--osv', at('osv.json'), '--name', 'kernels', '--out', at('kernels.json')];
    const text = await cli([...draft, '--active'], world);
    assert.match(text.stdout, /kernels version 1, 2 entries, 2 new/);
    assert.match(text.stdout, /DSA-9001-1\.2 +golden +CVE-2026-11111 CVE-2026-22222/);
    assert.match(text.stdout, /left out: DSA-9001-1: npm left-pad/);
    const asked = await accepted('deny', 'hosts', at('kernels.json'));
    assert.equal(asked['denied'], 1);

    await sign('deny', 'sign', at('kernels.json'));
    assert.equal((await accepted('what-if', '--deny', at('kernels.dsse.json')))['lost'], 1);
    assert.match(
      (await cli(['deny', 'import', at('kernels.dsse.json')], world)).stdout,
      /the verdict of 1 host is void/,
    );
    const { verdict } = await attest(story.enrolled, story.host);
    assert.equal(verdict.status, 'contraindicated');
    assert.match(JSON.stringify(verdict.findings), /DSA-9001-1: linux - security update/);
  });

  it('keep the entries of an earlier issue, and rise its version', async () => {
    await accepted('deny', 'draft', '--csaf', at('csaf.json'), '--name', 'fleet', '--out', at('fleet-1.json'));
    const again = ['deny', 'draft', '--onto', at('fleet-1.json'), '--out', at('fleet-2.json')];
    const next = await accepted(...again, '--osv', at('osv.json'), '--next-issue', '2030-01-01');
    assert.deepEqual([next['version'], next['entries'], (next['added'] as unknown[]).length], [2, 4, 1]);
    const same = await accepted('deny', 'draft', '--onto', at('fleet-2.json'), '--csaf', at('csaf.json'), '--out', at('fleet-3.json')); // prettier-ignore
    assert.deepEqual([same['file'], same['added'], existsSync(at('fleet-3.json'))], [null, [], false]);
  });

  it('make digests that firmware measures of the file that an advisory means', async () => {
    const image = makePe([{ name: '.text', content: new Uint8Array(64) }]);
    writeFileSync(at('shimx64.efi'), image);
    const product = { product_id: 'S', name: 'shim', product_identification_helper: { hashes: [{ filename: 'shimx64.efi', file_hashes: [{ algorithm: 'sha256', value: encodeHex(hash('sha256', image)) }] }] } }; // prettier-ignore
    const vulnerabilities = [{ cve: 'CVE-2026-55555', product_status: { known_affected: ['S'] } }];
    writeFileSync(at('s.json'), bytesOf({ ...csafDocument, product_tree: { full_product_names: [product] }, vulnerabilities })); // prettier-ignore
    const draft = ['deny', 'draft', '--csaf', at('s.json'), '--name', 's', '--out', at('s-1.json')];
    assert.deepEqual((await accepted(...draft))['added'], []);
    const kernel = { ...product, product_identification_helper: { hashes: [{ filename: 'vmlinuz', file_hashes: [{ algorithm: 'sha256', value: '00'.repeat(32) }] }] } }; // prettier-ignore
    writeFileSync(at('k.json'), bytesOf({ ...csafDocument, product_tree: { full_product_names: [kernel] }, vulnerabilities })); // prettier-ignore
    const alone = await cli(['deny', 'draft', '--csaf', at('k.json'), '--name', 'k', '--out', at('k-1.json')], world);
    assert.match(alone.stdout, /of one bank alone: 1 of the new entries/);
    const added = (await accepted(...draft, '--file', at('shimx64.efi')))['added'] as Json[];
    assert.deepEqual(added.map(({ kind }) => kind), ['measurement', 'measurement']); // prettier-ignore
  });

  it('say what is wrong with the question, and with an advisory', async () => {
    const out = at('none.json');
    const run = async (...args: string[]) => {
      const { status, document } = await cliJson(['deny', 'draft', '--out', out, ...args], world);
      return [status, document['code']];
    };
    assert.deepEqual(await run('--name', 'x'), [2, 'CLI_USAGE_INVALID']);
    assert.deepEqual(await run('--osv', at('osv.json')), [2, 'CLI_USAGE_INVALID']);
    assert.deepEqual(await run('--osv', at('csaf.json'), '--name', 'x'), [1, 'ADVISORY_FORMAT_UNKNOWN']);
    assert.deepEqual(await run('--osv', at('osv.json'), '--name', 'No name'), [1, 'DENY_LIST_INVALID']);
    writeFileSync(at('later.json'), bytesOf({ ...osvRecord, schema_version: '2.0.0' }));
    assert.deepEqual(await run('--osv', at('later.json'), '--name', 'x'), [1, 'ADVISORY_VERSION_UNKNOWN']);
    assert.equal(existsSync(out), false);
    const named = ['golden', 'draft', at('kernel.statement.json'), '--out', at('w'), '--package', 'linux 6.1'];
    assert.equal((await cliJson(named, world)).status, 2);
  });
});
