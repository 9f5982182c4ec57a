// A DSSE envelope around a bundle of trust anchors: shape only, nothing is approved here. [DSSE]
import { hashHex } from '../crypto/index.ts';
import { decodeBase64, encodeHex, parseJsonStrict, Field } from '../encoding/index.ts';
import { openEnvelope, type SignedDocument } from '../golden/index.ts';
import { parseCertificate } from '../x509/index.ts';
import { anchorBundlePayloadType, anchorBundleType, type AnchorBundle, type BundledAnchor } from './anchor-bundle.ts';

export interface ClaimedAnchorBundle extends SignedDocument {
  readonly untrustedBundle: AnchorBundle;
}

/** More than there are makers of TPMs. */
const maximumAnchors = 1000;

/** @throws MalformedError ANCHOR_BUNDLE_INVALID, the codes of `parseCertificate` and of the envelope's encoding */
export function parseAnchorBundle(envelope: Uint8Array): ClaimedAnchorBundle {
  const document = openEnvelope(envelope, anchorBundlePayloadType, 'ANCHOR_BUNDLE_INVALID');
  return { ...document, untrustedBundle: readBundle(document.payload) };
}

function readBundle(payload: Uint8Array): AnchorBundle {
  const document = new Field(parseJsonStrict(payload), '', 'ANCHOR_BUNDLE_INVALID');
  const { type, sequence, madeAt, anchors } = document.object('type', 'sequence', 'madeAt', 'anchors');
  type.oneOf([anchorBundleType]);
  const items = anchors.array(maximumAnchors);
  if (items.length === 0) anchors.fail('at least one anchor', 'has none');
  return {
    sequence: sequence.integer(1, Number.MAX_SAFE_INTEGER),
    madeAt: madeAt.time(),
    anchors: items.map(readAnchor),
  };
}

function readAnchor(item: Field): BundledAnchor {
  const { name, scope, revocation, source, takenAt, sha256, certificate } = item.object(
    'name',
    'scope',
    'revocation',
    'source',
    'takenAt',
    'sha256',
    'certificate',
  );
  const der = decodeBase64(certificate.text(65_536));
  if (hashHex('sha256', der) !== encodeHex(sha256.hex(32))) {
    sha256.fail('the SHA-256 of the certificate', 'is another');
  }
  return {
    name: name.text(128),
    scope: scope.oneOf(['vendor', 'virtual', 'platform']),
    revocation: revocation.oneOf(['if-present', 'require']),
    source: source.text(1024),
    takenAt: takenAt.time(),
    certificate: parseCertificate(der),
  };
}
