// The key of the attestation CA, wherever an organisation keeps it: PEM beside its certificate, or both in a PKCS#12 container.
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { decodeHex } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import { parseCertificateBundle, type Certificate, type CertificateAlgorithm } from '../../core/x509/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { checkNotExposed, readFile } from './key-file.ts';
import { readPkcs12 } from './pkcs12.ts';

export interface AttestationAuthority {
  readonly certificate: Certificate;
  /** As others look for it: what its certificate says. */
  readonly keyId: Uint8Array | undefined;
  readonly algorithm: CertificateAlgorithm;
  readonly sign: (tbs: Uint8Array) => Uint8Array;
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export function loadAttestationAuthority({ attestationCa }: Pick<ServerConfig, 'attestationCa'>): AttestationAuthority {
  const { keyFile, certificateFile, passphraseFile } = attestationCa;
  checkNotExposed(keyFile);
  if (passphraseFile !== undefined) checkNotExposed(passphraseFile);
  const passphrase =
    passphraseFile &&
    readFile(passphraseFile)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  const bytes = readFile(keyFile);
  const isPem = bytes.includes('-----BEGIN');
  const { key, certificates } = isPem
    ? { key: readPemKey(bytes, passphrase, keyFile), certificates: readCertificates(readFile(certificateFile)) }
    : readContainer(bytes, passphrase ?? '', keyFile);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const certificate = certificates.find((each) => spki.equals(each.spki));
  if (certificate === undefined) {
    const place = isPem ? certificateFile : keyFile;
    throw new ServerError('KEY_FILE_INVALID', `${place} holds no certificate of the key in ${keyFile}`);
  }
  checkMayIssue(certificate);
  const { algorithm, digest } = algorithmOf(key, keyFile);
  const keyId = certificate.subjectKeyIdHex === undefined ? undefined : decodeHex(certificate.subjectKeyIdHex);
  return { certificate, keyId, algorithm, sign: (tbs) => new Uint8Array(sign(digest, tbs, key)) };
}

function readPemKey(bytes: Buffer, passphrase: string | undefined, path: string): KeyObject {
  try {
    return createPrivateKey({ key: bytes, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // The cause may quote what it read.
    throw new ServerError('KEY_FILE_INVALID', `${path} holds no private key that the passphrase opens`);
  }
}

function readContainer(bytes: Buffer, passphrase: string, path: string) {
  const found = readPkcs12(bytes, passphrase);
  if (found === undefined) {
    throw new ServerError(
      'KEY_FILE_INVALID',
      `${path} is neither PEM nor a PKCS#12 container that the passphrase opens`,
    );
  }
  try {
    const key = createPrivateKey({ key: Buffer.from(found.key), format: 'der', type: 'pkcs8' });
    return { key, certificates: found.certificates.flatMap(readCertificates) };
  } catch (error) {
    if (error instanceof ServerError) throw error;
    throw new ServerError('KEY_FILE_INVALID', `${path} holds a key of a kind that cannot be used`);
  }
}

function readCertificates(bytes: Uint8Array): readonly Certificate[] {
  try {
    return parseCertificateBundle(new Uint8Array(bytes));
  } catch (cause) {
    if (!(cause instanceof AttestationError)) throw cause;
    throw new ServerError('KEY_FILE_INVALID', `the certificate of the attestation CA: ${cause.message}`, { cause });
  }
}

/** What others check along the path, checked before the first certificate is issued. [RFC5280 §4.2.1.3, §4.2.1.9] */
function checkMayIssue({ basicConstraints, keyUsage }: Certificate): void {
  if (basicConstraints?.ca === true && keyUsage?.has('keyCertSign') === true && keyUsage.has('cRLSign')) return;
  const needs = 'CA:TRUE with key usage keyCertSign and cRLSign';
  throw new ServerError(
    'KEY_FILE_INVALID',
    `the certificate of the attestation CA is not one of a CA: it needs ${needs}`,
  );
}

function algorithmOf(
  key: KeyObject,
  path: string,
): { readonly algorithm: CertificateAlgorithm; readonly digest: 'sha256' | 'sha384' } {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (namedCurve === 'prime256v1') return { algorithm: 'ecdsa-sha256', digest: 'sha256' };
  if (namedCurve === 'secp384r1') return { algorithm: 'ecdsa-sha384', digest: 'sha384' };
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 3072) return { algorithm: 'rsassa-sha256', digest: 'sha256' };
  throw new ServerError('KEY_FILE_INVALID', `${path} is no P-256, P-384 or RSA key of 3072 bits or more`);
}
