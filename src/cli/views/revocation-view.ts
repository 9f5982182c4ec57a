// Revocation lists, for people: those that are stored, and what one would end: what is new on it, and the hosts, with what is said of them now.
import type { components } from '../../api/index.ts';
import { counted, nameSome, printable } from '../../core/encoding/index.ts';
import { shortId } from '../inputs/short-id.ts';
import { nameGround } from './ground-view.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { formatStatus } from './verdict-view.ts';

export type RevocationListView = components['schemas']['RevocationList'];
export type RevocationPreview = components['schemas']['RevocationListPreview'];

/** Of a list that is imported: what it does beside what it names. */
export const staleWarning =
  'it is past its end: until a newer one is imported, each host whose TPM is of this issuer is denied at its next attestation';

const shownSerials = 8;
const listColumns = ['id', 'issuer', 'made', 'next', 'revoked', 'fetched from'];
const columns = ['host', 'status', 'verdict until', 'revoked certificate', 'serial'];

export function formatRevocationLists(paper: Paper, lists: readonly RevocationListView[]): string[] {
  const rows = lists.map(({ id, issuer, thisUpdate, nextUpdate, stale, entries, url }) => {
    const next = nextUpdate?.slice(0, 10) ?? 'never';
    return [
      shortId(id),
      printable(issuer),
      thisUpdate.slice(0, 10),
      stale ? `${next} (stale)` : next,
      String(entries),
      printable(url ?? '-'),
    ];
  });
  return formatTable(paper, listColumns, rows);
}

export function formatRevocationPreview(paper: Paper, preview: RevocationPreview): string[] {
  const { issuer, thisUpdate, entries, hosts, trusted, items } = preview;
  const lost =
    hosts === 0
      ? 'no host rests on what it revokes'
      : `${counted(hosts, 'host')} would lose ${hosts === 1 ? 'its' : 'their'} endorsement and verdict at once, ${trusted} of them trusted now`;
  const rows = items.map(({ host, status, verdictExpiresAt, certificate, ...ground }) => [
    printable(host),
    `${formatStatus(paper, status)}${nameGround(ground)}`,
    verdictExpiresAt ?? '-',
    printable(certificate.subject) || '-',
    certificate.serial,
  ]);
  return [
    `${printable(issuer)}, list of ${thisUpdate}: ${counted(entries, 'certificate')} revoked`,
    ...describeNews(preview),
    paper.tone(hosts > 0 ? 'bad' : 'dim', lost),
    ...(rows.length === 0 ? [] : formatTable(paper, columns, rows)),
    ...(hosts > items.length ? [`and ${hosts - items.length} more`] : []),
  ];
}

function describeNews({
  replaces,
  stale,
  denied,
  added,
  addedCount,
  dropped,
  droppedCount,
}: RevocationPreview): string[] {
  const since = replaces === undefined ? 'the first list of this issuer' : `the stored list is of ${replaces}`;
  const serials = (some: RevocationPreview['added'], count: number): string =>
    nameSome(
      some.map(({ serial }) => serial),
      shownSerials,
      count,
    );
  return [
    addedCount === 0 ? `nothing new on it (${since})` : `${addedCount} new (${since}): ${serials(added, addedCount)}`,
    ...(droppedCount === 0 ? [] : [`${droppedCount} no longer on it: ${serials(dropped, droppedCount)}`]),
    ...(stale
      ? [`${staleWarning} (${denied === 0 ? 'no host that is not denied for that now' : counted(denied, 'host')})`]
      : []),
  ];
}
