// A golden measurement: what one layer of a good boot measures to. [in-toto] with our own predicate.
import type { HashAlgorithm, PublicKey } from '../crypto/index.ts';
import type { Layer } from '../event-log/index.ts';

export const statementType = 'https://in-toto.io/Statement/v1';
export const goldenPredicateType = 'https://touchstone.dev/golden-measurement/v1';

/** One value in one or more banks; at least one. */
export type DigestSet = ReadonlyMap<HashAlgorithm, Uint8Array>;

/** One event of the layer, in the order of its PCR. */
export interface ExpectedEvent {
  readonly pcr: number;
  readonly digests: DigestSet;
  /** What the event is, in words. It is signed, but it never decides a match. */
  readonly description: string;
}

/** The final value of a whole PCR: where there is no log, or for operators who trust none. */
export interface ExpectedPcr {
  readonly pcr: number;
  readonly digests: DigestSet;
}

/** A file that may be used while the host runs. */
export interface ExpectedFile {
  /** `sha256:` (or sha384, sha512) and the lower-case hex digest, as IMA measures it. */
  readonly digest: string;
  /** Where it lay when it was captured, for people. A good file is good wherever it lies. */
  readonly path?: string;
}

/** What may be measured while the host runs: layer `runtime`, whose list the kernel keeps. [LINUX IMA] */
export interface ExpectedFiles {
  readonly digests: readonly ExpectedFile[];
  /** Keys whose file signatures (security.ima) are accepted. RSA only: see `verifySignatureOfDigest`. */
  readonly signers: readonly PublicKey[];
  /** Whole paths, or prefixes that end in `/`, at which no file is looked at. */
  readonly excludedPaths: readonly string[];
}

export interface GoldenSubject {
  readonly name: string;
  /** SHA-256 of the image or firmware; for a capture, of the canonical expectation. */
  readonly sha256: Uint8Array;
}

/** What an import was made of. It is signed with the statement, and it never decides a match. */
export interface ImportOrigin {
  /** `tcg-rim`, `corim`...: the name of the format. */
  readonly format: string;
  /** Version of the importer of that format: a later one may read the same file otherwise. */
  readonly importer: number;
  /** Who signed the file, as the operator named them; absent when an operator vouched for it. */
  readonly signer?: string;
  /** SHA-256 of the file. */
  readonly sha256: Uint8Array;
}

export interface GoldenProvenance {
  readonly source: 'captured' | 'predicted' | 'imported';
  readonly host?: string;
  readonly at?: Date;
  readonly import?: ImportOrigin;
}

/** A revoked golden measurement whose boots shall be accepted again, and why. Signed with the statement. */
export interface AcceptedRevocation {
  readonly id: string;
  readonly reason: string;
}

export interface GoldenStatement {
  readonly layer: Layer;
  readonly subjects: readonly GoldenSubject[];
  readonly description?: string;
  /** Every event of the layer, whole: what a host measured beyond them is a mismatch, and so is what it left out. */
  readonly events: readonly ExpectedEvent[];
  readonly pcrs: readonly ExpectedPcr[];
  /** Layer `runtime` only, and all that layer has. */
  readonly ima?: ExpectedFiles;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Id of the golden measurement this one replaces. */
  readonly supersedes?: string;
  /** Revoked golden measurements that this one brings back on purpose: without it such a proposal is refused. It never decides a match. */
  readonly acceptsRevoked?: readonly AcceptedRevocation[];
  readonly provenance?: GoldenProvenance;
}
