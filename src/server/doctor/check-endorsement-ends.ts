// What vouches for TPMs ends quietly: lists go stale, certificates end. Said before hosts are denied for it.
import { counted } from '../../core/encoding/index.ts';
import { parseDenyEnvelope } from '../../core/deny/index.ts';
import { parseCertificate, parseCrl } from '../../core/x509/index.ts';
import type { Check } from './check.ts';
import type { DenyListRecord, Store } from '../storage/index.ts';

const soonMs = 30 * 86_400_000;

export async function checkEndorsementEnds(store: Store, now: Date): Promise<readonly Check[]> {
  const [anchors, intermediates, lists, denyLists] = await Promise.all([
    store.listAnchors(),
    store.listIntermediates(),
    store.listRevocationLists(),
    store.listDenyLists(),
  ]);
  const live = anchors.filter(({ withdrawn, staged }) => withdrawn === undefined && !staged);
  return [
    checkLists(
      lists.map(({ list }) => parseCrl(list)),
      now,
    ),
    checkDenyLists(denyLists, now),
    checkCertificates('anchor-ends', 'trust anchor', live, now),
    checkCertificates('intermediate-ends', 'intermediate', intermediates, now),
  ];
}

function checkLists(
  lists: readonly { readonly issuer: string; readonly nextUpdate: Date | undefined }[],
  now: Date,
): Check {
  const stale = lists.filter(({ nextUpdate }) => nextUpdate === undefined || nextUpdate < now);
  return {
    name: 'revocation-lists',
    ok: stale.length === 0,
    severity: 'warning',
    message:
      stale.length > 0
        ? `${stale.length} of ${counted(lists.length, 'revocation list')} stale, first that of ${stale[0]?.issuer ?? ''}`
        : `${counted(lists.length, 'revocation list')}, none stale`,
    remedy: 'Import the current ones: `touchstone crl list`, `touchstone crl import`; or let the server fetch them.',
  };
}

/** An overdue list goes on denying; what was found since is not on it. */
function checkDenyLists(records: readonly DenyListRecord[], now: Date): Check {
  const standing = records.filter(({ removed }) => removed === undefined);
  const overdue = standing.filter(({ envelope }) => {
    const { nextIssue } = parseDenyEnvelope(envelope).untrustedList;
    return nextIssue !== undefined && nextIssue <= now;
  });
  return {
    name: 'deny-lists',
    ok: overdue.length === 0,
    severity: 'warning',
    message:
      overdue.length > 0
        ? `${overdue.length} of ${counted(standing.length, 'deny list')} overdue, first ${overdue[0]?.name ?? ''}`
        : `${counted(standing.length, 'deny list')}, none overdue`,
    remedy: 'Import their next issue: `touchstone deny list`, `touchstone deny import`.',
  };
}

function checkCertificates(
  name: string,
  what: string,
  stored: readonly { readonly certificate: Uint8Array }[],
  now: Date,
): Check {
  const ending = stored
    .map(({ certificate }) => parseCertificate(certificate))
    .filter(({ notAfter }) => notAfter.getTime() < now.getTime() + soonMs)
    .toSorted((left, right) => left.notAfter.getTime() - right.notAfter.getTime());
  const [first] = ending;
  return {
    name,
    ok: first === undefined,
    severity: 'warning',
    message:
      first === undefined
        ? `no ${what} ends within 30 days`
        : `${counted(ending.length, what)} to end within 30 days, or past the end: first ${first.subject} on ${first.notAfter.toISOString()}`,
    remedy: 'Ask the maker for the certificates that follow, and import them before these end.',
  };
}
