// The writing side of a bundle of trust anchors.
import { hashHex } from '../crypto/index.ts';
import { encodeBase64, encodeUtf8 } from '../encoding/index.ts';
import { anchorBundleType, type AnchorBundle } from './anchor-bundle.ts';

/** The payload that operators sign, as a person reads it: one field a line. */
export function encodeAnchorBundle({ sequence, madeAt, anchors }: AnchorBundle): Uint8Array {
  const document = {
    type: anchorBundleType,
    sequence,
    madeAt: madeAt.toISOString(),
    anchors: anchors.map(({ name, scope, revocation, source, takenAt, certificate }) => ({
      name,
      scope,
      revocation,
      source,
      takenAt: takenAt.toISOString(),
      sha256: hashHex('sha256', certificate.der),
      certificate: encodeBase64(certificate.der),
    })),
  };
  return encodeUtf8(`${JSON.stringify(document, undefined, 2)}\n`);
}
