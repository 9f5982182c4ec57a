// Reference values of others: signed manifests, CMS, envelopes and bundles. Read, and never believed when changed.
import assert from 'node:assert/strict';
import { bytesEqual, encodeUtf8 } from '../../src/core/encoding/index.ts';
import { encodeGoldenStatement, expectationDigest } from '../../src/core/golden/index.ts';
import { readInToto } from '../../src/core/import/in-toto.ts';
import { importGolden, recogniseFormat } from '../../src/core/import/index.ts';
import { canonicalXml } from '../../src/core/rim/canonical-xml.ts';
import { parseBaseRim, verifyBaseRim } from '../../src/core/rim/index.ts';
import { parseXml } from '../../src/core/rim/xml.ts';
import { parseSignedData, verifySignedData } from '../../src/core/x509/index.ts';
import { createSigner, expectEvent, sealPayload, statementOf } from '../core/golden/material.ts';
import { filesStatement, named, namedSigner, sigstoreBundle } from '../core/import/material.ts';
import { opensslSign } from '../core/import/openssl-cms.ts';
import { makeTag, sealTag, signTag } from '../core/rim/material.ts';
import { anchorOf, makeDocumentSigner, makeRoot, pkiDate as at, testKey } from '../support/pki.ts';
import { labFile } from './corpus.ts';
import { jsonTokens } from './targets-event-log.ts';
import type { FuzzTarget } from './target.ts';

const statement = statementOf('kernel', [expectEvent(4, 'image'), expectEvent(9, 'kernel')]);
const payload = encodeGoldenStatement(statement);
const maker = createSigner('maker', 'p256');
const xmlTokens = ['<', '</', '/>', '<a>', '&amp;', '&#13;', ' xmlns=""', ' xmlns:x="u"', '<Signature>', '<!--', '"'].map(encodeUtf8); // prettier-ignore

function manifest(): FuzzTarget {
  const key = testKey('rsa2048', 'rim fuzz');
  const tag = makeTag({ support: payload });
  const seeds = [signTag(tag, { key }), signTag(tag, { key, exclusive: true }), sealTag(tag, { key })];
  const expected = parseBaseRim(encodeUtf8(tag));
  return {
    name: 'rim-signed',
    seeds,
    tokens: xmlTokens,
    run: (bytes) => {
      const { rim } = verifyBaseRim(bytes, { keys: [named('maker', key)], anchors: [], at });
      assert.deepEqual(rim, expected, 'a manifest that nobody signed was believed');
      return rim;
    },
  };
}

function signedData(): FuzzTarget {
  const root = makeRoot({ name: 'Fuzz root' });
  const signer = makeDocumentSigner(root);
  return {
    name: 'cms-signed',
    seeds: [
      opensslSign(payload, [signer], ['-nodetach']),
      opensslSign(payload, [signer], ['-nodetach', '-outform', 'PEM']),
    ],
    run: (bytes) => {
      const { content } = verifySignedData(parseSignedData(bytes), { keys: [], anchors: [anchorOf(root)], at });
      assert.ok(bytesEqual(content, payload), 'content that nobody signed was believed');
      return content;
    },
  };
}

function envelopes(): FuzzTarget {
  const trust = { keys: [namedSigner(maker)], anchors: [] };
  return {
    name: 'import-envelope',
    seeds: [sealPayload(payload, [maker]), sigstoreBundle(payload, maker)],
    tokens: [...jsonTokens, ...['"mediaType":', '"dsseEnvelope":', '"publicKey":'].map(encodeUtf8)],
    run: (document) => {
      const { statements, signer } = importGolden({ document, at }, trust);
      const digests = statements.map(expectationDigest);
      assert.deepEqual([digests, signer], [[expectationDigest(statement)], 'maker'], 'a statement that nobody signed was believed'); // prettier-ignore
      return statements;
    },
  };
}

export const importTargets: Readonly<Record<string, () => FuzzTarget>> = {
  xml: () => ({
    name: 'xml',
    seeds: [encodeUtf8(makeTag({ support: payload })), encodeUtf8('<a xmlns:x="u"><x:b c="1">&#65;</x:b></a>')],
    tokens: xmlTokens,
    run: (bytes) => {
      const once = canonicalXml(parseXml(bytes), { mode: 'inclusive' });
      assert.ok(bytesEqual(canonicalXml(parseXml(once), { mode: 'inclusive' }), once), 'canonical twice is another');
      return once;
    },
  }),
  'rim-signed': manifest,
  'cms-signed': signedData,
  'import-envelope': envelopes,
  'in-toto': () => ({
    name: 'in-toto',
    seeds: [payload, filesStatement({ '/bin/a': 'ab'.repeat(32) })],
    tokens: jsonTokens,
    run: readInToto,
  }),
  import: () => {
    const log = labFile('boot/sb-on/binary_bios_measurements');
    return {
      name: 'import',
      seeds: [
        payload,
        sealPayload(payload, [maker]),
        sigstoreBundle(payload, maker),
        encodeUtf8(makeTag({ support: log })),
      ],
      tokens: [...jsonTokens, ...xmlTokens],
      run: (document) => {
        const support = recogniseFormat(document) === 'tcg-rim' ? [log] : [];
        return importGolden({ document, support, at }, undefined).statements;
      },
    };
  },
};
