// The initial attestation key (IAK) of a machine, the host's side: shown when it enrols, and made to vouch for the attestation key.
import { decodeBase64, encodeBase64 } from '../core/encoding/index.ts';
import type { Certificate } from '../core/x509/index.ts';
import type { IdentityDevice } from './attesting-device.ts';

export interface DeviceIdentityOptions {
  readonly device: IdentityDevice;
  readonly certificate: Certificate;
  /** DER of the certificates between it and its root. */
  readonly chain: readonly Uint8Array[];
}

/** As the API takes it; nothing where there is no IAK.
 * @throws AgentError AGENT_IDENTITY_KEY_MISSING */
export async function showIdentity(identity: DeviceIdentityOptions | undefined) {
  if (identity === undefined) return {};
  const { device, certificate, chain } = identity;
  const publicArea = await device.identityPublic(certificate.spki);
  const shown = { certificate: encodeBase64(certificate.der), chain: chain.map(encodeBase64) };
  return { deviceIdentity: { ...shown, publicArea: encodeBase64(publicArea) } };
}

/** What the IAK signs about the attestation key; undefined where the server asks for nothing. `certifyQualifyingData` is base64. */
export async function certifyBy(
  identity: DeviceIdentityOptions | undefined,
  certifyQualifyingData: string | undefined,
): Promise<{ attest: string; signature: string } | undefined> {
  if (identity === undefined || certifyQualifyingData === undefined) return undefined;
  const { device, certificate } = identity;
  const { attest, signature } = await device.certifyAk(certificate.spki, decodeBase64(certifyQualifyingData));
  return { attest: encodeBase64(attest), signature: encodeBase64(signature) };
}
