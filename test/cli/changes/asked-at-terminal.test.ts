// What can be taken back is shown and asked about where somebody sits; a script does it as it is told, with --yes or without. [decision 52]
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { bootFleet } from '../../server/what-if/fleet.ts';
import { authority } from '../../support/paper-story.ts';
import { startTestServer, testStart, type TestServer } from '../../support/test-server.ts';
import { cli, cliAccepted, cliJson, operatorAt, type CliWorld } from '../cli-run.ts';

describe('changes that can be taken back, at a terminal', () => {
  let server: TestServer;
  let world: CliWorld;
  let folder = '';
  beforeEach(async () => {
    server = await startTestServer();
    await bootFleet(server, { old: 2, new: 1 });
    world = { ...operatorAt(server) };
    world = { ...world, env: { ...world.env, NO_COLOR: '1' } };
    folder = mkdtempSync(join(tmpdir(), 'touchstone-asked-'));
    const strict = 'requireFacts: { kernelCommandLine: { forbid: [quiet] } }\n';
    writeFileSync(at('strict.yaml'), `id: fleet\nlayers: [firmware]\nhosts: { all: true }\n${strict}`);
    writeFileSync(at('wrong.yaml'), `id: fleet\nlayers: [firmwear]\nhosts: { all: true }\n`);
    writeFileSync(at('fleet.json'), JSON.stringify(denied));
    for (const name of ['ann', 'ben']) {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      writeFileSync(at(`${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
      const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      await server.operator.call('createSigner', { body: { name, publicKeyPem } });
      const signed = name === 'ann' ? at('fleet.json') : at('fleet.dsse.json');
      await cliAccepted(['deny', 'sign', signed, '--key', at(`${name}.key`), '--yes'], world);
    }
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);
  const denied = {
    _type: 'https://touchstone.dev/deny-list/v1',
    name: 'fleet',
    version: 1,
    issuedAt: testStart.toISOString(),
    entries: [
      { id: 'root', reason: 'stolen', denies: { endorsement: encodeHex(hash('sha256', authority.rootCertificate)) } },
    ],
  };
  const auditSize = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.length;
  const answering = (typed: string): CliWorld => ({ ...world, typed, isTTY: true });

  /** Asked and refused, asked and done, or not asked: `prepare` makes again what the change needs. */
  async function isAsked(args: readonly string[], shown: readonly RegExp[], again: () => Promise<unknown>) {
    const before = await auditSize();
    const no = await cli(args, answering('n\n'));
    assert.equal(no.status, 2, no.stderr);
    assert.match(no.stderr, /error CLI_CONSENT_MISSING: the answer was no /);
    for (const each of shown) assert.match(no.stderr, each);
    assert.equal(await auditSize(), before, 'nothing was done');
    const yes = await cli(args, answering('y\n'));
    assert.equal(yes.status, 0, yes.stderr);
    assert.ok((await auditSize()) > before);
    await again();
    const told = await cli([...args, '--yes'], answering(''));
    assert.equal(told.status, 0, told.stderr);
    assert.doesNotMatch(told.stderr, /\[y\/N\]/);
    await again();
    const script = await cli(args, world);
    assert.deepEqual([script.status, script.stderr], [0, ''], 'nobody can be asked');
  }

  it('quarantine open: who would be set aside; and lift: whose verdicts count again', async () => {
    const reason = ['--reason', 'x'];
    const open = ['quarantine', 'open', '--host', 'old-1,old-9', ...reason];
    const lift = ['quarantine', 'lift', '--host', 'old-1,old-9', ...reason];
    await isAsked(
      open,
      [/it would set 1 host aside \(1 trusted now\)$/m, /^no active host is called old-9/m, /^old-1 +fresh +affirming/m, /^set them aside\? \[y\/N\] /m], // prettier-ignore
      () => cliAccepted(lift, world),
    );
    await isAsked(
      lift,
      [/qua_\S+ would be lifted: the latest verdicts of 1 host would count again \(1 trusted then\)$/m, /^lift it\? \[y\/N\] /m], // prettier-ignore
      () => cliAccepted(open, world),
    );
    const { quarantine } = await cliAccepted(open, world);
    const { id } = quarantine as { readonly id: string };
    const no = await cli(['quarantine', 'lift', id, ...reason], answering('n\n'));
    assert.match(no.stderr, /^lift it\? \[y\/N\] /m);
    assert.equal((await cli(['quarantine', 'lift', id, ...reason], answering('y\n'))).status, 0);
    const gone = await cliJson(['quarantine', 'lift', id, ...reason], answering('y\n'));
    assert.equal(gone.document['code'], 'CLI_QUARANTINE_NONE');
  });

  it('deny import: who would be lost; and remove: that it denies no more', async () => {
    const shown = [/^2 would lose trust$/m, /because +\S+: .*stolen/, /^put this deny list into force\? \[y\/N\] /m];
    const dry = await cliJson(['deny', 'import', at('fleet.dsse.json'), '--dry-run', '--max-flips', '1'], world);
    assert.deepEqual([dry.status, dry.document['code'], dry.document['done']], [1, 'CLI_FLIPS_TOO_MANY', false]);
    assert.equal((await server.operator.call('listDenyLists', {})).items.length, 0);
    const no = await cli(['deny', 'import', at('fleet.dsse.json')], answering('n\n'));
    assert.equal(no.status, 2);
    for (const each of shown) assert.match(no.stderr, each);
    assert.equal((await server.operator.call('listDenyLists', {})).items.length, 0);
    assert.equal((await cli(['deny', 'import', at('fleet.dsse.json')], answering('y\n'))).status, 0);
    const remove = ['deny', 'remove', 'fleet', '--reason', 'x'];
    const kept = await cli(remove, answering('n\n'));
    assert.equal(kept.status, 2);
    assert.match(kept.stderr, /^remove the deny list fleet\? \[y\/N\] /m);
    assert.equal((await cli([...remove, '--yes'], world)).status, 0);
  });

  it('policy apply: who would gain or lose trust, and what is wrong with the document by its own words', async () => {
    const apply = ['policy', 'apply', at('strict.yaml')];
    const dry = await cli([...apply, '--dry-run'], world);
    assert.equal(dry.status, 0, dry.stderr);
    assert.match(dry.stdout, /would lose trust/);
    await isAsked(apply, [/would lose trust/, /^write the policy fleet\? \[y\/N\] /m], () => Promise.resolve());
    const wrong = ['policy', 'apply', at('wrong.yaml')];
    const inScript = await cliJson(wrong, world);
    for (const run of [await cliJson(wrong, answering('y\n')), await cliJson([...wrong, '--dry-run'], world)]) {
      assert.deepEqual([run.status, run.document], [inScript.status, inScript.document]);
    }
  });
});
