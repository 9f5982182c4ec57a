// Claim 9 of `appraise`: nothing of the boot, of what ran, or of whoever vouches for the TPM is on a deny list.
import type { Denial, DenyRule, DenyRules, NamedGolden } from '../../deny/index.ts';
import { deniableGoldens, isInForceAt, rulesOfGolden } from '../../deny/index.ts';
import { counted } from '../../encoding/index.ts';
import type { Finding } from '../../verdict/index.ts';
import type { LogAppraisal } from '../appraise-log.ts';
import type { RuntimeOutcome } from './check-ima.ts';
import type { Trust } from '../evidence.ts';
import { createFinding } from '../finding.ts';

const check = 'denied';

/** A host chooses what it measures, and how many denied things: so many are told, the rest is counted. */
const maximumFindings = 32;

export interface DenialBasis {
  readonly trust: Pick<Trust, 'denied' | 'endorsers' | 'goldens'>;
  /** Undefined where signature or PCR values do not hold: then nothing is known of the boot, and it is refused for that. */
  readonly boot: Pick<LogAppraisal, 'deniedGoldens' | 'denials'> | undefined;
  readonly runtime: Pick<RuntimeOutcome, 'goldens'> | undefined;
  readonly at: Date;
}

/** Deny wins: over golden measurements, over policies that do not ask, and over those who vouch for the TPM. */
export function checkDenied({ trust, boot, runtime, at }: DenialBasis): readonly Finding[] {
  const { denied, endorsers = [], goldens } = trust;
  if (denied === undefined) return [];
  const matched = [...(boot?.deniedGoldens ?? []), ...(runtime?.goldens ?? []).map(({ id }) => id)];
  const found = [
    ...findingsOfEndorsers(endorsers, denied, at),
    ...(boot?.denials ?? []).map(findingOfDenial),
    ...(matched.length === 0 ? [] : deniableGoldens(goldens, denied))
      .filter(({ id }) => matched.includes(id))
      .flatMap((golden) => findingsOfGolden(golden, denied, at)),
  ];
  return found.length <= maximumFindings ? found : [...found.slice(0, maximumFindings), tellTheRest(found)];
}

function findingOfDenial({ kind, rule, observed, pcr, event }: Denial): Finding {
  return createFinding(kind === 'listed' ? 'DENIED_BY_LIST' : 'DENIED_UNPROVEN', {
    check,
    ...(pcr === undefined ? {} : { pcr }),
    ...(event === undefined ? {} : { event }),
    expected: nameOf(rule),
    observed,
    message: `${kind === 'listed' ? 'Denied' : 'Not shown to be free of what is denied'}: ${reasonOf(rule)}.`,
  });
}

function findingsOfGolden(golden: NamedGolden, denied: DenyRules, at: Date): readonly Finding[] {
  const { id } = golden;
  const { layer } = golden.statement;
  return rulesOfGolden(golden, denied)
    .filter((rule) => isInForceAt(rule, at))
    .map((rule) =>
      createFinding('DENIED_BY_LIST', {
        check,
        layer,
        golden: id,
        expected: nameOf(rule),
        observed: `golden measurement ${id}`,
        message: `The layer ${layer} matches a golden measurement that is denied: ${reasonOf(rule)}.`,
      }),
    );
}

function findingsOfEndorsers(endorsers: readonly string[], denied: DenyRules, at: Date): readonly Finding[] {
  return endorsers
    .flatMap((sha256) => denied.endorsements.get(sha256) ?? [])
    .filter((rule) => isInForceAt(rule, at))
    .map((rule) =>
      createFinding('DENIED_ENDORSER', {
        check,
        expected: nameOf(rule),
        observed: rule.denies.sha256,
        message: `What vouches for the TPM is denied: ${reasonOf(rule)}.`,
      }),
    );
}

function nameOf({ list, entry }: DenyRule): string {
  return `nothing of entry ${entry.id} of the deny list ${list}`;
}

function reasonOf({ entry: { reason, cves } }: DenyRule): string {
  return cves.length === 0 ? reason : `${reason} (${cves.join(', ')})`;
}

/** As bad as the worst of what it stands for. */
function tellTheRest(found: readonly Finding[]): Finding {
  const rest = found.slice(maximumFindings);
  const code = rest.some((finding) => finding.code === 'DENIED_BY_LIST') ? 'DENIED_BY_LIST' : 'DENIED_UNPROVEN';
  return createFinding(code, {
    check,
    message: `Held against the host: ${counted(rest.length, 'more entry', 'more entries')} of deny lists.`,
  });
}
