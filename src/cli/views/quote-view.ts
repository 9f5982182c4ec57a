// What became of a quote that was held against values and logs.
import type { AppliedQuirk, UserspaceOutcome } from '../../core/event-log/index.ts';
import type { PcrSelection } from '../../core/tpm/index.ts';
import { cliErrors } from '../errors.ts';
import { formatQuirk } from './event-log-view.ts';
import { describeBootFacts, formatBootFacts, type FactsView } from './facts/view.ts';
import { toJson } from '../json.ts';
import { formatPcrRows, type PcrRow } from './pcr-view.ts';
import type { Refusal, Report } from '../report.ts';
import { formatFacts, formatRanges } from '../table.ts';

type QuoteVerdict = 'accepted' | 'signature-only' | 'unexplained';

export interface QuoteReport {
  readonly verdict: QuoteVerdict;
  readonly selections: readonly PcrSelection[];
  readonly rows: readonly PcrRow[];
  readonly keyName?: string | undefined;
  /** Why the verdict is `unexplained` before any PCR could be compared. */
  readonly message?: string;
  readonly quirks?: readonly AppliedQuirk[] | undefined;
  readonly userspace?: UserspaceOutcome | undefined;
  /** What the quote proves of the boot: registers that differ from the log give nothing. */
  readonly facts?: FactsView | undefined;
}

export function reportQuote(quote: QuoteReport): Report {
  const { verdict, selections, rows, keyName, message, quirks = [], userspace, facts } = quote;
  const refusal = message === undefined ? refusalOf(rows) : unexplainedBecause(message);
  const outcome = refusal === undefined ? verdict : 'unexplained';
  const attributes = keyName === undefined ? 'unknown' : 'restricted';
  return {
    data: {
      verdict: outcome,
      signatureValid: true,
      nonceMatches: true,
      keyAttributes: attributes,
      keyName,
      pcrs: toJson(rows),
      quirks: toJson(quirks),
      userspace: toJson(userspace && { ...userspace, before: undefined }),
      ...(facts ? { facts: describeBootFacts(facts) } : {}),
    },
    lines: (paper) => [
      ...formatFacts(paper, [
        ['verdict', paper.tone(refusal !== undefined ? 'bad' : verdict === 'accepted' ? 'good' : 'warn', outcome)],
        ['proved', keyName === undefined ? provedSignatureOnly : proved],
        ['key name', keyName],
        ['PCRs', selections.map(({ bank, pcrs }) => `${bank}: ${formatRanges(pcrs)}`).join('; ')],
        ['userspace log', userspace && formatOutcome(userspace)],
        ...quirks.map((quirk) => ['quirk', formatQuirk(quirk)] as const),
        ['PCR values', rows.length > 0 ? undefined : 'not known: the quote is genuine, and its digest is all it says'],
      ]),
      ...(rows.length === 0 ? [] : ['', ...formatPcrRows(paper, rows)]),
      ...(facts ? ['', ...formatBootFacts(paper, facts)] : []),
    ],
    refusal,
  };
}

function formatOutcome({ records, confirmed, later, nvRecords }: UserspaceOutcome): string {
  const parts = [
    `${records} records`,
    `${confirmed} confirmed`,
    ...(later > 0 ? [`${later} not extended when quoted`] : []),
    ...(nvRecords > 0 ? [`${nvRecords} of NvPCRs, which no quote of PCRs covers`] : []),
  ];
  return parts.join(', ');
}

const proved = 'a TPM signed this quote over this nonce, with a restricted key that never leaves it';
const provedSignatureOnly =
  'the key signed this quote over this nonce; its attributes are unknown, so any program may have made it (give --public a TPM2B_PUBLIC)';

function refusalOf(rows: readonly PcrRow[]): Refusal | undefined {
  const wrong = rows.filter(({ status }) => status === 'mismatch').map(({ bank, pcr }) => `${pcr} (${bank})`);
  if (wrong.length === 0) return undefined;
  return unexplainedBecause(`the event log does not lead to the quoted value of PCR ${wrong.join(', ')}`);
}

function unexplainedBecause(message: string): Refusal {
  return { code: 'CLI_QUOTE_UNEXPLAINED', message, remedy: cliErrors.CLI_QUOTE_UNEXPLAINED.remedy };
}
