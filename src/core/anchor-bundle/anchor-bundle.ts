// What a bundle of trust anchors says.
import type { AnchorScope, Certificate, RevocationMode } from '../x509/index.ts';

export const anchorBundlePayloadType = 'application/vnd.touchstone.trust-anchors+json';
export const anchorBundleType = 'https://touchstone.dev/trust-anchor-bundle/v1';

export interface BundledAnchor {
  readonly name: string;
  readonly scope: AnchorScope;
  readonly revocation: RevocationMode;
  /** Where the certificate was taken from, in words or as a URL, and when. */
  readonly source: string;
  readonly takenAt: Date;
  readonly certificate: Certificate;
}

export interface AnchorBundle {
  /** Rises with every bundle: a server takes none that is not newer than its last. */
  readonly sequence: number;
  readonly madeAt: Date;
  readonly anchors: readonly BundledAnchor[];
}
