// What keeps hosts from being trusted, or weakens what trust means: said at start and by the doctor. None of it is an error of
// the program: a server without policy, goldens or operators answers, and denies. [PEERS T36]
import { counted } from '../core/encoding/index.ts';
import { MalformedError } from '../core/error.ts';
import { endsSoon, parseGoldenStatement, type GoldenStatement } from '../core/golden/index.ts';
import { parseCertificate } from '../core/x509/index.ts';
import type { ServerConfig } from './config/config.ts';
import { checkConflicts, checkDoors, checkEnrolment, checkRules } from './enrolment-checks.ts';
import { checkEndings } from './endings.ts';
import { checkSubscriptions, checkSyslog } from './event-checks.ts';
import { checkBreakGlass } from './break-glass/break-glass-check.ts';
import { viewGolden } from './golden/approve.ts';
import { authorisedSigner } from './golden/trust-cache.ts';
import { checkLockout } from './lockout/lockout-check.ts';
import { checkProtected } from './lockout/protected-check.ts';
import type { GoldenRecord, Store, TokenRecord } from './storage/index.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** How bad it is when it is not ok. */
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly remedy: string;
}

type Facts = Omit<Check, 'ok'> & { readonly ok: boolean };

export async function checkTrust(store: Store, config: ServerConfig, now: Date): Promise<readonly Check[]> {
  const [policies, goldens, signers, anchors, tokens, subscriptions] = await Promise.all([
    store.listPolicies(),
    store.listGoldensByState('active'),
    store.listSigners(),
    store.listAnchors(),
    store.listTokens(),
    store.listSubscriptions(),
  ]);
  const people = new Set(signers.map(({ name }) => name)).size;
  const keys = signers.map(authorisedSigner);
  const short = goldens.filter((golden) => viewGolden(golden, keys).signatures.length < config.goldenQuorum);
  const working = tokens.filter(
    ({ revokedAt, expiresAt }) => revokedAt === undefined && (expiresAt === undefined || expiresAt > now.getTime()),
  );
  const operators = working.filter(({ role }) => role === 'operator');
  const { goldenQuorum, enrolment } = config;
  const hasOperator = operators.length > 0 || config.auth.clients.some(({ role }) => role === 'operator');
  const facts: Facts[] = [
    {
      name: 'policies',
      ok: policies.length > 0,
      severity: 'warning',
      message: policies.length > 0 ? counted(policies.length, 'policy', 'policies') : 'no policy: every host is denied',
      remedy: 'Apply one: `touchstone policy apply FILE`.',
    },
    {
      name: 'goldens',
      ok: goldens.length > short.length,
      severity: 'warning',
      message:
        goldens.length > short.length
          ? `${goldens.length - short.length} active`
          : 'no active golden measurement: every host is denied',
      remedy: 'Capture one from a good host, sign and propose it: `touchstone golden capture HOST`.',
    },
    {
      name: 'golden-signatures',
      ok: short.length === 0,
      severity: 'warning',
      message:
        short.length === 0
          ? 'enough of the signers have signed what is active'
          : `nothing matches ${counted(short.length, 'golden measurement')} any more: too few signatures`,
      remedy: 'Have them signed: `touchstone golden approve --proposed --key KEY`.',
    },
    checkEnds(goldens, now),
    {
      name: 'signers',
      ok: people >= goldenQuorum,
      severity: 'warning',
      message: `${counted(people, 'signer')}; ${goldenQuorum} must sign a golden measurement`,
      remedy: 'Authorise signers: `touchstone signer add`.',
    },
    {
      name: 'quorum',
      ok: goldenQuorum >= 2,
      severity: 'warning',
      message:
        goldenQuorum >= 2
          ? `${goldenQuorum} operators approve together`
          : 'allowSingleOperator: one operator approves golden measurements alone',
      remedy: 'In production set goldenQuorum: 2 and remove allowSingleOperator.',
    },
    {
      name: 'operators',
      ok: hasOperator,
      severity: 'error',
      message: hasOperator
        ? counted(operators.length, 'operator token')
        : 'no operator can log in: nothing can be approved',
      remedy:
        'Make a token on this machine: `touchstone server operator --data DIR --token-file FILE`, with the server stopped.',
    },
    checkAnchors(
      anchors
        .filter(({ withdrawn, staged }) => withdrawn === undefined && !staged)
        .map(({ certificate }) => parseCertificate(certificate).notAfter),
      enrolment,
      now,
    ),
    ...(await checkEndings(store, now)),
    {
      name: 'endorsement',
      ok: !enrolment.allowUnverifiedEk,
      severity: 'warning',
      message: enrolment.allowUnverifiedEk
        ? 'enrolment.allowUnverifiedEk is set, so software may call itself a TPM'
        : 'TPMs must be vouched for by their makers',
      remedy: 'Remove enrolment.allowUnverifiedEk when the roots of your TPMs are trust anchors.',
    },
    checkEnrolment(enrolment),
    checkDoors(enrolment),
    checkRules(enrolment),
    checkConflicts(await store.listConflicts(), now),
  ];
  return [
    ...facts,
    checkSubscriptions(subscriptions),
    checkSyslog(config),
    checkMonitoring(working, config),
    checkLockout(config, await store.findLockout(), now),
    await checkProtected(config, store),
    checkBreakGlass(config, await store.listOpenBreakGlass(now.getTime()), now),
  ];
}

/** No weakness: whoever needs no metrics has none. */
function checkMonitoring(tokens: readonly TokenRecord[], { auth }: ServerConfig): Check {
  const scrapers = [...tokens, ...auth.clients].filter(({ role }) => role === 'monitor').length;
  return {
    name: 'monitoring',
    ok: true,
    severity: 'info',
    message:
      scrapers > 0
        ? `${scrapers} may read metrics`
        : 'nobody has the role monitor: docs/metrics.md has alerts to begin with',
    remedy: 'Make a token for what scrapes: `touchstone token create NAME --role monitor`.',
  };
}

/** Goldens end quietly: the day after, the hosts that rest on them are denied. */
function checkEnds(goldens: readonly GoldenRecord[], now: Date): Check {
  const statements = goldens.flatMap(({ payload }) => readStatement(payload));
  const ended = statements.filter(({ notAfter }) => notAfter !== undefined && notAfter <= now).length;
  const soon = statements.filter((statement) => endsSoon(statement, now)).length;
  return {
    name: 'golden-ends',
    ok: soon === 0,
    severity: 'warning',
    message:
      soon > 0
        ? `${counted(soon, 'golden measurement')} to end within two weeks`
        : `none ends within two weeks (${ended} ended)`,
    remedy:
      'Sign their layers again with a later end: `touchstone golden list`, `touchstone golden draft --not-after DATE`.',
  };
}

function readStatement(payload: Uint8Array): readonly GoldenStatement[] {
  try {
    return [parseGoldenStatement(payload)];
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}

function checkAnchors(ends: readonly Date[], { allowUnverifiedEk }: ServerConfig['enrolment'], now: Date): Check {
  const live = ends.filter((end) => end > now).length;
  return {
    name: 'anchors',
    ok: live > 0,
    severity: allowUnverifiedEk ? 'info' : 'warning',
    message: live > 0 ? counted(live, 'trust anchor') : 'no trust anchor: no TPM can enrol with a verified certificate',
    remedy: 'Import the roots of your TPMs: `touchstone trust-anchor import`.',
  };
}
