// The record of a host since it enrolled: its keys, their certificates, and what its maker says of its machine.
import { encodeHex, encodePem, encodeUtf8, type Field } from '../encoding/index.ts';
import { spkiDigest } from '../crypto/index.ts';
import type { EnrolledHost } from '../endorsement/index.ts';
import { verifyAttestationKey, verifyEndorsementKey, type AttestationKey } from '../tpm/index.ts';
import { isAttributeCertificate } from '../x509/index.ts';
import type { Part } from './archive.ts';
import { documentPart, naming, pemPart, readDocument, readPemPart, requirePart, type Parts } from './documents.ts';

export interface RecordedHost extends Omit<EnrolledHost, 'ekDigest'> {
  readonly id: string;
  /** Counts bindings of the name to a TPM. */
  readonly epoch: number;
  /** TPM2B_PUBLIC, both. */
  readonly ekPublic: Uint8Array;
  readonly akPublic: Uint8Array;
  readonly endorser: { readonly id: string; readonly name: string } | undefined;
}

/** With what follows from its keys alone. */
export interface ReadHost extends RecordedHost {
  readonly ekDigest: Uint8Array;
  readonly attestationKey: AttestationKey;
}

const files = {
  record: 'host/host.json',
  ek: 'host/ek.pub',
  ak: 'host/ak.pub',
  ekCertificate: 'host/ek-certificate.pem',
  ekChain: 'host/ek-chain.pem',
  platform: 'host/platform-certificates.pem',
  iak: 'host/device-identity/iak.pub',
  iakCertificate: 'host/device-identity/certificate.pem',
  iakChain: 'host/device-identity/chain.pem',
} as const;

/** The files of an evidence bundle below `host/`: the record of enrolment. */
export function encodeHost(host: RecordedHost): readonly Part[] {
  const { id, epoch, enrolledAt, endorser, ekPublic, akPublic, ekCertificate, ekChain, deviceIdentity } = host;
  return [
    documentPart(files.record, {
      id,
      epoch,
      enrolledAt: new Date(enrolledAt).toISOString(),
      endorser: endorser === undefined ? null : { id: endorser.id, name: endorser.name },
    }),
    { name: files.ek, bytes: ekPublic },
    { name: files.ak, bytes: akPublic },
    ...pemPart(files.ekCertificate, 'CERTIFICATE', ekCertificate === undefined ? [] : [ekCertificate]),
    ...pemPart(files.ekChain, 'CERTIFICATE', ekChain),
    ...platformPart(host.platformCertificates),
    ...(deviceIdentity === undefined
      ? []
      : [
          { name: files.iak, bytes: deviceIdentity.publicArea },
          ...pemPart(files.iakCertificate, 'CERTIFICATE', [deviceIdentity.certificate]),
          ...pemPart(files.iakChain, 'CERTIFICATE', deviceIdentity.chain),
        ]),
  ];
}

/** @throws MalformedError EVIDENCE_PART_MISSING, EVIDENCE_PART_INVALID */
export function readHost(parts: Parts): ReadHost {
  const record = readDocument(parts, files.record, readRecord);
  const ekPublic = requirePart(parts, files.ek);
  const akPublic = requirePart(parts, files.ak);
  return {
    ...record,
    ekPublic,
    akPublic,
    ekDigest: naming(files.ek, () => spkiDigest(verifyEndorsementKey(ekPublic).public.publicKey)),
    attestationKey: naming(files.ak, () => verifyAttestationKey(akPublic)),
    ekCertificate: readPemPart(parts, files.ekCertificate)[0],
    ekChain: readPemPart(parts, files.ekChain),
    platformCertificates: readPemPart(parts, files.platform),
    deviceIdentity: readDevice(parts),
  };
}

function readRecord(root: Field): Pick<RecordedHost, 'id' | 'epoch' | 'enrolledAt' | 'endorser'> {
  const { id, epoch, enrolledAt, endorser } = root.object('id', 'epoch', 'enrolledAt', 'endorser');
  return {
    id: id.text(63),
    epoch: epoch.integer(1, Number.MAX_SAFE_INTEGER),
    enrolledAt: enrolledAt.time().getTime(),
    endorser: endorser.nullable((field) => {
      const { id: digest, name } = field.object('id', 'name');
      return { id: encodeHex(digest.hex(32)), name: name.text(512) };
    }),
  };
}

function readDevice(parts: Parts): RecordedHost['deviceIdentity'] {
  const publicArea = parts.get(files.iak);
  if (publicArea === undefined) return undefined;
  requirePart(parts, files.iakCertificate);
  const [certificate = new Uint8Array()] = readPemPart(parts, files.iakCertificate);
  return { publicArea, certificate, chain: readPemPart(parts, files.iakChain) };
}

/** In the order in which the host sent them: the first that is proven counts. */
function platformPart(certificates: readonly Uint8Array[]): readonly Part[] {
  if (certificates.length === 0) return [];
  const labelOf = (bytes: Uint8Array): string =>
    isAttributeCertificate(bytes) ? 'ATTRIBUTE CERTIFICATE' : 'CERTIFICATE';
  const text = certificates.map((bytes) => encodePem(labelOf(bytes), bytes)).join('');
  return [{ name: files.platform, bytes: encodeUtf8(text) }];
}
