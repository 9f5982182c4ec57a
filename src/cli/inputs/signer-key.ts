// The key of a maker as operators name it: a public key in PEM, a JWK, or a certificate.
import {
  algorithmFor,
  parseJwk,
  publicKeyFromPem,
  thumbprintOf,
  type PublicKey,
  type VerificationKey,
} from '../../core/crypto/index.ts';
import { decodeUtf8, parseJsonStrict } from '../../core/encoding/index.ts';
import { keyOfSignerCertificate, parseCertificateBundle } from '../../core/x509/index.ts';
import { CliError } from '../errors.ts';
import { parseInput } from '../files.ts';

/** A certificate must hold at `at` and be one for signing documents; its subject is the name of the key.
 * @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED; MalformedError X509_*; VerificationError CRYPTO_KEY_*, X509_* */
export function readSignerKey(file: string, at: Date): VerificationKey {
  return parseInput(file, (bytes) => keyOf(bytes, at));
}

function keyOf(bytes: Uint8Array, at: Date): VerificationKey {
  if (isCertificate(bytes)) {
    const [certificate, ...others] = parseCertificateBundle(bytes);
    if (certificate === undefined || others.length > 0) {
      throw new CliError('CLI_INPUT_UNRECOGNISED', 'one certificate of the signer is expected; name authorities apart');
    }
    return { ...keyFor(keyOfSignerCertificate(certificate, at)), kid: certificate.subject };
  }
  const text = decodeUtf8(bytes);
  if (text.trimStart().startsWith('{')) return parseJwk(parseJsonStrict(bytes));
  return keyFor(publicKeyFromPem(text));
}

function isCertificate(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30 || Buffer.from(bytes).includes('-----BEGIN CERTIFICATE-----');
}

/** Of an RSA key's two algorithms the probabilistic one; formats that name theirs take the key alone. */
function keyFor(publicKey: PublicKey): VerificationKey {
  const alg = algorithmFor(publicKey, publicKey.type === 'rsa' ? 'PS256' : undefined);
  return { kid: thumbprintOf(publicKey), alg, publicKey };
}
