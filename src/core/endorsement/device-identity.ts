// Who vouches for a host that enrolled with a certificate of its initial attestation key (IAK).
import { verifyAttestationKey } from '../tpm/index.ts';
import {
  completeChain,
  recallCertificate,
  verifyDeviceIdentity,
  type Certificate,
  type CertificateMemory,
  type TrustedDeviceIdentity,
} from '../x509/index.ts';
import type { EndorsementRoots, EnrolledDevice } from './enrolled-host.ts';

/** Proves what `verifyDeviceIdentity` proves, by the record of the host: that a maker of machines certified its initial attestation key.
 * @throws VerificationError and MalformedError TPM_*, X509_* */
export function proveDeviceIdentity(
  { certificate, chain, publicArea }: EnrolledDevice,
  { platformAnchors, intermediates, revocationLists }: Omit<EndorsementRoots, 'anchors'>,
  dates: { readonly at: Date; readonly revocationAt: Date },
  memory?: CertificateMemory,
): TrustedDeviceIdentity {
  const recall = (bytes: Uint8Array): Certificate => recallCertificate(bytes, memory);
  const leaf = recall(certificate);
  return verifyDeviceIdentity({
    certificate: leaf,
    iak: verifyAttestationKey(publicArea),
    intermediates: completeChain(leaf, chain.map(recall), intermediates),
    anchors: platformAnchors,
    crls: revocationLists,
    ...dates,
    signatures: memory?.signatures,
  });
}
