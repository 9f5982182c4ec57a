// Chains of issuers from certificates at hand, and the place where they break off. Nothing is trusted here: path validation decides.
import { bytesEqual } from '../encoding/index.ts';
import type { Certificate } from './certificate.ts';
import { mayHaveIssued, type Issued } from './issuer.ts';
import { isSignedBy } from './signature-policy.ts';

/** An issuer whose certificate is not at hand. Both members are claims of the certificate that it is said to have issued. */
export interface MissingIssuer {
  /** Printable name. */
  readonly name: string;
  /** Its key identifier, where the certificate below names one. */
  readonly keyIdHex: string | undefined;
}

const maximumCertificates = 64;
const maximumSignatures = 64;

/** `given`, and every certificate of `pool` that may have issued `leaf`, one of `given`, or another that was added. At most as many as path
 * validation takes: where `given` alone has more, nothing is added. */
export function completeChain(
  leaf: Issued,
  given: readonly Certificate[],
  pool: readonly Certificate[],
): readonly Certificate[] {
  const chain = [...given];
  const open: Issued[] = [leaf, ...given];
  for (let below = open.shift(); below !== undefined; below = open.shift()) {
    for (const candidate of pool) {
      if (chain.length >= maximumCertificates) return chain;
      if (!mayHaveIssued(candidate, below) || chain.some(({ der }) => bytesEqual(der, candidate.der))) continue;
      chain.push(candidate);
      open.push(candidate);
    }
  }
  return chain;
}

/** Where the chain of signatures above `leaf` breaks off; undefined when it ends in a self-issued certificate: then no intermediate is
 * missing, and what is not trusted is the root. */
export function missingIssuer(leaf: Certificate, chain: readonly Certificate[]): MissingIssuer | undefined {
  const left = new Set(chain);
  let top = leaf;
  let signatures = 0;
  const isIssuer = (candidate: Certificate): boolean => {
    if (!mayHaveIssued(candidate, top) || signatures === maximumSignatures) return false;
    signatures += 1;
    return isSignedBy(top, candidate.publicKey);
  };
  for (;;) {
    if (top.subjectKey === top.issuerKey) return undefined;
    const issuer = [...left].find(isIssuer);
    if (issuer === undefined) return { name: top.issuer, keyIdHex: top.authorityKeyIdHex };
    left.delete(issuer);
    top = issuer;
  }
}
