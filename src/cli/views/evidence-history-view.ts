// What a bundle says beside its verdict, for people: what the audit log has of it, what has ended, and what operators decided.
import { counted, encodeHex, printable, printableAgain } from '../../core/encoding/index.ts';
import type { BundleAppraisal, EndOfTrust, LoggedEntry, OpenedBundle } from '../../core/evidence-bundle/index.ts';
import { shortId } from '../inputs/short-id.ts';
import type { Paper } from '../terminal.ts';

type Fact = readonly [string, string | undefined];

/** Rows of facts. A bundle of before the log was in it says so. */
export function formatAudit(paper: Paper, { audit, account, host, attestation }: OpenedBundle): readonly Fact[] {
  if (audit === undefined || account === undefined) {
    return [['audit log', paper.tone('warn', 'nothing of it: the bundle was made by an earlier version')]];
  }
  const { checkpoint, entries } = audit;
  const { enrolled, approved, acknowledged } = account;
  const since = entries.filter(({ subject, at }) => subject === host.id && at > attestation.at);
  const log = `${counted(checkpoint.size, 'entry', 'entries')} with root ${encodeHex(checkpoint.root).slice(0, 16)}…`;
  return [
    [
      'audit log',
      `${paper.tone('good', `${counted(entries.length, 'entry', 'entries')}, each proved`)} to be among ${log}`,
    ],
    [
      'enrolled',
      enrolled === undefined ? paper.tone('bad', 'no entry says so of this TPM and key') : placeOf(enrolled),
    ],
    ['approved', approved && `${placeOf(approved)}, by ${printable(approved.actor)}`],
    [
      'in the log',
      acknowledged === undefined
        ? paper.tone('bad', 'no entry has this verdict')
        : `${placeOf(acknowledged.entry)}${acknowledged.isOwn ? '' : ', which the verdict repeats'}`,
    ],
    ...since.slice(-shownEntries).map((entry, index): Fact => [index === 0 ? 'since then' : '', describe(entry)]),
  ];
}

const shownEntries = 6;
const shownEnds = 8;

/** Rows about the moment that is asked about. */
export function formatBeside(
  paper: Paper,
  { ended, quarantine, grant }: BundleAppraisal,
  { claimedVerdict }: Pick<OpenedBundle, 'claimedVerdict'>,
): readonly Fact[] {
  const rested = JSON.stringify([claimedVerdict['layers'], claimedVerdict['furtherGoldens']]);
  const told = [...ended].sort((left, right) => Number(rested.includes(right.id)) - Number(rested.includes(left.id)));
  const ends = told.slice(0, shownEnds).map((end, index): Fact => {
    const matters = rested.includes(end.id) || end.what === 'anchor';
    return [index === 0 ? 'ended' : '', paper.tone(matters ? 'bad' : 'dim', describeEnd(end))];
  });
  const rest = told.length - ends.length;
  return [
    ...ends,
    ...(rest > 0 ? [['', `and ${rest} more: --json names them all`] as const] : []),
    ['quarantine', quarantine && paper.tone('bad', describeQuarantine(quarantine))],
    ['break-glass', grant && paper.tone('warn', describeGrant(grant))],
  ];
}

/** `golden sha256:1234… was revoked at 2026-11-25T12:00:00.000Z: bad shim`. */
export function describeEnd({ what, id, end, at, reason }: EndOfTrust): string {
  const name = `${what} ${shortId(id)}…`;
  const how = { expired: 'ends', 'not-begun': 'begins', retired: 'was retired', revoked: 'was revoked', withdrawn: 'was withdrawn' }; // prettier-ignore
  return `${name} ${how[end]} at ${at.toISOString()}: ${printableAgain(reason)}`;
}

function describeQuarantine({ id, reason, by, until, liftedAt }: NonNullable<BundleAppraisal['quarantine']>) {
  const end =
    liftedAt === undefined ? (until?.toISOString() ?? 'it is lifted') : `it was lifted, ${liftedAt.toISOString()}`;
  return `${printableAgain(reason)} (${id}, by ${printable(by)}, until ${end}): admission was denied`;
}

function describeGrant({ statement, status, until, reason, ticket, signers }: NonNullable<BundleAppraisal['grant']>) {
  const who = signers.map((name) => printable(name)).join(', ');
  const what = `${printable(reason)} (${printable(ticket)}, ${shortId(statement)}…)`;
  return `admitted as ${status} until ${until.toISOString()}, signed by ${who}: ${what}`;
}

function placeOf({ sequence, at }: LoggedEntry): string {
  return `${at.toISOString()}, entry ${sequence}`;
}

function describe(entry: LoggedEntry): string {
  const { action, actor, details } = entry;
  const told = ['status', 'code', 'reason'].map((name) => details[name]).find((value) => typeof value === 'string');
  return `${placeOf(entry)}: ${action}${told === undefined ? '' : ` ${printableAgain(told)}`} (${printable(actor)})`;
}
