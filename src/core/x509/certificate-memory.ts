// Certificates that were parsed before, and signatures on them that were verified before: to load the key of a certificate costs more
// than all the rest.
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

/** A signed structure -> the certificates whose keys verify its signature. Keyed by the objects themselves, which nobody changes: when
 * nobody holds one any more, what is known of it goes with it. */
export type SignatureMemory = WeakMap<SignedStructure, WeakSet<Certificate>>;

/** As `parseCertificate`, and the same answer, with or without a memory. Refusals are not remembered.
 * @throws as parseCertificate */
export function recallCertificate(bytes: Uint8Array, memory: CertificateMemory | undefined): Certificate {
  if (memory === undefined) return parseCertificate(bytes);
  const { read } = memory;
  const name = hashHex('sha256', bytes);
  const known = read.get(name);
  if (known !== undefined) return known;
  // From a copy: a parsed certificate is a view on its bytes, and the caller may overwrite its own.
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
