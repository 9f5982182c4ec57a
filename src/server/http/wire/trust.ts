// Whom the server trusts to vouch for TPMs, in the shapes of the contract.
import { isoTime } from '../../../core/encoding/index.ts';
import type { components } from '../../../api/index.ts';
import type { CertificateRevocationList } from '../../../core/x509/index.ts';
import { isTrusted } from '../../lockout/last-good.ts';
import type { IntermediateSourceRecord, RegisteredEkRecord } from '../../storage/index.ts';
import type { AnchorView } from '../../trust/anchors.ts';
import type { IntermediatesView, IntermediateView } from '../../trust/intermediates.ts';
import type { RevocationListView } from '../../trust/revocation-lists.ts';
import type { RevocationPreview } from '../../trust/revocation-preview.ts';
import { present } from './present.ts';
import { wireHeldHost } from './host.ts';

type Schemas = components['schemas'];

export function wireAnchor({ record, certificate }: AnchorView): Schemas['TrustAnchor'] {
  const { id, name, scope, revocation, staged, createdAt, withdrawn } = record;
  const { subject, notAfter } = certificate;
  return {
    id,
    name,
    scope,
    revocation,
    staged,
    subject,
    notAfter: notAfter.toISOString(),
    createdAt: isoTime(createdAt),
    ...present('withdrawnAt', withdrawn && isoTime(withdrawn.at)),
    ...present('withdrawnBecause', withdrawn?.reason),
  };
}

export function wireIntermediate({ record, certificate }: IntermediateView): Schemas['Intermediate'] {
  const { subject, issuer, subjectKeyIdHex } = certificate;
  return {
    id: record.id,
    subject,
    issuer,
    notAfter: isoTime(record.notAfter),
    storedAt: isoTime(record.storedAt),
    ...present('keyId', subjectKeyIdHex),
    ...present('url', record.url),
  };
}

export function wireIntermediateSource(source: IntermediateSourceRecord): Schemas['IntermediateSource'] {
  const { id, url, keyIdHex, name, createdAt, askedAt, failure } = source;
  return {
    id,
    url,
    createdAt: isoTime(createdAt),
    ...present('keyId', keyIdHex),
    ...present('name', name),
    ...present('askedAt', askedAt === undefined ? undefined : isoTime(askedAt)),
    ...present('failure', failure),
  };
}

export function wireIntermediates({ items, sources, missing }: IntermediatesView): Schemas['Intermediates'] {
  return {
    items: items.map(wireIntermediate),
    sources: sources.map(wireIntermediateSource),
    missing: missing.map(({ name, keyIdHex, firstAt, lastAt }) => ({
      name,
      firstAt: isoTime(firstAt),
      lastAt: isoTime(lastAt),
      ...present('keyId', keyIdHex),
    })),
  };
}

export function wireRevocationList({ record, list }: RevocationListView, now: Date): Schemas['RevocationList'] {
  const { thisUpdate, nextUpdate } = list;
  return {
    id: record.id,
    issuer: list.issuer,
    thisUpdate: thisUpdate.toISOString(),
    ...present('nextUpdate', nextUpdate?.toISOString()),
    stale: nextUpdate === undefined || nextUpdate < now,
    entries: list.revoked.size,
    storedAt: isoTime(record.storedAt),
    ...present('url', record.url),
  };
}

const shownHosts = 1000;
const shownSerials = 100;

export function wireRevocationPreview(
  { id, list, replaced, added, dropped, hosts }: RevocationPreview,
  now: Date,
): Schemas['RevocationListPreview'] {
  const { issuer, thisUpdate, nextUpdate } = list;
  return {
    id,
    issuer,
    thisUpdate: thisUpdate.toISOString(),
    ...present('nextUpdate', nextUpdate?.toISOString()),
    ...present('replaces', replaced?.thisUpdate.toISOString()),
    stale: nextUpdate === undefined || nextUpdate < now,
    entries: list.revoked.size,
    addedCount: added.length,
    added: wireRevoked(added, list),
    droppedCount: dropped.length,
    dropped: wireRevoked(dropped, replaced),
    hosts: hosts.length,
    trusted: hosts.filter(({ held }) => isTrusted(held.status)).length,
    items: hosts.slice(0, shownHosts).map(({ certificate, ...view }) => ({
      ...wireHeldHost(view),
      certificate: { subject: certificate.subject, serial: certificate.serialHex },
    })),
  };
}

/** The first of them. */
function wireRevoked(
  serials: readonly string[],
  list: CertificateRevocationList | undefined,
): Schemas['RevokedCertificate'][] {
  return serials.slice(0, shownSerials).flatMap((serial) => {
    const revocation = list?.revoked.get(serial);
    return revocation === undefined ? [] : { serial, revokedAt: revocation.revokedAt.toISOString() };
  });
}

export function wireRegisteredEk({ ekDigest, label, hostId, createdAt }: RegisteredEkRecord): Schemas['RegisteredEk'] {
  return { ekDigest, label, createdAt: isoTime(createdAt), ...present('hostId', hostId) };
}
