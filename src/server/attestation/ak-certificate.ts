// Certificates of attestation keys: the server's word, for whoever does not ask the server, that a key lives in the TPM of a
// host. They live for a short time, and each attestation may bring the next one. [TCG-IDEVID]
import { encodeSpki } from '../../core/crypto/index.ts';
import { encodeHex } from '../../core/encoding/index.ts';
import {
  judgeCertificate,
  type EndorsementRoots,
  type EnrolledHost,
  type Standing,
} from '../../core/endorsement/index.ts';
import { verifyAttestationKey } from '../../core/tpm/index.ts';
import { createAkExtensions, encodeTbsCertificate } from '../../core/issuance/index.ts';
import { keyIdentifier, recallCertificate, type CertificateMemory, type TpmAttributes } from '../../core/x509/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { signWithAuthority } from '../keys/attestation-authority.ts';
import { randomSerial } from '../keys/random.ts';
import { quarantineOf } from './host-state.ts';
import type { HostBinding, HostRecord, IssuedAkCertificate } from '../storage/index.ts';

/** For clocks that are a little slow. */
const backdatedMs = 300_000;

type Issuing = Pick<ServerContext, 'keys' | 'config' | 'random' | 'log' | 'memory'>;
type Certified = HostBinding & Pick<EnrolledHost, 'enrolledAt'>;

interface Moment {
  readonly trust: EndorsementRoots;
  readonly at: Date;
}

/** A certificate for a key that was just proved to live in the host's TPM. None while the CA's own key is out of reach: who
 * asks the server about the host needs none, and the host gets one with a later attestation. */
export async function certifyAttestationKey(
  context: Issuing,
  host: Certified,
  moment: Moment,
): Promise<IssuedAkCertificate | undefined> {
  try {
    return await issueAkCertificate(context, host, moment);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const { code, message } = error;
    context.log.error({ code, detail: message, host: host.hostId }, 'the attestation CA cannot sign');
    return undefined;
  }
}

async function issueAkCertificate(
  { keys, config, random, memory }: Issuing,
  host: Certified,
  { trust, at }: Moment,
): Promise<IssuedAkCertificate> {
  const { authority } = keys;
  const { certificateHours, crlUrl } = config.attestationCa;
  const end = at.getTime() + certificateHours * 3_600_000;
  const notAfter = Math.min(end, authority.certificate.notAfter.getTime());
  const serial = randomSerial(random);
  const tbs = encodeTbsCertificate({
    serial,
    subject: [{ type: 'CN', value: host.hostId }],
    issuer: authority.certificate.subjectDer,
    validity: {
      notBefore: new Date(at.getTime() - backdatedMs),
      notAfter: new Date(notAfter),
    },
    spki: encodeSpki(verifyAttestationKey(host.akPublic).public.publicKey),
    extensions: createAkExtensions({
      issuerSpki: authority.certificate.spki,
      issuerKeyId: authority.keyId,
      tpm: provenMake(host, { trust, at }, memory.certificates),
      uri: `urn:touchstone:host:${host.hostId}`,
      crlUrl: crlUrl?.replace('{authority}', authority.id),
    }),
    algorithm: authority.algorithm,
  });
  return { der: await signWithAuthority(authority, tbs), serial: encodeHex(serial), issuer: authority.id, notAfter };
}

/** The TPM's make, where its maker says it. Who vouches for the host may have vouched for something else: an operator for the key, or
 * a maker of machines for the IAK; and then the EK certificate may be of anybody's writing. */
function provenMake(host: Certified, { trust, at }: Moment, memory: CertificateMemory): TpmAttributes | undefined {
  if (host.ekCertificate === undefined) return undefined;
  const { endorsement } = judgeCertificate(host, trust, at, memory);
  return endorsement === 'verified' ? recallCertificate(host.ekCertificate, memory).tpm : undefined;
}

interface Renewal extends Moment {
  readonly verdict: Verdict;
  readonly standing: Pick<Standing, 'endorsement'>;
}

/** The next certificate of a host that has just attested, when its own has lived half of its life, was revoked, or is from a key
 * of the CA that no longer issues. None for a quote that does not verify, while nobody vouches for the TPM or who does is denied,
 * or while operators set the host aside. What booted is the verdict's matter. */
export async function renewAkCertificate(
  context: Issuing,
  host: HostRecord,
  { verdict, standing, trust, at }: Renewal,
): Promise<IssuedAkCertificate | undefined> {
  const isProved = verdict.boot !== undefined && verdict.boot.epoch !== 'rolled-back';
  const isDisowned = verdict.findings.some(({ code }) => code === 'DENIED_ENDORSER');
  const isVouchedFor = !isDisowned && (standing.endorsement === 'verified' || standing.endorsement === 'unverified');
  const isSetAside = quarantineOf(host, at) !== undefined;
  if (!isProved || !isVouchedFor || isSetAside || !isDue(host.akCertificate, context, at)) return undefined;
  return await certifyAttestationKey(context, host, { trust, at });
}

function isDue(certificate: Uint8Array | undefined, { keys, memory }: Issuing, at: Date): boolean {
  if (certificate === undefined) return true;
  const issuer = keys.authority;
  const { notBefore, notAfter, authorityKeyIdHex } = recallCertificate(certificate, memory.certificates);
  if (authorityKeyIdHex !== encodeHex(issuer.keyId ?? keyIdentifier(issuer.certificate.spki))) return true;
  // Before its beginning, too: the clock was ahead when it was made.
  return at < notBefore || at.getTime() >= (notBefore.getTime() + notAfter.getTime()) / 2;
}
