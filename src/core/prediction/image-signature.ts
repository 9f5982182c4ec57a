// Who signed an EFI binary: its certificate table. [UEFI §32.2.4] [AUTHENTICODE]
import { MalformedError } from '../error.ts';
import { bytesEqual, Cursor, encodeHex, readDer, trimDer, type DerNode } from '../encoding/index.ts';
import { digestSizes, verifySignature, type HashAlgorithm } from '../crypto/index.ts';
import { parseCertificate, type Certificate } from '../x509/index.ts';
import { authenticodeDigest } from './authenticode.ts';
import type { PortableExecutable } from './parse-pe.ts';

/** One signature: the signer's certificate first, then those of the table that lead on from it, each link verified. */
export interface ImageSignature {
  readonly path: readonly Certificate[];
}

const maximumSignatures = 8;
const maximumCertificates = 16;
const pkcsSignedData = 2;

/** The signatures in the order of the table, each over the digest of this very image. The signature value itself is left
 * to firmware to verify: who would sign the prediction holds the image anyway.
 * @throws MalformedError PREDICTION_SIGNATURE_INVALID */
export function readImageSignatures(image: PortableExecutable): readonly ImageSignature[] {
  return splitTable(image.certificateTable).map((bytes) => {
    try {
      return readSignedData(readDer(trimDer(bytes).der), image);
    } catch (cause) {
      if (cause instanceof MalformedError && cause.code === 'PREDICTION_SIGNATURE_INVALID') throw cause;
      throw new MalformedError(
        'PREDICTION_SIGNATURE_INVALID',
        'a signature is not signed data as Authenticode has it',
        {
          cause,
        },
      );
    }
  });
}

/** Whether `issuer` signed `certificate`. Dates do not count: firmware has no clock that it trusts. */
export function hasIssued(issuer: Certificate, certificate: Certificate): boolean {
  const { publicKey } = issuer;
  const { signatureScheme, tbs, signature } = certificate;
  if (publicKey === undefined || signatureScheme === undefined) return false;
  return issuer.subjectKey === certificate.issuerKey && verifySignature(publicKey, signatureScheme, tbs, signature);
}

/** WIN_CERTIFICATE records, each rounded up to eight bytes. */
function splitTable(table: Uint8Array): readonly Uint8Array[] {
  const cursor = new Cursor(table, {
    endianness: 'little',
    truncated: 'PREDICTION_SIGNATURE_INVALID',
    trailing: 'PREDICTION_SIGNATURE_INVALID',
  });
  const found: Uint8Array[] = [];
  while (cursor.remaining > 0) {
    const length = cursor.u32('dwLength');
    cursor.u16('wRevision');
    const type = cursor.u16('wCertificateType');
    if (length < 8 || found.length >= maximumSignatures) throw invalid(`a record of ${length} bytes`);
    const bytes = cursor.bytes(length - 8, 'bCertificate');
    cursor.bytes(Math.min((8 - (length % 8)) % 8, cursor.remaining), 'padding');
    if (type !== pkcsSignedData) throw invalid(`a record of type ${type}`);
    found.push(bytes);
  }
  return found;
}

/** ContentInfo { signedData { version, digestAlgorithms, contentInfo, certificates, signerInfos } }. [RFC2315 §9.1] */
function readSignedData(contentInfo: DerNode, image: PortableExecutable): ImageSignature {
  const signedData = contentInfo.children[1]?.children[0];
  const [, , content, certificates] = signedData?.children ?? [];
  const signerInfo = signedData?.children.at(-1)?.children[0];
  if (content === undefined || certificates?.tag !== 0xa0 || signerInfo === undefined) throw invalid('no signer');
  checkDigest(content, image);
  if (certificates.children.length > maximumCertificates) throw invalid('too many certificates');
  const known = certificates.children.map(({ bytes }) => parseCertificate(bytes));
  const [issuer, serial] = signerInfo.children[1]?.children ?? [];
  if (issuer === undefined || serial === undefined) throw invalid('a signer without a name');
  const signer = known.find(
    (each) => bytesEqual(each.issuerDer, issuer.bytes) && each.serialHex === encodeHex(serial.contents),
  );
  if (signer === undefined) throw invalid("the signer's certificate is not there");
  return { path: followIssuers(signer, known) };
}

function followIssuers(signer: Certificate, known: readonly Certificate[]): readonly Certificate[] {
  const path = [signer];
  for (let last: Certificate | undefined = signer; last !== undefined;) {
    const current: Certificate = last;
    last = known.find((each) => !path.includes(each) && hasIssued(each, current));
    if (last !== undefined) path.push(last);
  }
  return path;
}

const algorithmsBySize = new Map(Object.entries(digestSizes).map(([alg, size]) => [size, alg as HashAlgorithm]));

/** SpcIndirectDataContent { data, DigestInfo { algorithm, digest } }: a signature moved from another image is none. */
function checkDigest(content: DerNode, image: PortableExecutable): void {
  const signed = content.children[1]?.children[0]?.children[1]?.children[1]?.contents;
  const alg = signed && algorithmsBySize.get(signed.length);
  if (signed === undefined || alg === undefined) throw invalid('no digest of an image');
  if (!bytesEqual(signed, authenticodeDigest(image, alg))) throw invalid('the signature is one of another image');
}

function invalid(problem: string): MalformedError {
  return new MalformedError('PREDICTION_SIGNATURE_INVALID', problem);
}
