// Approval: has a quorum of distinct, authorised operators signed exactly these bytes, and does it hold now? [DSSE]
import type { ErrorCode } from '../error-codes.ts';
import { VerificationError } from '../error.ts';
import { preAuthEncoding } from '../encoding/index.ts';
import { verifySignature } from '../crypto/index.ts';
import type { ApprovedGolden, AuthorisedSigner, ClaimedGolden, CountedSignature } from './approval.ts';
import { requireQuorum, type ClaimedSignature, type SignedDocument } from './envelope.ts';
import { parseGolden } from './parse-golden.ts';
import { signerKeyId, signerScheme } from './signer.ts';
import type { GoldenStatement } from './statement.ts';

export interface ApprovalRules {
  readonly signers: readonly AuthorisedSigner[];
  /** Distinct operators that must have signed; at least 1. */
  readonly quorum: number;
  readonly at: Date;
}

/**
 * Approves what enough operators signed. It proves:
 *
 * 1. the envelope is well formed and expects something of PCRs that can prove it;
 * 2. at least `quorum` operators, distinct by key and by name, each authorised for the layer, signed these bytes;
 * 3. `at` lies within the statement's validity.
 *
 * It does not prove that the measurement is good: that is what the operators say by signing.
 *
 * @throws MalformedError the codes of `parseGolden`
 * @throws VerificationError GOLDEN_QUORUM_INVALID, GOLDEN_SIGNERS_EMPTY, GOLDEN_QUORUM_NOT_REACHED,
 *   GOLDEN_NOT_YET_VALID, GOLDEN_EXPIRED
 */
export function verifyGolden(envelope: Uint8Array, rules: ApprovalRules): ApprovedGolden {
  return approve(parseGolden(envelope), rules);
}

/** As `verifyGolden`, but without asking whether the statement holds now: for callers that ask `isValidAt` at each use.
 * @throws as verifyGolden, without GOLDEN_NOT_YET_VALID and GOLDEN_EXPIRED */
export function verifyApproval(envelope: Uint8Array, rules: Omit<ApprovalRules, 'at'>): ApprovedGolden {
  const golden = parseGolden(envelope);
  const { notBefore, notAfter } = golden.untrustedStatement;
  const at = notBefore ?? new Date(notAfter === undefined ? 0 : notAfter.getTime() - 1);
  return approve(golden, { ...rules, at });
}

function approve(golden: ClaimedGolden, { signers, quorum, at }: ApprovalRules): ApprovedGolden {
  if (Number.isNaN(at.getTime())) throw new TypeError('the time of approval is no time');
  if (signers.length === 0) throw new VerificationError('GOLDEN_SIGNERS_EMPTY', 'no authorised signer is configured');
  const signatures = countSignatures(golden, signers);
  requireQuorum(signatures, quorum, { code: 'GOLDEN_QUORUM_NOT_REACHED', what: golden.id });
  checkValidity(golden.untrustedStatement, at);
  return { id: golden.id, statement: golden.untrustedStatement, signatures } as unknown as ApprovedGolden;
}

/**
 * The valid signatures that count towards a quorum, one for each operator. Keys and operators that are entangled (one
 * key under two names, two keys under one name) are one signer, whatever the order they come in.
 */
export function countSignatures(
  golden: ClaimedGolden,
  signers: readonly AuthorisedSigner[],
): readonly CountedSignature[] {
  const { layer } = golden.untrustedStatement;
  return countDistinct(
    golden,
    signers.filter(({ layers }) => layers?.includes(layer) ?? true),
  );
}

/** Counts the signatures of a document that is about no single layer, and refuses too few. Only signers for all layers count: whoever may
 * approve kernels has no say about trust anchors or about what is denied.
 * @throws VerificationError as `requireQuorum` */
export function requireApprovals(
  document: SignedDocument,
  { signers, quorum }: Omit<ApprovalRules, 'at'>,
  refusal: { readonly code: ErrorCode; readonly what: string },
): readonly CountedSignature[] {
  const forAllLayers = signers.filter(({ layers }) => layers === undefined);
  const counted = countDistinct(document, forAllLayers);
  requireQuorum(counted, quorum, refusal);
  return counted;
}

function countDistinct(
  { payloadType, payload, signatures }: SignedDocument,
  signers: readonly AuthorisedSigner[],
): readonly CountedSignature[] {
  const message = preAuthEncoding(payloadType, payload);
  const valid = signers
    .map((signer) => ({ signer, keyid: signerKeyId(signer.publicKey) }))
    .filter(({ signer, keyid }) => signatures.some((claimed) => isSignatureBy(signer, keyid, message, claimed)))
    .map(({ signer, keyid }): CountedSignature => ({ signer: signer.name, keyid }));
  return distinctSigners(valid);
}

/** Whether the statement holds at a time: a server keeps approved goldens longer than some of them hold. */
export function isValidAt(statement: GoldenStatement, at: Date): boolean {
  return !(statement.notBefore !== undefined && at < statement.notBefore) && !isExpired(statement, at);
}

/** How long before its end a golden measurement is spoken of, so that its successor is signed in time. */
const noticeMs = 14 * 24 * 3600 * 1000;

/** Whether it holds, and ends within two weeks. */
export function endsSoon(statement: GoldenStatement, at: Date): boolean {
  const { notAfter } = statement;
  return notAfter !== undefined && isValidAt(statement, at) && notAfter.getTime() - at.getTime() <= noticeMs;
}

/** Every time, in milliseconds since 1970, at which the answer of `isValidAt` or `endsSoon` may change. */
export function turningPoints({ notBefore, notAfter }: GoldenStatement): readonly number[] {
  const begin = notBefore === undefined ? [] : [notBefore.getTime()];
  return notAfter === undefined ? begin : [...begin, notAfter.getTime() - noticeMs, notAfter.getTime()];
}

function checkValidity(statement: GoldenStatement, at: Date): void {
  if (isExpired(statement, at)) {
    throw new VerificationError('GOLDEN_EXPIRED', `held until ${statement.notAfter?.toISOString() ?? ''}`);
  }
  if (!isValidAt(statement, at)) {
    throw new VerificationError('GOLDEN_NOT_YET_VALID', `holds from ${statement.notBefore?.toISOString() ?? ''}`);
  }
}

function isExpired(statement: GoldenStatement, at: Date): boolean {
  return statement.notAfter !== undefined && at >= statement.notAfter;
}

function isSignatureBy(
  signer: AuthorisedSigner,
  keyid: string,
  message: Uint8Array,
  claimed: ClaimedSignature,
): boolean {
  const scheme = signerScheme(signer.publicKey);
  // The hint saves work and decides nothing: a false one only loses its own signature.
  if (scheme === undefined || (claimed.untrustedKeyid !== undefined && claimed.untrustedKeyid !== keyid)) return false;
  return verifySignature(signer.publicKey, scheme, message, claimed.sig);
}

function distinctSigners(valid: readonly CountedSignature[]): readonly CountedSignature[] {
  const groups: CountedSignature[][] = [];
  for (const signature of valid) {
    const entangled = groups.filter((group) =>
      group.some(({ signer, keyid }) => signer === signature.signer || keyid === signature.keyid),
    );
    for (const group of entangled) groups.splice(groups.indexOf(group), 1);
    groups.push([...entangled.flat(), signature]);
  }
  return groups.flatMap((group) => group.slice(0, 1));
}
