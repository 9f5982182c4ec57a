// Certificates in the measured Secure Boot databases, and of the authorities that let an image run: whose they are and
// until when. Nothing is verified here: firmware trusts them because they are there, whatever their dates.
import type { Digest } from '../../crypto/index.ts';
import { parseCertificate } from '../../x509/index.ts';
import { attempt } from '../attempt.ts';
import { bounds } from '../bounds.ts';
import type { SignatureEntry } from '../events/decoded-event.ts';
import type { BootFacts, Fact, SignatureDatabaseName } from '../facts/facts.ts';

export interface KeyCertificate {
  readonly database: SignatureDatabaseName;
  readonly sha256: Digest;
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The certificates of PK, KEK, db and dbx, in this order. One that cannot be read is left out, and no more than the first hundred are
 * read. Each costs half a millisecond, so they are not part of `readFacts`. */
export function readKeyCertificates({ signatureDatabases }: BootFacts): readonly Fact<KeyCertificate>[] {
  return Object.entries(signatureDatabases)
    .flatMap(([name, { value, event }]) => value.entries.map((entry) => ({ name, entry, event })))
    .filter(({ entry }) => entry.type === 'x509')
    .slice(0, bounds.keyCertificates)
    .flatMap(({ name, entry, event }) => {
      const certificate = readCertificate(entry);
      return certificate ? [{ value: { database: name as SignatureDatabaseName, ...certificate }, event }] : [];
    });
}

/** The certificate of one entry, of whatever database. */
export function readCertificate({ type, data, sha256 }: SignatureEntry): Omit<KeyCertificate, 'database'> | undefined {
  if (type !== 'x509') return undefined;
  return attempt(() => {
    const { subject, issuer, notBefore, notAfter } = parseCertificate(data);
    return { sha256, subject, issuer, notBefore, notAfter };
  });
}

/** What a person calls a certificate: its common name, else its organisation, else all of its subject. Printable. */
export function nameOfSubject(subject: string): string {
  const part = (type: string): string | undefined =>
    new RegExp(`(?:^|, )${type}=(.+?)(?=, [A-Za-z0-9.]+=|$)`).exec(subject)?.[1];
  return part('CN') ?? part('O') ?? subject;
}

/** Who made the platform, as the holder of its platform key: no other measured bytes name a vendor. */
export function readPlatformVendor(certificates: readonly Fact<KeyCertificate>[]): Fact<string> | undefined {
  const [owner, ...more] = certificates.filter(({ value }) => value.database === 'PK');
  return owner && more.length === 0 ? { value: nameOfSubject(owner.value.subject), event: owner.event } : undefined;
}
