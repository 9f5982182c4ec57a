// Who vouches for a TPM. A maker does, by a certificate that leads to a trust anchor; an operator does, by having registered
// the endorsement key before the host came. Whoever vouched can be withdrawn, and then somebody has to vouch anew.
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { proveDeviceIdentity, type EndorsementRoots } from '../../core/endorsement/index.ts';
import { equalInConstantTime, hashHex, spkiDigest } from '../../core/crypto/index.ts';
import { AttestationError, VerificationError } from '../../core/error.ts';
import { verifyEndorsementKey, type EndorsementKey } from '../../core/tpm/index.ts';
import { completeChain, parseCertificate, verifyEkCertificate, type Certificate } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Endorser, HostRecord } from '../storage/index.ts';
import { endorserOf } from './device-identity.ts';
import { noteMissing } from './missing-intermediates.ts';

export interface EndorsementRequest {
  readonly ek: EndorsementKey;
  /** Certificates as the host sent them. */
  readonly ekCertificate: Uint8Array | undefined;
  readonly ekChain: readonly Uint8Array[];
}

/** Whoever vouches for this EK now. A certificate of another key is refused in any case, registered or not. [PEERS T1]
 * @throws ServerError ENROLLMENT_EK_UNVERIFIED; VerificationError and MalformedError X509_* */
export async function findEndorser(context: ServerContext, request: EndorsementRequest): Promise<Endorser> {
  const ekDigest = spkiDigest(request.ek.public.publicKey);
  const certificate = request.ekCertificate && parseCertificate(request.ekCertificate);
  if (certificate !== undefined) {
    const certified = certificate.publicKey && spkiDigest(certificate.publicKey);
    if (certified === undefined || !equalInConstantTime(certified, ekDigest)) {
      throw new VerificationError(
        'X509_EK_KEY_MISMATCH',
        'the EK certificate certifies another key than the EK presented',
      );
    }
  }
  const registered = await context.store.findRegisteredEk(encodeHex(ekDigest));
  if (registered !== undefined) return { id: registered.ekDigest, name: registered.label };
  if (certificate === undefined) throw new ServerError('ENROLLMENT_EK_UNVERIFIED');
  return await findMaker(context, request, certificate);
}

/** The trust anchor that the EK certificate leads to. An authority that is missing on the way is noted for operators. */
async function findMaker(
  context: ServerContext,
  { ek, ekChain }: EndorsementRequest,
  certificate: Certificate,
): Promise<Endorser> {
  const roots = await context.trust.current();
  const intermediates = completeChain(certificate, ekChain.map(parseCertificate), roots.intermediates);
  try {
    return makerUnder(roots, { certificate, ek, intermediates, at: context.now() });
  } catch (error) {
    if (error instanceof AttestationError && error.code === 'X509_PATH_NO_ANCHOR') {
      await noteMissing(context, certificate, intermediates);
    }
    throw error;
  }
}

interface CertifiedKey {
  readonly certificate: Certificate;
  readonly ek: EndorsementKey;
  readonly intermediates: readonly Certificate[];
  readonly at: Date;
}

/** @throws VerificationError X509_* */
function makerUnder(
  { anchors, revocationLists }: Pick<EndorsementRoots, 'anchors' | 'revocationLists'>,
  { certificate, ek, intermediates, at }: CertifiedKey,
): Endorser {
  const { certificate: trusted } = verifyEkCertificate({
    certificate,
    ekPublic: ek,
    intermediates,
    anchors,
    crls: revocationLists,
    at,
  });
  const { certificate: root, name } = trusted.anchor;
  return { id: hashHex('sha256', root.der), name };
}

/** Who would be found for the TPM of `host` under other roots, as `renewEndorsement` finds it. Nothing is kept or noted. */
export async function foreseeEndorser(
  context: Pick<ServerContext, 'config' | 'store' | 'now'>,
  host: HostRecord,
  roots: EndorsementRoots,
): Promise<Endorser | undefined> {
  const registered = await context.store.findRegisteredEk(encodeHex(host.ekDigest));
  if (registered !== undefined) return { id: registered.ekDigest, name: registered.label };
  try {
    if (host.ekCertificate === undefined) return findDeviceEndorser(context, host, roots);
    const certificate = parseCertificate(host.ekCertificate);
    const intermediates = completeChain(certificate, host.ekChain.map(parseCertificate), roots.intermediates);
    const ek = verifyEndorsementKey(host.ekPublic);
    return makerUnder(roots, { certificate, ek, intermediates, at: context.now() });
  } catch (error) {
    if (isRefusal(error)) return findDeviceEndorser(context, host, roots);
    throw error;
  }
}

/**
 * `host` with an endorser where one can be found again: the one it had was withdrawn, and another may vouch by now. A host
 * without any stays as it is, and appraisal says what that means.
 */
export async function renewEndorsement(context: ServerContext, host: HostRecord): Promise<HostRecord> {
  if (host.endorser !== undefined) return host;
  const { revision: trustRevision } = await context.trust.current();
  const endorser = await searchEndorser(context, host);
  if (endorser === undefined) return host;
  const { hostId, epoch } = host;
  const audit = {
    at: context.now().getTime(),
    actor: `host ${hostId}`,
    action: 'host.endorsed',
    subject: hostId,
    details: { endorser: endorser.id, name: printable(endorser.name) },
  };
  const isKept = await context.store.setHostEndorser(hostId, { epoch, trustRevision, endorser }, audit);
  return isKept ? { ...host, endorser } : host;
}

async function searchEndorser(context: ServerContext, host: HostRecord): Promise<Endorser | undefined> {
  try {
    return await findEndorser(context, { ...host, ek: verifyEndorsementKey(host.ekPublic) });
  } catch (error) {
    if (isRefusal(error)) return findDeviceEndorser(context, host, await context.trust.current());
    throw error;
  }
}

function findDeviceEndorser(
  { config, now }: Pick<ServerContext, 'config' | 'now'>,
  { deviceIdentity }: HostRecord,
  roots: EndorsementRoots,
): Endorser | undefined {
  if (deviceIdentity === undefined || config.enrolment.deviceIdentity === 'off') return undefined;
  try {
    return endorserOf(proveDeviceIdentity(deviceIdentity, roots, { at: now(), revocationAt: now() }));
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

/** Whether the error says that nobody vouches, as opposed to a failure of the server. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof AttestationError || (error instanceof ServerError && error.code === 'ENROLLMENT_EK_UNVERIFIED')
  );
}
