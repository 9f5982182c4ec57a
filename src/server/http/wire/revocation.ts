// Revocation lists of those who vouch for TPMs, in the shapes of the contract.
import { isoTime } from '../../../core/encoding/index.ts';
import type { components } from '../../../api/index.ts';
import type { CertificateRevocationList } from '../../../core/x509/index.ts';
import { isTrusted } from '../../lockout/last-good.ts';
import { isStale, type ImportedList, type PerList, type RevocationListView } from '../../trust/revocation-lists.ts';
import type { RevocationPreview } from '../../trust/revocation-preview.ts';
import { toProblem } from '../problem.ts';
import { wireHeldHost } from './host.ts';
import { present } from './present.ts';

type Schemas = components['schemas'];

export function wireRevocationList({ record, list }: RevocationListView, now: Date): Schemas['RevocationList'] {
  const { thisUpdate, nextUpdate } = list;
  return {
    id: record.id,
    issuer: list.issuer,
    thisUpdate: thisUpdate.toISOString(),
    ...present('nextUpdate', nextUpdate?.toISOString()),
    stale: isStale(list, now),
    entries: list.revoked.size,
    storedAt: isoTime(record.storedAt),
    ...present('url', record.url),
  };
}

const shownHosts = 1000;
const shownSerials = 100;

function wireRevocationPreview(
  { id, list, replaced, denied, added, dropped, hosts }: RevocationPreview,
  now: Date,
): Schemas['RevocationListPreview'] {
  const { issuer, thisUpdate, nextUpdate } = list;
  return {
    id,
    issuer,
    thisUpdate: thisUpdate.toISOString(),
    ...present('nextUpdate', nextUpdate?.toISOString()),
    ...present('replaces', replaced?.thisUpdate.toISOString()),
    stale: isStale(list, now),
    denied,
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

export function wireImportedLists(answers: PerList<ImportedList>, now: Date): Schemas['ImportedRevocationLists'] {
  return {
    items: perList(answers, (imported) => ({
      list: { ...wireRevocationList(imported, now), hosts: imported.hosts },
    })),
  };
}

export function wireRevocationPreviews(
  answers: PerList<RevocationPreview>,
  now: Date,
): Schemas['RevocationListPreviews'] {
  return { items: perList(answers, (preview) => ({ preview: wireRevocationPreview(preview, now) })) };
}

/** In the order of the request. What is refused says as its instance where it stands there. */
function perList<Answer extends object, Wire>(
  answers: PerList<Answer>,
  wire: (answer: Answer) => Wire,
): (Wire | { problem: Schemas['Problem'] })[] {
  return answers.map((answer, index) =>
    'refused' in answer ? { problem: toProblem(answer.refused, `#/lists/${index}`).body } : wire(answer),
  );
}
