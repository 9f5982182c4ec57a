import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwkOf } from '../../src/core/crypto/index.ts';
import { encodeGoldenStatement, expectationDigest, parseGoldenStatement } from '../../src/core/golden/index.ts';
import { labGoldens } from '../core/appraisal/lab.ts';
import * as make from '../core/corim/material.ts';
import { opensslSign } from '../core/import/openssl-cms.ts';
import * as pki from '../support/pki.ts';
import { cli, cliJson } from './cli-run.ts';

describe('touchstone golden import and export', () => {
  let folder = '';
  let outs = 0;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-corim-'));
    for (const { statement } of labGoldens('sb-on')) {
      writeFileSync(at(`${statement.layer}.statement.json`), encodeGoldenStatement(statement));
    }
    assert.equal((await cli(['signer', 'create', 'ada', '--out', at('keys')])).status, 0);
    const maker = make.makeMaker('maker');
    const references = make.reference(
      make.vendorClass,
      ...[0, 1, 7].map((pcr) => make.measured(pcr, { 2: [make.digest(pcr)] })),
    );
    const corim = make.corim([references]);
    writeFileSync(at('plain.corim'), corim);
    writeFileSync(at('signed.corim'), make.signed(corim, maker, new Map([[3, 'application/rim+cbor']])));
    writeFileSync(at('two.pem'), pki.makeRoot().pem.repeat(2));
    writeFileSync(at('maker.jwk'), JSON.stringify(jwkOf(maker.verification)));
    writeFileSync(at('stranger.jwk'), JSON.stringify(jwkOf(make.makeMaker('stranger').verification)));
  });
  after(() => rmSync(folder, { recursive: true }));

  const at = (name: string): string => join(folder, name);
  const imported = async (...args: readonly string[]) => {
    const out = at(`drafts-${(outs += 1)}`);
    return { out, ...(await cliJson(['golden', 'import', '--out', out, ...args])) };
  };
  const refuses = async (code: string, ...args: readonly string[]) => {
    const { document, out } = await imported(...args);
    assert.deepEqual([document['code'], existsSync(out)], [code, false], args.join(' '));
  };

  it('drafts one unsigned statement a layer, of a CoRIM whose maker signed it', async () => {
    const { status, document, out } = await imported(at('signed.corim'), '--signer', at('maker.jwk'));
    assert.equal(status, 0);
    assert.equal(document['signedBy'], 'maker');
    assert.deepEqual(document['leftOut'], ['PCR 1: no layer is in it']);
    assert.deepEqual(readdirSync(out).sort(), ['firmware.statement.json', 'secure-boot.statement.json']);
    const sign = await cli([
      'golden',
      'sign',
      join(out, 'firmware.statement.json'),
      '--key',
      at('keys/ada.key.pem'),
      '--yes',
    ]);
    assert.equal(sign.status, 0, sign.stderr);
    const text = await cli(['golden', 'import', at('signed.corim'), '--signer', at('maker.jwk'), '--out', at('text')]);
    assert.match(text.stdout, /corim, signed by maker/);
    assert.match(text.stdout, /left out: PCR 1: no layer is in it/);
  });

  it('takes none unproved unless told to, and none whose signature is another’s', async () => {
    await refuses('CLI_USAGE_INVALID', at('plain.corim'));
    await refuses('CLI_USAGE_INVALID', at('signed.corim'), '--signer', at('maker.jwk'), '--unverified');
    await refuses('CORIM_UNSIGNED', at('plain.corim'), '--signer', at('maker.jwk'));
    await refuses('CORIM_SIGNER_UNKNOWN', at('signed.corim'), '--signer', at('stranger.jwk'));
    const { status, document } = await imported(at('plain.corim'), '--unverified');
    assert.deepEqual([status, document['signedBy']], [0, null]);
  });

  it('takes no authority for formats that show no certificate, and says the format when it is another', async () => {
    const root = pki.makeRoot({ name: 'CLI root' });
    writeFileSync(at('root.pem'), root.pem);
    writeFileSync(at('leaf.pem'), pki.makeDocumentSigner(root).pem);
    await refuses('IMPORT_SIGNATURE_INVALID', at('signed.corim'), '--authority', at('root.pem'));
    await refuses('IMPORT_FORMAT_OTHER', at('signed.corim'), '--signer', at('maker.jwk'), '--format', 'cms');
    await refuses('CORIM_SIGNER_UNKNOWN', at('signed.corim'), '--signer', at('leaf.pem'));
    await refuses('X509_ANCHOR_NOT_CA', at('signed.corim'), '--authority', at('leaf.pem'));
    await refuses('CLI_INPUT_UNRECOGNISED', at('signed.corim'), '--signer', at('two.pem'));
    await refuses('CLI_USAGE_INVALID', at('signed.corim'), '--signer', at('maker.jwk'), '--crl', at('root.crl'));
  });

  it('says what was not checked, and takes no signer whose certificate was revoked', async () => {
    const root = pki.makeRoot({ name: 'CLI root' });
    const signer = pki.makeDocumentSigner(root);
    const statement = new Uint8Array(readFileSync(at('kernel.statement.json')));
    writeFileSync(at('root.pem'), root.pem);
    writeFileSync(at('kernel.cms'), opensslSign(statement, [signer], ['-nodetach']));
    const term = { thisUpdate: new Date('2026-11-01T00:00:00Z'), nextUpdate: new Date('2026-12-01T00:00:00Z') };
    writeFileSync(at('good.crl'), pki.makeCrl(root, term).der);
    writeFileSync(at('root.crl'), pki.makeCrl(root, { ...term, revoked: [signer] }).der);
    const authority = [at('kernel.cms'), '--authority', at('root.pem')];
    assert.equal(((await imported(...authority)).document['unchecked'] as unknown[]).length, 1);
    const { document, out } = await imported(...authority, '--crl', at('good.crl'));
    assert.deepEqual([document['format'], document['unchecked']], ['cms', []]);
    await refuses('X509_CERTIFICATE_REVOKED', ...authority, '--crl', at('root.crl'));
    const inspected = await cli(['inspect', 'golden', join(out, 'kernel.statement.json')]);
    assert.match(
      inspected.stdout,
      /imported +cms \(importer 1\), signed by CN=Release signing, file sha256:[0-9a-f]{64}/,
    );
  });

  it('exports a boot, signed by an operator, and brings it back', async () => {
    const statements = readdirSync(folder).filter((name) => name.endsWith('.statement.json')).map(at); // prettier-ignore
    const sign = ['--key', at('keys/ada.key.pem'), '--name', 'Ada, example.org'];
    const exported = await cliJson(['golden', 'export', ...statements, '--out', at('boot.corim'), ...sign]);
    assert.deepEqual([exported.status, exported.document['signed']], [0, true]);
    const { status, out, document } = await imported(at('boot.corim'), '--signer', at('keys/ada.pub.pem'));
    assert.equal(status, 0, JSON.stringify(document));
    for (const file of statements) {
      const [before, after] = [file, join(out, file.slice(folder.length + 1))].map((path) => parseGoldenStatement(new Uint8Array(readFileSync(path)))); // prettier-ignore
      assert.ok(before !== undefined && after !== undefined);
      assert.deepEqual(expectationDigest(after), expectationDigest(before));
    }
    const again = await cliJson(['golden', 'export', ...statements, '--out', at('boot.corim')]);
    assert.equal(again.document['code'], 'CLI_FILE_EXISTS');
    const half = await cliJson(['golden', 'export', ...statements, '--out', at('x.corim'), '--name', 'Ada']);
    assert.deepEqual([half.status, half.document['code']], [2, 'CLI_USAGE_INVALID']);
  });
});
