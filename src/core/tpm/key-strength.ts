// Keys that are genuine and still prove nothing, because their private half can be computed.
import { hasRocaFingerprint } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import type { TpmPublic } from './public-area.ts';

const allowedRsaBits = [2048, 3072, 4096];

/** Refuses RSA keys of unusual or small size, with an even modulus or another exponent than 65537, or with the ROCA
 * fingerprint. Small curves never get this far: `parsePublic` knows P-256, P-384 and P-521 only.
 * @throws VerificationError TPM_KEY_WEAK, TPM_KEY_ROCA */
export function verifyKeyStrength(area: TpmPublic): void {
  if (area.type !== 'rsa') return;
  const { modulus, keyBits, exponent } = area;
  const first = modulus[0] ?? 0;
  const last = modulus.at(-1) ?? 0;
  if (!allowedRsaBits.includes(keyBits) || first < 0x80) {
    const problem = `an RSA modulus of ${area.publicKey.bits} bits for a key of ${keyBits}`;
    throw new VerificationError('TPM_KEY_WEAK', `${problem}, only ${allowedRsaBits.join(', ')} are allowed`);
  }
  if (last % 2 === 0) throw new VerificationError('TPM_KEY_WEAK', 'an even RSA modulus');
  if (exponent !== 0 && exponent !== 65537) {
    throw new VerificationError('TPM_KEY_WEAK', `RSA exponent ${exponent}, only 65537 is allowed`);
  }
  if (hasRocaFingerprint(modulus)) {
    throw new VerificationError('TPM_KEY_ROCA', 'the modulus was made by the flawed generator of CVE-2017-15361');
  }
}
