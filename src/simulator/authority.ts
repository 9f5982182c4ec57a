// The certification authority of paper TPMs. A server believes it only where an operator made its root a trust anchor;
// what it certifies names itself as simulated (model `touchstone-simulator`).
import { encodeHex } from '../core/encoding/index.ts';
import {
  createCaExtensions,
  createCertificate,
  createEkExtensions,
  type DistinguishedName,
} from '../core/issuance/index.ts';
import type { CertificateExtension, TpmAttributes } from '../core/x509/index.ts';
import { createPaperKey, signSha256, type PaperKey } from './paper-key.ts';
import { seededBytes } from './seed.ts';

/** TPM identity in every EK certificate of the simulator. `SIMU` is assigned to no manufacturer. */
export const simulatedTpm: TpmAttributes = {
  manufacturer: 'id:53494D55',
  model: 'touchstone-simulator',
  version: 'id:00010000',
};

export interface SimulatorAuthority {
  /** The time it was made for. */
  readonly at: Date;
  /** DER. The anchor that a server must be given before it believes a paper host. */
  readonly rootCertificate: Uint8Array;
  /** DER. Paper hosts present it beside their EK certificate. */
  readonly intermediateCertificate: Uint8Array;
  /** DER of a certificate for an endorsement key. */
  certify(request: EkCertificateRequest): Uint8Array;
}

export interface EkCertificateRequest {
  readonly spki: Uint8Array;
  readonly keyType: 'rsa' | 'ec';
  readonly commonName: string;
  readonly notAfter?: Date;
}

export interface AuthorityOptions {
  /** The certificates begin a day before and the EK certificates end in the year 9999. */
  readonly at: Date;
  /** The same seed gives the same keys. */
  readonly seed?: string;
}

const dayMs = 86_400_000;
const endOfTime = new Date('9999-12-31T23:59:59Z');

export function createSimulatorAuthority(options: AuthorityOptions): SimulatorAuthority {
  const seed = options.seed ?? 'touchstone';
  const notBefore = new Date(options.at.getTime() - dayMs);
  const root = createPaperKey('ecc', seed, 'authority root');
  const intermediate = createPaperKey('ecc', seed, 'authority intermediate');
  // Told apart by a digest: who knows the seed can certify anything.
  const tag = encodeHex(seededBytes(seed, 'authority name', 4));
  const rootName = nameOf(`Touchstone simulator root ${tag}`);
  const intermediateName = nameOf(`Touchstone simulator EK authority ${tag}`);

  const issue = (request: IssueRequest) =>
    createCertificate({
      serial: positiveSerial(seed, request.label),
      subject: request.subject,
      issuer: request.issuer.name,
      validity: { notBefore, notAfter: request.notAfter ?? endOfTime },
      spki: request.spki,
      extensions: request.extensions,
      algorithm: 'ecdsa-sha256',
      sign: (tbs) => signSha256(request.issuer.key, tbs),
    });

  return {
    at: options.at,
    rootCertificate: issue({
      label: 'root',
      subject: rootName,
      issuer: { name: rootName, key: root },
      spki: root.spki,
      extensions: createCaExtensions({ spki: root.spki, issuerSpki: root.spki }),
    }),
    intermediateCertificate: issue({
      label: 'intermediate',
      subject: intermediateName,
      issuer: { name: rootName, key: root },
      spki: intermediate.spki,
      extensions: createCaExtensions({ spki: intermediate.spki, issuerSpki: root.spki, pathLength: 0 }),
    }),
    certify: ({ spki, keyType, commonName, notAfter }) =>
      issue({
        label: `ek ${commonName}`,
        subject: nameOf(commonName),
        issuer: { name: intermediateName, key: intermediate },
        spki,
        extensions: createEkExtensions({ issuerSpki: intermediate.spki, keyType, tpm: simulatedTpm }),
        ...(notAfter === undefined ? {} : { notAfter }),
      }),
  };
}

interface IssueRequest {
  readonly label: string;
  readonly subject: DistinguishedName;
  readonly issuer: { readonly name: DistinguishedName; readonly key: PaperKey };
  readonly spki: Uint8Array;
  readonly extensions: readonly CertificateExtension[];
  readonly notAfter?: Date;
}

function nameOf(commonName: string): DistinguishedName {
  return [
    { type: 'O', value: 'Touchstone simulator' },
    { type: 'CN', value: commonName },
  ];
}

function positiveSerial(seed: string, label: string): Uint8Array {
  const serial = seededBytes(seed, `serial ${label}`, 16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}
