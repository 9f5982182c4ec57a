// What a change would do to the fleet, for people: what it would lose that is protected, what would be held, and then the groups.
import type { components } from '../../api/index.ts';
import { counted, nameSome, printable, printableAgain } from '../../core/encoding/index.ts';
import { describeBroughtBack } from './brought-back-view.ts';
import { formatLosses } from './protected-view.ts';
import { shortId } from '../inputs/short-id.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';

type WhatIf = components['schemas']['WhatIf'];
type Group = WhatIf['groups'][number];
type Ending = components['schemas']['WhatIfEnding'];

const verbs = {
  lost: 'would lose trust',
  gained: 'would gain trust',
  'still-refused': 'would stay refused',
  'still-trusted': 'would stay trusted',
} as const;
const tones = { lost: 'bad', gained: 'good', 'still-refused': 'warn', 'still-trusted': 'dim' } as const;
const ends = { retired: 'would match no host any more', revoked: 'would be revoked', expired: 'would have run out', lapsed: 'would have too few signatures' } as const; // prettier-ignore
const shownHosts = 8;

export function formatWhatIf(paper: Paper, whatIf: WhatIf): string[] {
  const { at, hosts, groups, furtherGroups, unknown, policies, broughtBack, protectedLosses, lockout } = whatIf;
  const blocks = groups.map((group) => [
    '',
    paper.tone(tones[group.kind], headingOf(group)),
    ...formatFacts(paper, [
      ...factsOf(group),
      ['  now', describeNow(group)],
      ['  hosts', nameSome(group.hosts, shownHosts, group.count)],
    ]),
  ]);
  const silent = unknown.map(
    ({ code, count, hosts: members }) =>
      `${count} unknown (${printable(code)}): ${nameSome(members, shownHosts, count)}`,
  );
  return [
    `${counted(hosts, 'host')}, asked about ${at}; nothing was changed`,
    ...policies.map(({ id, hosts: judged }) => {
      const line = `${judged} of them under the policy ${printable(id)}`;
      return judged > 0 ? line : `${paper.tone('warn', line)}: none is selected, or a more specific policy wins`;
    }),
    ...broughtBack.flatMap(({ goldenId, bringsBack }) =>
      describeBroughtBack(paper, { layer: shortId(goldenId), bringsBack }),
    ),
    ...formatEnds(whatIf),
    ...formatProtection(paper, protectedLosses),
    ...(lockout === undefined ? [] : formatLockout(paper, lockout)),
    ...blocks.flat(),
    ...(furtherGroups === 0
      ? []
      : ['', `and ${counted(furtherGroups, 'smaller group')} (--json names them no more than this)`]),
    ...(silent.length === 0 ? [] : ['', ...silent]),
  ];
}

/** What is in force was held against what is in force: whoever is trusted by a verdict from before is not refused yet. */
function headingOf({ kind, count, trustedNow }: Group): string {
  if (kind !== 'still-refused' || trustedNow === undefined) return `${count} ${verbs[kind]}`;
  return trustedNow.count === count ? `${count} would be refused, and are trusted now` : `${count} would be refused, ${trustedNow.count} of them are trusted now`; // prettier-ignore
}

/** What becomes of a verdict is the change's to say where hosts are lost; said here is what nobody would expect. */
function describeNow({ kind, count, trustedNow }: Group): string | undefined {
  if (kind === 'still-refused' && trustedNow !== undefined) {
    const { until, dueBy } = trustedNow;
    const due = dueBy === undefined ? '' : `, the last of which is due by ${dueBy}`;
    return `trusted by verdicts from before, until their next attestations${due}; no verdict holds beyond ${until}`;
  }
  const waiting = count - (trustedNow?.count ?? 0);
  if (kind !== 'still-trusted' || waiting === 0) return undefined;
  return `${waiting} of them are not trusted now, whatever they booted: 'touchstone host list' says which`;
}

/** What rests on what the change takes away, whatever becomes of it. */
function formatEnds({ withdrawnAnchors = [], lapsed }: WhatIf): string[] {
  const anchors = withdrawnAnchors.map(({ anchorId, name, count, hosts }) => {
    const anchor = `trust anchor ${printable(name)} (${anchorId.slice(0, 16)})`;
    if (count === 0) return `${anchor} vouches for no host`;
    return `${anchor} vouches for ${counted(count, 'host')}, whose verdicts end at once: ${nameSome(hosts, shownHosts, count)}`;
  });
  return lapsed === undefined ? anchors : [...anchors, ...formatLapse(lapsed)];
}

function formatLapse(lapsed: readonly string[]): string[] {
  if (lapsed.length === 0) return ['every golden measurement in force has enough signatures without it'];
  const count = counted(lapsed.length, 'golden measurement');
  return [`${count} would have too few signatures, and nothing would match them until others sign:`, ...lapsed.map((id) => `  ${shortId(id)}`)]; // prettier-ignore
}

/** Why. Where something ended, how the hosts differ from what is left says nothing about them. */
function factsOf({ reason, ended }: Group): readonly (readonly [string, string | undefined])[] {
  if (ended !== undefined) {
    return [
      ['  because', describeEnded(ended)],
      ['  refused as', reason && printable(reason.code)],
    ];
  }
  return [
    ['  because', reason && `${printable(reason.code)}: ${printableAgain(reason.message)}`],
    ['  expected', reason?.expected && printableAgain(reason.expected)],
    ['  observed', reason?.observed && printableAgain(reason.observed)],
  ];
}

function describeEnded(ended: readonly Ending[]): string {
  const each = ended.map(({ goldenId, name, end }) => `${printable(name)} (${shortId(goldenId)}) ${ends[end]}`);
  const layer = ended[0]?.layer ?? '';
  const ran = layer === 'runtime' ? 'ran' : 'booted';
  return `golden measurement ${each.join(', ')}; nothing else in force matches what these hosts ${ran} (layer ${layer})`;
}

function formatProtection(paper: Paper, losses: WhatIf['protectedLosses']): string[] {
  if (losses.length === 0) return [];
  const hint = '  the change is refused because of them, unless it is made with --include-protected';
  return ['', ...formatLosses(paper, losses), hint];
}

/** Nothing is said where nobody would lose trust by golden measurements or policies. */
function formatLockout(
  paper: Paper,
  { outcome, holdable, held, until = '' }: NonNullable<WhatIf['lockout']>,
): string[] {
  if (holdable === 0) return [];
  const none = {
    off: 'lockout protection is off',
    few: `${holdable} that lose trust by it are too few to begin a hold`,
    'not-ended': 'the last hold ran out and no operator ended it (touchstone lockout end)',
    'just-ended': 'an operator ended a hold just now, and another begins only after the window',
  } as const;
  const line =
    outcome === 'begins' || outcome === 'in-force'
      ? `lockout protection would hold ${held} of them, until ${until} at most, if they attest within the window`
      : `lockout protection would hold none of them: ${none[outcome]}`;
  return ['', paper.tone(held > 0 ? 'warn' : 'dim', line)];
}
