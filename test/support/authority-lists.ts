// Revocation lists of the simulator's authority, as its maker would publish them.
import assert from 'node:assert/strict';
import type { ApiClient } from '../../src/api/index.ts';
import { encodePem } from '../../src/core/encoding/index.ts';
import { derElement, derOid, derSequence, parseCertificate, tags } from '../../src/core/x509/index.ts';
import { createPaperKey, signSha256 } from '../../src/simulator/paper-key.ts';
import { createCrl, withListExtension } from './create-crl.ts';
import { authority } from './paper-story.ts';

export const issuers = {
  root: authority.rootCertificate,
  intermediate: authority.intermediateCertificate,
} as const;

export interface ListOptions {
  /** Certificates that it revokes. */
  readonly revoked?: readonly Uint8Array[];
  /** How many more, that nobody has. */
  readonly others?: number;
  readonly madeAt: Date;
  /** A day unless told. */
  readonly lastsSeconds?: number;
  /** Signs with the key of the other authority. */
  readonly forged?: boolean;
  /** It is the part of the list that is published there, and does not mark that critical. */
  readonly point?: string;
}

/** DER of a list by one of the two authorities. */
export function listBy(issuer: keyof typeof issuers, options: ListOptions): Uint8Array {
  const { revoked = [], others = 0, madeAt, lastsSeconds = 86_400, forged = false, point } = options;
  const certificate = parseCertificate(issuers[issuer]);
  const other = issuer === 'root' ? 'intermediate' : 'root';
  const key = createPaperKey('ecc', 'server tests', `authority ${forged ? other : issuer}`);
  return createCrl({
    issuer: certificate.subjectDer,
    issuerSpki: certificate.spki,
    number: 1,
    thisUpdate: madeAt,
    nextUpdate: new Date(madeAt.getTime() + lastsSeconds * 1000),
    revoked: [
      ...revoked.map((der) => Buffer.from(parseCertificate(der).serialHex, 'hex')),
      ...Array.from({ length: others }, (_, index) =>
        Buffer.from((2 ** 40 + index).toString(16).padStart(16, '0').slice(-12), 'hex'),
      ),
    ].map((serial) => ({ serial, revokedAt: madeAt, reason: 1 })),
    algorithm: 'ecdsa-sha256',
    sign: (tbs) => signSha256(key, tbs),
    ...(point === undefined ? {} : { alter: withListExtension(issuingPoint(point)) }),
  });
}

function issuingPoint(url: string): Uint8Array {
  const name = derElement(0xa0, derElement(0xa0, derElement(0x86, new TextEncoder().encode(url))));
  return derSequence(derOid('2.5.29.28'), derElement(tags.octetString, derSequence(name)));
}

/** As the API takes it. */
export function listBody(issuer: keyof typeof issuers, options: ListOptions, url?: string) {
  return {
    lists: [{ list: encodePem('X509 CRL', listBy(issuer, options)), ...(url !== undefined && { url }) }],
    issuers: encodePem('CERTIFICATE', issuers[issuer]),
  };
}

/** Of one list alone. */
export async function importList(client: ApiClient, body: ReturnType<typeof listBody>) {
  const { items } = await client.call('importRevocationLists', { body });
  const [only] = items;
  assert.ok(only?.list);
  return only.list;
}
