// Whom the server trusts to vouch for TPMs, in the shapes of the contract.
import { isoTime } from '../../../core/encoding/index.ts';
import type { components } from '../../../api/index.ts';
import type { IntermediateSourceRecord, RegisteredEkRecord } from '../../storage/index.ts';
import type { AnchorView } from '../../trust/anchors.ts';
import type { IntermediatesView, IntermediateView } from '../../trust/intermediates.ts';
import { present } from './present.ts';

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

export function wireRegisteredEk({ ekDigest, label, hostId, createdAt }: RegisteredEkRecord): Schemas['RegisteredEk'] {
  return { ekDigest, label, createdAt: isoTime(createdAt), ...present('hostId', hostId) };
}
