// Who vouches for a TPM that enrols: by its EK, or by its IAK; and what is kept of the certificates it sent.
import { AttestationError } from '../../core/error.ts';
import type { EndorsementKey } from '../../core/tpm/index.ts';
import { completeChain, parseCertificate } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import type { Endorser, HostBinding } from '../storage/index.ts';
import type { VerifiedDevice } from '../trust/device-identity.ts';
import { findEndorser, isRefusal } from '../trust/endorsement.ts';

/** As the host sent them. */
export interface SentCertificates {
  readonly ekCertificate: Uint8Array | undefined;
  readonly ekCertificateChain: readonly Uint8Array[];
}

/** Who vouches, and by which key. */
export interface Endorsed {
  readonly endorser: Endorser;
  readonly by: 'ek' | 'iak';
}

/** The EK certificate with what the host sent, and the server's own intermediates that it needs: kept together, whatever becomes
 * of those. Where an IAK vouches, nothing is known of the EK certificate, and it is not kept. */
export async function certificatesToKeep(
  { trust }: ServerContext,
  { ekCertificate, ekCertificateChain }: SentCertificates,
  endorsed: Endorsed | undefined,
): Promise<Pick<HostBinding, 'ekCertificate' | 'ekChain'>> {
  if (ekCertificate === undefined) return { ekCertificate, ekChain: ekCertificateChain };
  if (endorsed?.by === 'iak') return { ekCertificate: undefined, ekChain: [] };
  const { intermediates } = await trust.current();
  const sent = ekCertificateChain.map(parseCertificate);
  const chain = completeChain(parseCertificate(ekCertificate), sent, intermediates);
  return { ekCertificate, ekChain: chain.map(({ der }) => der) };
}

/** What speaks against a TPM, as opposed to nothing speaking for it. */
const neverEnrolled: ReadonlySet<string> = new Set([
  'X509_EK_KEY_MISMATCH',
  'X509_CERTIFICATE_REVOKED',
  'X509_KEY_ROCA',
]);

/** Who vouches for the TPM, by its EK first, and else by its IAK; undefined when nobody does and the configuration allows that. An
 * EK certificate of another key, or one that was revoked, is refused in any case. [PEERS T1] */
export async function endorse(
  context: ServerContext,
  { ekCertificate, ekCertificateChain }: SentCertificates,
  { ek, device }: { readonly ek: EndorsementKey; readonly device: VerifiedDevice | undefined },
): Promise<Endorsed | undefined> {
  try {
    return { endorser: await findEndorser(context, { ek, ekCertificate, ekChain: ekCertificateChain }), by: 'ek' };
  } catch (error) {
    const isFatal = error instanceof AttestationError && neverEnrolled.has(error.code);
    if (isFatal || !isRefusal(error)) throw error;
    if (device !== undefined) return { endorser: device.endorser, by: 'iak' };
    if (context.config.enrolment.allowUnverifiedEk) return undefined;
    throw error;
  }
}
