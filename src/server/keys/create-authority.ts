// A new key for the attestation CA, with a certificate that it signs itself.
import { generateKeyPairSync } from 'node:crypto';
import { hashHex } from '../../core/crypto/index.ts';
import { encodePem } from '../../core/encoding/index.ts';
import { createCaExtensions, createCertificate } from '../../core/issuance/index.ts';
import { randomSerial, systemRandom } from './random.ts';
import { signWith } from './server-keys.ts';

export interface CreatedAuthority {
  /** SHA-256 of its public key, hexadecimal. */
  readonly id: string;
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
}

const caYears = 20;

/** `nameOf` makes the common name of its id; it is cut to what a certificate holds. */
export function createAuthority(now: Date, nameOf: (id: string) => string): CreatedAuthority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const id = hashHex('sha256', spki);
  const name = [
    { type: 'O', value: 'Touchstone' },
    { type: 'CN', value: nameOf(id).slice(0, 64) },
  ] as const;
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + caYears);
  const certificate = createCertificate({
    serial: randomSerial(systemRandom),
    subject: name,
    issuer: name,
    validity: { notBefore: new Date(now.getTime() - 300_000), notAfter },
    spki,
    extensions: createCaExtensions({ spki, issuerSpki: spki, pathLength: 0 }),
    algorithm: 'ecdsa-sha256',
    sign: signWith(privateKey),
  });
  return {
    id,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: encodePem('CERTIFICATE', certificate),
  };
}
