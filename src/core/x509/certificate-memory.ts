// Certificates that were read once, and signatures on them that were found good: to read the key of a certificate costs more than
// everything else that is asked of it.
//
// A memory is not part of the trusted base. What is remembered follows from bytes alone: what a certificate says, and that the key in
// one made the signature on another. Dates, anchors, revocation and policy are judged anew each time, by `verifyCertificatePath`.
import { hashHex } from '../crypto/index.ts';
import type { Certificate } from './certificate.ts';
import { parseCertificate } from './parse-certificate.ts';
import { isSignedBy, type SignedStructure } from './signature-policy.ts';

export interface CertificateMemory {
  /** By SHA-256 of the bytes. May forget anything at any time. */
  readonly read: {
    get(digest: string): Certificate | undefined;
    set(digest: string, certificate: Certificate): void;
  };
  readonly signatures: SignatureMemory;
}

/** Whose signature is good under the keys of which certificates. Of the very objects, which nobody changes: what nobody holds any
 * more is forgotten with it. */
export type SignatureMemory = WeakMap<SignedStructure, WeakSet<Certificate>>;

/** As `parseCertificate`, and the same answer, with or without a memory. Refusals are not remembered.
 * @throws as parseCertificate */
export function recallCertificate(bytes: Uint8Array, memory: CertificateMemory | undefined): Certificate {
  if (memory === undefined) return parseCertificate(bytes);
  const { read } = memory;
  const name = hashHex('sha256', bytes);
  const known = read.get(name);
  if (known !== undefined) return known;
  // Of a copy: a certificate looks at its bytes, and those of the caller may change.
  const certificate = parseCertificate(Uint8Array.from(bytes));
  read.set(name, certificate);
  return certificate;
}

/** As `isSignedBy` with the key of `issuer`, and the same answer. Bad signatures are not remembered. */
export function recallSignature(
  signed: SignedStructure,
  issuer: Certificate,
  memory: SignatureMemory | undefined,
): boolean {
  const issuers = memory?.get(signed) ?? new WeakSet();
  if (issuers.has(issuer)) return true;
  if (!isSignedBy(signed, issuer.publicKey)) return false;
  issuers.add(issuer);
  memory?.set(signed, issuers);
  return true;
}
