// All that vouches for the TPM of a host, by SHA-256: what deny lists may name.
import { hashHex } from '../crypto/index.ts';
import { isInForceAt, type DenyRules } from '../deny/index.ts';
import { encodeHex } from '../encoding/index.ts';
import {
  completeChain,
  recallCertificate,
  spellingsOf,
  type Certificate,
  type CertificateMemory,
} from '../x509/index.ts';
import type { EndorsementRoots, EnrolledHost } from './enrolled-host.ts';

/** The members of an enrolment that say who vouches for it. */
type Vouched = Pick<EnrolledHost, 'ekDigest' | 'ekCertificate' | 'ekChain' | 'deviceIdentity' | 'endorser'>;

/** Also of certificates that the host sent and that are not in its path: with those it can only get itself denied. And of each in every form
 * in which it could have sent it: a digest names the one that operators saw. Empty where no list in force names an endorser: then no
 * certificate need be read. */
export function endorsersOf(
  { ekDigest, ekCertificate, ekChain, deviceIdentity, endorser }: Vouched,
  { intermediates }: Pick<EndorsementRoots, 'intermediates'>,
  denied: DenyRules | undefined,
  memory?: CertificateMemory,
): readonly string[] {
  if (denied === undefined || denied.endorsements.size === 0) return [];
  const recall = (bytes: Uint8Array): Certificate => recallCertificate(bytes, memory);
  const pathOf = (certificate: Uint8Array | undefined, chain: readonly Uint8Array[]): readonly Certificate[] => {
    if (certificate === undefined) return [];
    const leaf = recall(certificate);
    return [leaf, ...completeChain(leaf, chain.map(recall), intermediates)];
  };
  const certificates = [
    ...pathOf(ekCertificate, ekChain),
    ...pathOf(deviceIdentity?.certificate, deviceIdentity?.chain ?? []),
  ];
  return [
    ...new Set([
      encodeHex(ekDigest),
      ...certificates.flatMap(digestsOf),
      ...(endorser === undefined ? [] : [endorser.id]),
    ]),
  ];
}

/** They cost as much as a part of an attestation, and a host shows the same each time. */
const known = new WeakMap<Certificate, readonly string[]>();

function digestsOf(certificate: Certificate): readonly string[] {
  const before = known.get(certificate);
  if (before !== undefined) return before;
  const digests = spellingsOf(certificate).map((der) => hashHex('sha256', der));
  known.set(certificate, digests);
  return digests;
}

/** Whether any of those who vouch for the TPM of a host is denied. Asked of the enrolment alone: no evidence is needed for it. */
export function isEndorserDenied(
  host: Vouched,
  roots: Pick<EndorsementRoots, 'intermediates'>,
  {
    denied,
    at,
    memory,
  }: { readonly denied: DenyRules | undefined; readonly at: Date; readonly memory?: CertificateMemory },
): boolean {
  return endorsersOf(host, roots, denied, memory).some((sha256) =>
    (denied?.endorsements.get(sha256) ?? []).some((rule) => isInForceAt(rule, at)),
  );
}
