// An evidence bundle for people: what is proved, on whose word, and what the verdict says.
import { hashHex } from '../../core/crypto/index.ts';
import { printable, printableAgain } from '../../core/encoding/index.ts';
import type { BundleAppraisal, OpenedBundle } from '../../core/evidence-bundle/index.ts';
import type { Basis } from '../commands/verify-evidence.ts';
import { formatAudit, formatBeside } from './evidence-history-view.ts';
import { explainFinding } from './finding-view.ts';
import { shortId } from '../inputs/short-id.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { formatStatus, formatVerdict } from './verdict-view.ts';

export function formatEvidence(
  paper: Paper,
  bundle: OpenedBundle,
  appraisal: BundleAppraisal,
  { at, basis }: { readonly at: Date; readonly basis: Basis },
): string[] {
  const { manifest, kid, attestation, host, standing } = bundle;
  const { verdict, differences, unapproved } = appraisal;
  const isThen = at.getTime() === attestation.at.getTime();
  const { findings, ...outcome } = verdict;
  const told = findings.filter(({ severity }) => severity !== 'info');
  const asServer = paper.tone('warn', 'as the server saw it');
  return [
    ...formatFacts(paper, [
      ['bundle', paper.tone('good', 'whole: every part is as signed')],
      ['host', paper.tone('strong', printable(host.id))],
      ['server', printable(manifest.server)],
      [
        'signed by',
        `${printable(kid ?? '?')}${basis.server === 'own' ? '' : `, ${paper.tone('warn', "by the bundle's own word")} (no --jwks)`}`,
      ],
      ['exported', manifest.exportedAt.toISOString()],
      ...formatAudit(paper, bundle),
      ['endorser', host.endorser === undefined ? 'nobody' : printable(host.endorser.name)],
      ['anchors', basis.anchors === 'own' ? 'your own' : `${asServer} (no --anchors)`],
      ...(basis.anchors === 'own' ? [] : fingerprintsOf(bundle)),
      ['signers', basis.signers === 'own' ? 'your own' : `${asServer} (no --signers)`],
      [
        'appraised',
        isThen ? `at ${at.toISOString()}, as the server did` : `at ${at.toISOString()}, not when the server did`,
      ],
      [
        'same',
        differences.length === 0
          ? paper.tone('good', isThen ? 'yes, byte for byte' : 'yes, but for its times')
          : paper.tone('bad', `no: ${differences.join(', ')}`),
      ],
      ...formatBeside(paper, appraisal, bundle),
      ['at the export', standingText(paper, standing)],
    ]),
    ...unapproved.map(({ id, code }) => `${paper.tone('warn', 'not approved')} ${shortId(id)}… ${code}`),
    '',
    ...formatVerdict(paper, { ...outcome, findings: [] }),
    ...told.flatMap((finding) => ['', ...explainFinding(paper, finding)]),
  ];
}

const shownAnchors = 8;

function fingerprintsOf({ trust }: OpenedBundle): (readonly [string, string])[] {
  const rows = trust.anchors.slice(0, shownAnchors).map(({ name, certificate }) => {
    return ['', `${hashHex('sha256', certificate)} ${printable(name)}`] as const;
  });
  const rest = trust.anchors.length - rows.length;
  return rest > 0 ? [...rows, ['', `and ${rest} more: --json names them all`]] : rows;
}

function standingText(paper: Paper, { status, state, reasons }: OpenedBundle['standing']): string {
  const why = reasons.map(({ code, message }) => `; ${printableAgain(message)} (${printable(code)})`).join('');
  return `${formatStatus(paper, status)}, ${printable(state)}${why}`;
}
