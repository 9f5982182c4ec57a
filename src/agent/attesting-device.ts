// The port through which the agent sees a machine that can attest: a TPM and the logs beside it. `TpmDevice` is the real
// one; the simulator's paper host has the same shape, so that enrolment and attestation run over either.
import type { ClaimedPcrs, PcrSelection } from '../core/tpm/index.ts';

/** What the TPM's maker left in the TPM to prove that it is genuine. */
export interface EndorsementCertificates {
  /** The certificate of the key that `ekPublic()` returns, exactly as stored (padding included); absent when there is none. */
  readonly certificate: Uint8Array | undefined;
  /** Intermediate certificates stored beside it, in the order stored. */
  readonly chain: readonly Uint8Array[];
}

/** One quote and the PCR values that were read around it; the values hash to the digest that was signed. */
export interface DeviceQuote {
  /** TPMS_ATTEST, the bytes that were signed. */
  readonly attest: Uint8Array;
  /** TPMT_SIGNATURE. */
  readonly signature: Uint8Array;
  readonly pcrs: ClaimedPcrs;
}

/** A device whose maker left an initial attestation key (IAK) in it. */
export interface IdentityDevice {
  /** TPM2B_PUBLIC of the key with this SubjectPublicKeyInfo. */
  identityPublic(spki: Uint8Array): Promise<Uint8Array>;
  /** TPM2_Certify of the attestation key by that key. TPMS_ATTEST and TPMT_SIGNATURE. */
  certifyAk(spki: Uint8Array, qualifyingData: Uint8Array): Promise<Pick<DeviceQuote, 'attest' | 'signature'>>;
}

export interface AttestingDevice {
  ekCertificates(): Promise<EndorsementCertificates>;
  /** TPM2B_PUBLIC of the endorsement key. */
  ekPublic(): Promise<Uint8Array>;
  /** TPM2B_PUBLIC of the attestation key: the same one for as long as the TPM keeps its endorsement seed. */
  akPublic(): Promise<Uint8Array>;
  /** TPM2_ActivateCredential: opens what the server sealed to this EK for this AK. Both arguments are TPM2B bytes. */
  activate(credentialBlob: Uint8Array, encryptedSecret: Uint8Array): Promise<Uint8Array>;
  quote(qualifyingData: Uint8Array, selections: readonly PcrSelection[]): Promise<DeviceQuote>;
  /** TPM2_GetTime by the attestation key: proof that its TPM is here, for one request. TPMS_ATTEST and TPMT_SIGNATURE. */
  getTime(qualifyingData: Uint8Array): Promise<Pick<DeviceQuote, 'attest' | 'signature'>>;
  /** The firmware's event log; absent when the machine keeps none. */
  eventLog(): Promise<Uint8Array | undefined>;
  /** The kernel's IMA list (binary). Read it after the quote: the kernel only appends. */
  imaLog(): Promise<Uint8Array | undefined>;
  /** The kernel's name of this boot: another one each time; absent where nobody knows. */
  bootId(): Promise<string | undefined>;
  /** What the running system measured (systemd); absent when it keeps no log of that. Read it after the quote: it is only
   * appended to. */
  userspaceLog(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}
