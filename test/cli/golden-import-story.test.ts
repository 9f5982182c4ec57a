// From the manifest of a maker to a trusted boot: imported, signed by two operators, activated, and matched by a real boot.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appraise } from '../../src/core/appraisal/index.ts';
import { decodeBase64 } from '../../src/core/encoding/index.ts';
import { publicKeyFromPem } from '../../src/core/crypto/index.ts';
import { verifyGolden } from '../../src/core/golden/index.ts';
import { bootLayers, labEvidence, labPolicy, labTrust } from '../core/appraisal/lab.ts';
import { makeTag, signTag } from '../core/rim/material.ts';
import * as pki from '../support/pki.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cliAccepted, operatorAt, type CliWorld } from './cli-run.ts';

describe('a TCG RIM, from its maker to a trusted boot', () => {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-rim-'));
    world = operatorAt(server);
    const root = pki.makeRoot({ name: 'Maker root' });
    const maker = pki.makeDocumentSigner(root, { kind: 'rsa2048', label: 'rim maker' });
    const log = labEvidence('sb-on').eventLog ?? new Uint8Array();
    writeFileSync(at('root.pem'), root.pem);
    writeFileSync(at('server.rimel'), log);
    writeFileSync(at('server.swidtag'), signTag(makeTag({ support: log }), { key: maker.key, certificates: [maker] }));
    for (const name of ['ada', 'grace']) {
      await accepted('signer', 'create', name, '--out', at('keys'));
      await accepted('signer', 'add', name, at(`keys/${name}.pub.pem`));
    }
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const at = (name: string): string => join(folder, name);
  const accepted = (...args: string[]) => cliAccepted(args, world);
  const active = async (): Promise<number> =>
    ((await accepted('golden', 'list', '--state', 'active'))['items'] as unknown[]).length;

  it('becomes drafts, then proposals, then active, and the boot that the maker logged is trusted by it', async () => {
    const rim = [at('server.swidtag'), '--support', at('server.rimel'), '--authority', at('root.pem')];
    const { statements, signedBy } = await accepted('golden', 'import', ...rim, '--out', at('golden'));
    assert.match(String(signedBy), /Release signing/);
    const drafts = (statements as { layer: string; file: string }[]).map(({ layer, file }) => ({ layer, file }));
    assert.deepEqual(drafts.map(({ layer }) => layer), bootLayers); // prettier-ignore

    for (const [index, name] of ['ada', 'grace'].entries()) {
      const files = drafts.map(({ file }) => file);
      await accepted('golden', 'sign', ...files, '--key', at(`keys/${name}.key.pem`), '--yes');
      await accepted('golden', 'sync', at('golden'), '--yes');
      assert.equal(await active(), index === 0 ? 0 : drafts.length);
    }

    const signers = ['ada', 'grace'].map((name) => ({ name, publicKey: publicKeyFromPem(readFileSync(at(`keys/${name}.pub.pem`), 'utf8')) })); // prettier-ignore
    const goldens = readdirSync(at('golden'))
      .filter((name) => name.endsWith('.dsse.json'))
      .map((name) => readFileSync(at(`golden/${name}`)))
      .map((envelope) => verifyGolden(new Uint8Array(envelope), { signers, quorum: 2, at: server.now() }));
    assert.equal(goldens.length, drafts.length);
    assert.equal(goldens[0]?.statement.provenance?.import?.format, 'tcg-rim');
    const verdictOf = (boot: string) =>
      appraise(labEvidence(boot), labTrust(boot, goldens), labPolicy(), server.now()).status;
    assert.equal(verdictOf('sb-on'), 'affirming');
    assert.notEqual(verdictOf('cfg-tampered'), 'affirming');
  });

  it('keeps its provenance on the server, under the signatures of the operators', async () => {
    const { items } = await server.operator.call('listGoldenMeasurements', {});
    const [first] = items;
    assert.ok(first !== undefined);
    const { envelope } = await server.operator.call('getGoldenMeasurement', { path: { goldenId: first.id } });
    const statement = JSON.parse(Buffer.from(decodeBase64(envelope?.payload ?? "")).toString()) as { predicate: { provenance: object } }; // prettier-ignore
    assert.match(
      JSON.stringify(statement.predicate.provenance),
      /"format":"tcg-rim","importer":1,"sha256":"[0-9a-f]{64}","signer":"/,
    );
  });
});
