// The attestation CA: its certificate, and its key wherever an organisation keeps it. A file is read at start; a PKCS#11 token
// signs without its key ever leaving it, and is not asked before something is to be signed.
import { createPublicKey, sign, verify } from 'node:crypto';
import { hashHex } from '../../core/crypto/index.ts';
import { decodeHex } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import { encodeSigned, type CertificateAlgorithm } from '../../core/issuance/index.ts';
import { parseCertificateBundle, type Certificate } from '../../core/x509/index.ts';
import type { AuthorityConfig, Pkcs11Config, ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { readAuthorityKey } from './authority-key.ts';
import { checkNotExposed, readFile } from './key-file.ts';
import { createTokenSigner } from './pkcs11/token-signer.ts';

export interface AttestationAuthority {
  /** SHA-256 of its public key (SubjectPublicKeyInfo), hexadecimal: a new certificate for the same key is the same authority. */
  readonly id: string;
  readonly certificate: Certificate;
  /** Certificates that its own came with: of the authorities above it. */
  readonly chain: readonly Certificate[];
  /** As others look for it: what its certificate says. */
  readonly keyId: Uint8Array | undefined;
  readonly algorithm: CertificateAlgorithm;
  /** The signature over `tbs`: ECDSA in DER, RSA raw.
   * @throws ServerError PKCS11_* where the key is in a token */
  sign(tbs: Uint8Array): Promise<Uint8Array>;
  /** Ends the session with the token, where there is one. */
  close(): Promise<void>;
}

/** The key that issues, and then the others. A server whose token is away starts, and attests.
 * @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export function loadAuthorities({ attestationCa }: Pick<ServerConfig, 'attestationCa'>): Authorities {
  const issuing = openAuthority(attestationCa);
  const others = attestationCa.others.map(openAuthority);
  const ids = new Set([issuing, ...others].map(({ id }) => id));
  if (ids.size === others.length + 1) return { issuing, others };
  throw new ServerError('KEY_FILE_INVALID', 'two keys of the attestation CA are the same one: attestationCa.others');
}

export interface Authorities {
  readonly issuing: AttestationAuthority;
  readonly others: readonly AttestationAuthority[];
}

function openAuthority(config: AuthorityConfig): AttestationAuthority {
  return config.pkcs11 === undefined ? openFile(config) : openToken(config, config.pkcs11);
}

/** DER of the certificate or revocation list that `tbs` is the signed part of.
 * @throws ServerError PKCS11_* where the key is in a token */
export async function signWithAuthority(authority: AttestationAuthority, tbs: Uint8Array): Promise<Uint8Array> {
  return encodeSigned(tbs, authority.algorithm, await authority.sign(tbs));
}

/** Neither a certificate nor a list begins like this. */
const probe = new TextEncoder().encode('Touchstone asks whether the key of the attestation CA signs');

/** Has the key sign something that is of no use to anybody.
 * @throws ServerError PKCS11_* where the key is in a token */
export async function tryAuthority(authority: AttestationAuthority): Promise<void> {
  await authority.sign(probe);
}

function openFile(config: AuthorityConfig): AttestationAuthority {
  const { keyFile, certificateFile } = config;
  const { key, certificates } = readAuthorityKey(config);
  const place = certificates === undefined ? certificateFile : keyFile;
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const found = (certificates ?? [readFile(certificateFile)]).flatMap(readCertificates);
  const certificate = found.find((each) => spki.equals(each.spki));
  if (certificate === undefined) {
    throw new ServerError('KEY_FILE_INVALID', `${place} holds no certificate of the key in ${keyFile}`);
  }
  const { digest, ...issuer } = describeIssuer(certificate, found, place);
  return {
    ...issuer,
    sign: (tbs) => Promise.resolve(new Uint8Array(sign(digest, tbs, key))),
    close: () => Promise.resolve(),
  };
}

function openToken({ certificateFile }: AuthorityConfig, settings: Pkcs11Config): AttestationAuthority {
  checkNotExposed(settings.pinFile);
  const found = readCertificates(readFile(certificateFile));
  const [certificate] = found;
  if (certificate === undefined) throw new ServerError('KEY_FILE_INVALID', `${certificateFile} holds no certificate`);
  const { digest, ...issuer } = describeIssuer(certificate, found, certificateFile);
  const publicKey = publicKeyOf(certificate);
  const signer = createTokenSigner({ settings, algorithm: issuer.algorithm, clock: () => performance.now() });
  return {
    ...issuer,
    sign: async (tbs) => {
      const signature = await signer.sign(tbs);
      if (verify(digest, tbs, publicKey, signature)) return signature;
      throw new ServerError(
        'PKCS11_KEY_UNSUITABLE',
        `${certificateFile} is not the certificate of the key in the token`,
      );
    },
    close: () => signer.close(),
  };
}

function readCertificates(bytes: Uint8Array): readonly Certificate[] {
  try {
    return parseCertificateBundle(new Uint8Array(bytes));
  } catch (cause) {
    if (!(cause instanceof AttestationError)) throw cause;
    throw new ServerError('KEY_FILE_INVALID', `the certificate of the attestation CA: ${cause.message}`, { cause });
  }
}

function describeIssuer(certificate: Certificate, found: readonly Certificate[], place: string) {
  checkMayIssue(certificate);
  const id = hashHex('sha256', certificate.spki);
  const chain = found.filter((each) => each !== certificate);
  const { subjectKeyIdHex } = certificate;
  const keyId = subjectKeyIdHex === undefined ? undefined : decodeHex(subjectKeyIdHex);
  return { id, certificate, chain, keyId, ...algorithmOf(certificate, place) };
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
  certificate: Certificate,
  place: string,
): { readonly algorithm: CertificateAlgorithm; readonly digest: 'sha256' | 'sha384' } {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKeyOf(certificate);
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails ?? {};
  if (namedCurve === 'prime256v1') return { algorithm: 'ecdsa-sha256', digest: 'sha256' };
  if (namedCurve === 'secp384r1') return { algorithm: 'ecdsa-sha384', digest: 'sha384' };
  if (asymmetricKeyType === 'rsa' && modulusLength >= 3072) return { algorithm: 'rsassa-sha256', digest: 'sha256' };
  throw new ServerError('KEY_FILE_INVALID', `${place}: no P-256, P-384 or RSA key of 3072 bits or more`);
}

function publicKeyOf({ spki }: Certificate) {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}
