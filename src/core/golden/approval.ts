// What a golden measurement is before and after its signatures were counted. Only `verifyGolden` makes the second.
import type { PublicKey } from '../crypto/index.ts';
import type { Layer } from '../event-log/index.ts';
import type { SignedDocument } from './envelope.ts';
import type { GoldenStatement } from './statement.ts';

export const goldenPayloadType = 'application/vnd.in-toto+json';

/** A golden measurement somebody sent: well formed, approved by nobody yet. */
export interface ClaimedGolden extends SignedDocument {
  readonly untrustedStatement: GoldenStatement;
}

/** An operator who may approve golden measurements. */
export interface AuthorisedSigner {
  /** The operator: two keys of one name are one signer. */
  readonly name: string;
  readonly publicKey: PublicKey;
  /** Layers this signer may approve; all when absent. An empty list authorises nothing. */
  readonly layers?: readonly Layer[];
}

/** A valid signature by an authorised signer over the payload. */
export interface CountedSignature {
  /** Name of the operator. */
  readonly signer: string;
  /** Base64url SHA-256 of the signer's SubjectPublicKeyInfo. */
  readonly keyid: string;
}

declare const approved: unique symbol;

/** A golden measurement that a quorum of distinct authorised operators signed. Made by `verifyGolden` only. */
export interface ApprovedGolden {
  readonly [approved]: true;
  readonly id: string;
  readonly statement: GoldenStatement;
  readonly signatures: readonly CountedSignature[];
}
