// One door for the reference values of others: recognised by their bytes, verified, whole or refused.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hash } from '../../../src/core/crypto/index.ts';
import { decodeUtf8, encodeDsseEnvelope, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { encodeGoldenStatement, parseGoldenStatement } from '../../../src/core/golden/index.ts';
import { importGolden, recogniseFormat, type GoldenToImport } from '../../../src/core/import/index.ts';
import type { SignerTrust } from '../../../src/core/x509/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation, outcomeOf } from '../../support/hostile-bytes.ts';
import * as pki from '../../support/pki.ts';
import { labEvidence, labGoldens } from '../appraisal/lab.ts';
import * as corim from '../corim/material.ts';
import { createSigner, expectEvent, noon, sealPayload, statementOf } from '../golden/material.ts';
import { makeTag, sealTag } from '../rim/material.ts';
import { filesStatement, named, namedSigner, sealed, sigstoreBundle } from './material.ts';
import { opensslSign } from './openssl-cms.ts';

type Trust = Omit<SignerTrust, 'at'>;

const at = pki.pkiDate;
const maker = createSigner('maker', 'p256');
const trust: Trust = { keys: [namedSigner(maker)], anchors: [] };
const kernel = statementOf('kernel', [expectEvent(4, 'image'), expectEvent(9, 'kernel')], {
  notAfter: noon,
  provenance: { source: 'captured', host: 'theirs' },
});
const payload = encodeGoldenStatement(kernel);
const files = filesStatement({ '/usr/bin/a': 'ab'.repeat(32), '/usr/bin/b': 'cd'.repeat(32) });

const read = (document: Uint8Array, who: Trust | undefined = trust, more: Partial<GoldenToImport> = {}) =>
  importGolden({ document, at, ...more }, who);
const refuses = (code: string, document: Uint8Array, who: Trust | undefined = trust, more = {}) =>
  assert.equal(outcomeOf(() => read(document, who, more))?.code, code);
const vouched = (document: Uint8Array) => importGolden({ document, at }, undefined);

describe('importing golden measurements', () => {
  const root = pki.makeRoot({ name: 'Import root' });
  const signer = pki.makeDocumentSigner(root);
  const authority: Trust = { keys: [], anchors: [pki.anchorOf(root)] };
  const cms = (content: Uint8Array) => opensslSign(content, [signer], ['-nodetach']);
  const unsignedCorim = corim.corim([corim.reference(corim.vendorClass, corim.measured(0, { 2: [corim.digest(1)] }))]);

  it('tells each format by its bytes, and refuses what is none, or another than was asked for', () => {
    const formats = [sealPayload(payload, [maker]), sigstoreBundle(payload, maker), payload, unsignedCorim, cms(payload), encodeUtf8('<a/>')].map(recogniseFormat); // prettier-ignore
    assert.deepEqual(formats, ['dsse', 'sigstore', 'in-toto', 'corim', 'cms', 'tcg-rim']);
    for (const text of ['', '[]', '{}', 'text', 'MIME-Version: 1.0'])
      refuses('IMPORT_FORMAT_UNKNOWN', encodeUtf8(text));
    refuses('IMPORT_FORMAT_UNKNOWN', Uint8Array.of(0xda, 0x53, 0x57, 0x49, 0x44, 0x40));
    refuses('IMPORT_FORMAT_UNKNOWN', signer.der);
    refuses('IMPORT_FORMAT_UNKNOWN', new Uint8Array(16 * 1024 * 1024 + 1).fill(0x20));
    refuses('IMPORT_FORMAT_OTHER', sealPayload(payload, [maker]), trust, { format: 'cms' });
    refuses('IMPORT_SUPPORT_UNUSED', sealPayload(payload, [maker]), trust, { support: [payload] });
  });

  it('says in each draft, under its signature, what it was made of', () => {
    const document = sealPayload(payload, [maker]);
    const { statements, ...rest } = read(document);
    assert.deepEqual(rest, {
      format: 'dsse',
      importer: 1,
      signer: 'maker',
      sha256: hash('sha256', document),
      leftOut: [],
      unchecked: [],
    });
    const [draft] = statements;
    assert.ok(draft !== undefined);
    assert.deepEqual(draft.provenance, { source: 'imported', at, import: { format: 'dsse', importer: 1, signer: 'maker', sha256: rest.sha256 } }); // prettier-ignore
    assert.deepEqual({ ...draft, provenance: kernel.provenance }, kernel);
    assert.deepEqual(parseGoldenStatement(encodeGoldenStatement(draft)), draft);
    assert.deepEqual(vouched(payload).statements[0]?.provenance?.import, { format: 'in-toto', importer: 1, sha256: hash('sha256', payload) }); // prettier-ignore
  });

  describe('from DSSE', () => {
    for (const kind of ['ed25519', 'p256', 'p384', 'p521', 'rsa2048', 'rsa3072'] as const) {
      it(`verifies a signature of ${kind}, whatever the hint of its key`, () => {
        const who = createSigner(kind, kind);
        assert.equal(read(sealed(payload, [maker, who]), { keys: [namedSigner(who)], anchors: [] }).signer, kind);
      });
    }

    it('refuses strangers, changed payloads, other payload types, and trust in nobody', () => {
      const document = sealPayload(payload, [createSigner('stranger', 'p256')]);
      refuses('IMPORT_SIGNATURE_INVALID', document);
      refuses('IMPORT_SIGNATURE_INVALID', document, authority);
      refuses('IMPORT_SIGNATURE_INVALID', sealPayload(payload, [maker]), { keys: [], anchors: [] });
      refuses('IMPORT_ENVELOPE_TYPE', sealed(payload, [maker], 'application/json'));
      refuses('IMPORT_UNSIGNED', payload);
      const { payloadType, signatures } = { payloadType: 'application/vnd.in-toto+json', signatures: [{ sig: new Uint8Array(70) }] }; // prettier-ignore
      refuses('IMPORT_SIGNATURE_INVALID', encodeDsseEnvelope({ payloadType, payload, signatures }));
    });

    it('gives the signed statement or a refusal when any one bit is changed', () => {
      assertTamperProof(sealPayload(payload, [maker]), (bytes) => read(bytes));
    });
  });

  describe('from sigstore', () => {
    it('verifies a bundle that a named key signed, of each kind of key that cosign makes', () => {
      for (const kind of ['p256', 'ed25519', 'rsa3072'] as const) {
        const who = createSigner(kind, kind);
        const keys = [namedSigner(maker), namedSigner(who)];
        assert.equal(read(sigstoreBundle(payload, who), { keys, anchors: [] }).signer, kind);
      }
    });

    it('says that it did not look at witnesses, and takes no bundle that rests on them', () => {
      const timed = sigstoreBundle(payload, maker, {}, { tlogEntries: [logEntry] });
      assert.deepEqual(read(timed).unchecked, ['2 log entries or timestamps in the bundle']);
      const keyless = { certificate: { rawBytes: Buffer.from(signer.der).toString('base64') }, publicKey: undefined };
      refuses('IMPORT_SIGSTORE_UNSUPPORTED', sigstoreBundle(payload, maker, {}, keyless));
      const bare = { messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: 'AAAA' }, signature: 'AAAA' }, dsseEnvelope: undefined }; // prettier-ignore
      refuses('IMPORT_SIGSTORE_UNSUPPORTED', sigstoreBundle(payload, maker, bare));
    });

    it('refuses strangers, several signatures, other versions, and what is no bundle', () => {
      refuses('IMPORT_SIGNATURE_INVALID', sigstoreBundle(payload, createSigner('stranger', 'p256')));
      refuses('IMPORT_SIGNATURE_INVALID', sigstoreBundle(payload, maker), { keys: [], anchors: [] });
      refuses('IMPORT_SIGSTORE_INVALID', sigstoreBundle(payload, maker, { mediaType: 'application/json' }));
      refuses('IMPORT_SIGSTORE_INVALID', sigstoreBundle(payload, maker, { verificationMaterial: undefined }));
      refuses('IMPORT_SIGSTORE_INVALID', sigstoreBundle(payload, maker, { dsseEnvelope: { payload: 'AAAA', payloadType: 'x', signatures: [{ sig: 'AA' }, { sig: 'AA' }] } })); // prettier-ignore
      refuses('IMPORT_SIGSTORE_INVALID', sigstoreBundle(payload, maker, { dsseEnvelope: 7 }));
    });

    it('gives the signed statement or a refusal when any one bit is changed', () => {
      assertTamperProof(sigstoreBundle(payload, maker), (bytes) => read(bytes));
    });
  });

  describe('from CMS', () => {
    it('takes a statement or an unsigned CoRIM that a named authority certified the signer of', () => {
      const { statements, signer: name, unchecked } = read(cms(payload), authority);
      assert.equal(
        encodeHex(statements[0]?.subjects[0]?.sha256 ?? payload),
        encodeHex(kernel.subjects[0]?.sha256 ?? payload),
      );
      assert.match(name ?? '', /Release signing/);
      assert.deepEqual(unchecked, ['whether CN=Release signing was revoked: no list of its issuer was given']);
      assert.equal(
        read(cms(unsignedCorim), { keys: [named('k', signer.key)], anchors: [] }).statements[0]?.layer,
        'firmware',
      );
      assert.equal(vouched(cms(payload)).signer, undefined);
    });

    it('holds the signer to the revocation lists that were given', () => {
      const listed = (crl: pki.CrlOptions): Trust => ({ ...authority, crls: [pki.makeCrl(root, crl)] });
      assert.deepEqual(read(cms(payload), listed({})).unchecked, []);
      refuses('X509_CERTIFICATE_REVOKED', cms(payload), listed({ revoked: [signer] }));
      refuses('X509_CRL_STALE', cms(payload), listed({ nextUpdate: new Date('2026-05-26T00:00:00Z') }));
    });

    it('takes nothing in it that is signed again, or of another format', () => {
      refuses('IMPORT_FORMAT_OTHER', cms(sealPayload(payload, [maker])), authority);
      refuses('IMPORT_FORMAT_OTHER', cms(corim.signed(unsignedCorim, corim.makeMaker('m'), new Map())), authority);
      refuses('IMPORT_FORMAT_OTHER', cms(cms(payload)), authority);
      refuses('X509_SIGNER_UNTRUSTED', cms(payload));
    });
  });

  describe('from in-toto', () => {
    it('reads files that may run as layer runtime: IMA measures whole files, as subjects name them', () => {
      const { statements } = read(sealed(files, [maker]));
      assert.deepEqual(
        statements.map(({ layer, events, ima }) => [layer, events, ima?.digests]),
        [['runtime', [], [{ digest: `sha256:${'ab'.repeat(32)}`, path: '/usr/bin/a' }, { digest: `sha256:${'cd'.repeat(32)}`, path: '/usr/bin/b' }]]], // prettier-ignore
      );
    });

    it('refuses predicates that say nothing of a boot, whatever the subjects', () => {
      const provenance = { predicateType: 'https://slsa.dev/provenance/v1', predicate: { buildDefinition: {} } };
      refuses(
        'IMPORT_PREDICATE_UNKNOWN',
        sealed(filesStatement({ 'shimx64.efi': 'ab'.repeat(32) }, provenance), [maker]),
      );
    });

    it('refuses statements that lack something, or have more than their type says', () => {
      const wrong: readonly object[] = [
        { subject: [] }, { subject: [{ name: 'a', digest: {} }] }, { subject: [{ name: 'a', digest: { sha1: 'ab'.repeat(20) } }] },
        { subject: [{ digest: { sha256: 'ab'.repeat(32) } }] }, { subject: [{ name: 'a', digest: { sha256: 'ab' } }] },
        { predicate: { except: [] } }, { predicate: undefined }, { predicateType: 7 }, { _type: 'https://in-toto.io/Link/v1' },
        { more: 1 }, { subject: Array.from({ length: 8193 }, (_, index) => ({ name: `${index}`, digest: {} })) },
      ]; // prettier-ignore
      for (const change of wrong) refuses('IMPORT_STATEMENT_INVALID', sealed(filesStatement({ a: 'ab'.repeat(32) }, change), [maker])); // prettier-ignore
      const runtime = encodeUtf8(decodeUtf8(payload).replace('"kernel"', '"runtime"'));
      refuses('GOLDEN_PCR_REFUSED', sealed(runtime, [maker]));
    });
  });

  describe('from a TCG RIM', () => {
    const log = labEvidence('sb-on').eventLog ?? new Uint8Array();
    const key = pki.testKey('rsa2048', 'rim maker');
    const rimTrust: Trust = { keys: [named('oem', key)], anchors: [] };
    const rim = sealTag(makeTag({ support: log }), { key });

    it('splits the log of the maker into the layers that a capture of that boot has', () => {
      const { statements, signer: name, leftOut } = read(rim, rimTrust, { support: [log] });
      assert.equal(name, 'oem');
      const expected = labGoldens('sb-on').map(({ statement: { layer, events } }) => [layer, events.map(({ pcr, digests }) => [pcr, encodeHex(digests.get('sha256') ?? payload)])]); // prettier-ignore
      assert.deepEqual(
        statements.map(({ layer, events }) => [layer, events.map(({ pcr, digests }) => [pcr, encodeHex(digests.get('sha256') ?? payload)])]), // prettier-ignore
        expected,
      );
      assert.ok(leftOut.includes('PCR 1: its events tell of no layer'), leftOut.join());
    });

    it('wants every support file that is named, unchanged, and no other', () => {
      refuses('RIM_SUPPORT_MISSING', rim, rimTrust);
      refuses('RIM_SUPPORT_MISSING', rim, rimTrust, { support: [Uint8Array.from([...log, 0])] });
      refuses('IMPORT_SUPPORT_UNUSED', rim, rimTrust, { support: [log, payload] });
      const [from, to] = ['</Directory>', `<File name="x" xmlns:s="http://www.w3.org/2001/04/xmlenc#sha256" s:hash="${encodeHex(hash('sha256', payload))}"/></Directory>`]; // prettier-ignore
      const two = sealTag(makeTag({ support: log, change: [[from, to]] }), { key });
      refuses('RIM_SUPPORT_MISSING', two, rimTrust, { support: [log] });
      refuses('RIM_UNSUPPORTED', two, rimTrust, { support: [log, payload] });
      const other = sealTag(makeTag({ support: payload }), { key });
      assert.match(outcomeOf(() => read(other, rimTrust, { support: [payload] }))?.code ?? '', /^EVENT_LOG_/);
    });
  });

  it('refuses what ends too early, and is never surprised', () => {
    const documents = [sealPayload(payload, [maker]), sigstoreBundle(payload, maker), files];
    for (const document of documents) assertRefusesEveryTruncation(document, vouched);
    assertNeverSurprised(vouched, ...documents);
    assertNeverSurprised(recogniseFormat, ...documents, cms(payload));
    const json = fc.jsonValue().map((value) => encodeUtf8(JSON.stringify({ mediaType: 'x', ...(value as object) })));
    fc.assert(fc.property(json, (document) => void outcomeOf(() => vouched(document))));
  });
});

/** Any one bit changed: a refusal, or the very expectation that was signed. */
function assertTamperProof(document: Uint8Array, open: (bytes: Uint8Array) => ReturnType<typeof importGolden>): void {
  const expected = expectationsOf(open(document));
  for (let index = 0; index < document.length; index += 1) {
    const changed = Uint8Array.from(document);
    changed[index] = (changed[index] ?? 0) ^ (1 << (index % 7));
    outcomeOf(() => assert.deepEqual(expectationsOf(open(changed)), expected));
  }
}

const expectationsOf = ({ statements }: ReturnType<typeof importGolden>) =>
  statements.map((statement) => ({ ...statement, provenance: undefined }));

/** An entry of a transparency log, complete and about nothing. */
const logEntry = {
  logIndex: '1',
  logId: { keyId: 'AAAA' },
  kindVersion: { kind: 'dsse', version: '0.0.1' },
  integratedTime: '1700000000',
  inclusionPromise: { signedEntryTimestamp: 'AAAA' },
  inclusionProof: { logIndex: '1', rootHash: 'AAAA', treeSize: '2', hashes: ['AAAA'], checkpoint: { envelope: 'x' } },
  canonicalizedBody: 'AAAA',
};
