// Refusals of an enrolment that the agent knows more about than the server: which TPM, whose certificates, what to do here.
import { ApiProblem } from '../api/index.ts';
import { AttestationError } from '../core/error.ts';
import { encodeHex } from '../core/encoding/index.ts';
import { hash, hashHex, spkiDigest } from '../core/crypto/index.ts';
import { verifyEndorsementKey } from '../core/tpm/index.ts';
import { parseCertificate, type Certificate } from '../core/x509/index.ts';
import type { EndorsementCertificates } from './attesting-device.ts';
import { AgentError, type AgentErrorCode } from './errors.ts';

export interface PresentedTpm {
  readonly ekPublic: Uint8Array;
  readonly certificates: EndorsementCertificates;
  /** Of the IAK, where one was shown. */
  readonly identity?: Certificate | undefined;
}

const explained: Readonly<Partial<Record<string, AgentErrorCode>>> = {
  AUTH_REQUIRED: 'AGENT_JOIN_TOKEN_MISSING',
  ENROLLMENT_WAITING: 'AGENT_APPROVAL_PENDING',
  ENROLLMENT_EK_UNVERIFIED: 'AGENT_EK_CERTIFICATE_MISSING',
  X509_PATH_NO_ANCHOR: 'AGENT_EK_ROOT_UNKNOWN',
  X509_PATH_NOTHING_TO_TRUST: 'AGENT_EK_ROOT_UNKNOWN',
};

/** The same error, or one that says what can be done on this host. */
export function explainRefusal(error: unknown, tpm: PresentedTpm): unknown {
  const known = error instanceof ApiProblem ? explained[error.code] : undefined;
  // What is said of a path is then said of that of the IAK.
  const code = tpm.identity !== undefined && known === 'AGENT_EK_ROOT_UNKNOWN' ? undefined : known;
  return code === undefined ? error : new AgentError(code, messageOf(code, tpm), { cause: error });
}

function messageOf(code: AgentErrorCode, { ekPublic, certificates, identity }: PresentedTpm): string {
  if (code === 'AGENT_JOIN_TOKEN_MISSING') return 'this server enrols hosts that have a join token, and none was given';
  if (code === 'AGENT_EK_ROOT_UNKNOWN') return describeIssuer(certificates);
  const ekDigest = spkiDigest(verifyEndorsementKey(ekPublic).public.publicKey);
  const fingerprint = encodeHex(identity === undefined ? ekDigest : hash('sha256', identity.spki));
  return code === 'AGENT_APPROVAL_PENDING'
    ? `waiting for approval by an operator (fingerprint ${fingerprint})`
    : `this TPM carries no EK certificate; its endorsement key is ${fingerprint}`;
}

/** Who issued the certificate highest in the chain that we hold, and that certificate's fingerprint. */
function describeIssuer({ certificate, chain }: EndorsementCertificates): string {
  try {
    const top = climb(parseCertificate(certificate ?? new Uint8Array()), chain.map(parseCertificate));
    const fingerprint = hashHex('sha256', top.der);
    return `the server knows no root for the EK certificate of this TPM: issuer ${top.issuer}, of the certificate with SHA-256 ${fingerprint}`;
  } catch (error) {
    if (error instanceof AttestationError) return 'the server knows no root for the EK certificate of this TPM';
    throw error;
  }
}

function climb(leaf: Certificate, chain: readonly Certificate[]): Certificate {
  let top = leaf;
  for (let step = 0; step < chain.length; step += 1) {
    const above = chain.find(({ subject }) => subject === top.issuer && subject !== top.subject);
    if (above === undefined) break;
    top = above;
  }
  return top;
}
