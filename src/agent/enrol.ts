// Enrolment, the host's side: show who vouches for this TPM, open what the server seals to it, remember the result.
import { createApiClient, type JsonAnswerOf, type TransportOptions } from '../api/index.ts';
import { AttestationError } from '../core/error.ts';
import { decodeBase64, encodeBase64, encodeHex, printable } from '../core/encoding/index.ts';
import { nameOf, parseTpm2bPublic } from '../core/tpm/index.ts';
import type { AttestingDevice, EndorsementCertificates } from './attesting-device.ts';
import { certifyBy, showIdentity, type DeviceIdentityOptions } from './device-identity.ts';
import { explainRefusal } from './enrolment-refusal.ts';
import { loadEnrolment, saveEnrolment, type EnrolmentState } from './enrolment-state.ts';
import { AgentError } from './errors.ts';

export interface EnrolOptions {
  readonly server: TransportOptions;
  /** Join token; absent where the server enrols without. */
  readonly token?: string | undefined;
  readonly device: AttestingDevice;
  readonly stateDirectory: string;
  readonly hostName: string;
  /** EK certificate (DER) for a TPM that does not carry its own. */
  readonly ekCertificate?: Uint8Array | undefined;
  /** More intermediate certificates (DER) than the TPM carries. */
  readonly ekCertificateChain?: readonly Uint8Array[] | undefined;
  /** What the maker of the machine says of it, DER: attribute certificates, and certificates of their issuers. */
  readonly platformCertificates?: readonly Uint8Array[] | undefined;
  /** An initial attestation key (IAK) that the maker of the machine certified, to vouch for this TPM. */
  readonly deviceIdentity?: DeviceIdentityOptions | undefined;
}

/** Enrols, or renews the enrolment of the same host at the same server.
 * @throws AgentError AGENT_*; ApiProblem, ApiUnreachable */
export async function enrol(options: EnrolOptions): Promise<EnrolmentState> {
  const { stateDirectory } = options;
  checkSameEnrolment(await loadEnrolment(stateDirectory), options);
  const state = await enrolDevice(options);
  await saveEnrolment(stateDirectory, state);
  return state;
}

/** The same for a device whose enrolment the caller remembers.
 * @throws AgentError AGENT_ACTIVATION_FAILED, AGENT_TPM_*; ApiProblem, ApiUnreachable */
export async function enrolDevice(options: Omit<EnrolOptions, 'stateDirectory'>): Promise<EnrolmentState> {
  const { device, deviceIdentity, hostName, server, token } = options;
  const certificates = await collectCertificates(options);
  const [ekPublic, akPublic] = [await device.ekPublic(), await device.akPublic()];
  const api = createApiClient(token === undefined ? server : { ...server, token });
  try {
    const challenge = await api.call('createEnrollment', {
      body: {
        hostName,
        ...encodeCertificates(certificates),
        ...encodePlatform(options.platformCertificates ?? []),
        ...(await showIdentity(deviceIdentity)),
        ekPublic: encodeBase64(ekPublic),
        akPublic: encodeBase64(akPublic),
      },
    });
    const secret = await activate(device, challenge);
    const { enrollmentId } = challenge;
    const certification = await certifyBy(deviceIdentity, challenge.certifyQualifyingData);
    const body = { secret: encodeBase64(secret), ...(certification === undefined ? {} : { certification }) };
    const activation = await api.call('activateEnrollment', { path: { enrollmentId }, body });
    const { hostId, serverId, hostToken, akCertificate } = activation;
    const akName = encodeHex(nameOf(parseTpm2bPublic(akPublic)));
    return { server: server.baseUrl, serverId, hostId, akName, hostToken, akCertificate };
  } catch (error) {
    throw explainRefusal(error, { ekPublic, certificates, identity: deviceIdentity?.certificate });
  } finally {
    api.close();
  }
}

type EnrolmentChallenge = JsonAnswerOf<'createEnrollment'>;

/** An enrolment is never replaced by one for another server or another name: that is what --state is for.
 * @throws AgentError AGENT_ENROLLED_ELSEWHERE */
function checkSameEnrolment(state: EnrolmentState | undefined, options: EnrolOptions): void {
  if (state === undefined) return;
  if (sameServer(state.server, options.server.baseUrl) && state.hostId === options.hostName.toLowerCase()) return;
  const place = `${printable(state.hostId)} at ${printable(state.server)}`;
  throw new AgentError('AGENT_ENROLLED_ELSEWHERE', `${options.stateDirectory} enrols ${place}`);
}

function sameServer(left: string, right: string): boolean {
  return left.replace(/\/+$/, '') === right.replace(/\/+$/, '');
}

async function collectCertificates(options: Omit<EnrolOptions, 'stateDirectory'>): Promise<EndorsementCertificates> {
  const { certificate, chain } = await options.device.ekCertificates();
  return {
    certificate: options.ekCertificate ?? certificate,
    chain: [...chain, ...(options.ekCertificateChain ?? [])],
  };
}

function encodeCertificates({ certificate, chain }: EndorsementCertificates) {
  return {
    ...(certificate === undefined ? {} : { ekCertificate: encodeBase64(certificate) }),
    ...(chain.length === 0 ? {} : { ekCertificateChain: chain.map(encodeBase64) }),
  };
}

function encodePlatform(certificates: readonly Uint8Array[]) {
  return certificates.length === 0 ? {} : { platformCertificates: certificates.map(encodeBase64) };
}

async function activate(device: AttestingDevice, challenge: EnrolmentChallenge): Promise<Uint8Array> {
  try {
    return await device.activate(decodeBase64(challenge.credentialBlob), decodeBase64(challenge.encryptedSecret));
  } catch (cause) {
    const isTpmRefusal = cause instanceof AgentError && cause.code === 'AGENT_TPM_REFUSED';
    if (!isTpmRefusal && !(cause instanceof AttestationError)) throw cause;
    throw new AgentError('AGENT_ACTIVATION_FAILED', `the sealed secret did not open: ${cause.message}`, { cause });
  }
}
