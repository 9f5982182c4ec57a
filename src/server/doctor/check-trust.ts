// What keeps hosts from being trusted, or weakens what trust means: said at start and by the doctor. None of it is an error of
// the program: a server without policy, goldens or operators answers, and denies. [PEERS T36]
import { counted } from '../../core/encoding/index.ts';
import { parseCertificate } from '../../core/x509/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { authorisedSigner } from '../golden/trust-cache.ts';
import type { AnchorRecord, Store, TokenRecord } from '../storage/index.ts';
import { checkBreakGlass } from './check-break-glass.ts';
import { checkEndorsementEnds } from './check-endorsement-ends.ts';
import { checkConflicts, checkDoors, checkEndorsement, checkEnrolment, checkRules } from './check-enrolment.ts';
import { checkSubscriptions, checkSyslog } from './check-events.ts';
import { checkGoldenEnds } from './check-golden-ends.ts';
import { checkGoldens, checkSigners, standActive } from './check-goldens.ts';
import { checkLockout } from './check-lockout.ts';
import { checkProtected } from './check-protected.ts';
import type { Check } from './check.ts';

export async function checkTrust(store: Store, config: ServerConfig, now: Date): Promise<readonly Check[]> {
  const [policies, signers, anchors, tokens, subscriptions] = await Promise.all([
    store.listPolicies(),
    store.listSigners(),
    store.listAnchors(),
    store.listTokensOfNoHost(),
    store.listSubscriptions(),
  ]);
  const { enrolment } = config;
  const goldens = await standActive(store, { signers: signers.map(authorisedSigner), config, now });
  const working = tokens.filter(
    ({ revokedAt, expiresAt }) => revokedAt === undefined && (expiresAt === undefined || expiresAt > now.getTime()),
  );
  return [
    checkPolicies(policies.length),
    ...checkGoldens(goldens),
    await checkGoldenEnds(store, goldens),
    ...checkSigners(signers, config),
    checkOperators(working, config),
    checkAnchors(anchors, enrolment, now),
    ...(await checkEndorsementEnds(store, now)),
    checkEndorsement(enrolment),
    checkEnrolment(enrolment),
    checkDoors(enrolment),
    checkRules(enrolment),
    checkConflicts(await store.listConflicts(), now),
    checkSubscriptions(subscriptions),
    checkSyslog(config),
    checkMonitoring(working, config),
    checkLockout(config, await store.findLockout(), now),
    await checkProtected(config, store),
    checkBreakGlass(config, await store.listOpenBreakGlass(now.getTime()), now),
  ];
}

function checkPolicies(policies: number): Check {
  return {
    name: 'policies',
    ok: policies > 0,
    severity: 'warning',
    message: policies > 0 ? counted(policies, 'policy', 'policies') : 'no policy: every host is denied',
    remedy: 'Apply one: `touchstone policy apply FILE`.',
  };
}

function checkOperators(tokens: readonly TokenRecord[], { auth }: ServerConfig): Check {
  const operators = tokens.filter(({ role }) => role === 'operator').length;
  const hasOperator = operators > 0 || auth.clients.some(({ role }) => role === 'operator');
  return {
    name: 'operators',
    ok: hasOperator,
    severity: 'error',
    message: hasOperator ? counted(operators, 'operator token') : 'no operator can log in: nothing can be approved',
    remedy:
      'Make a token on this machine: `touchstone server operator --data DIR --token-file FILE`, with the server stopped.',
  };
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

function checkAnchors(
  anchors: readonly AnchorRecord[],
  { allowUnverifiedEk }: ServerConfig['enrolment'],
  now: Date,
): Check {
  const inForce = anchors.filter(({ withdrawn, staged }) => withdrawn === undefined && !staged);
  const live = inForce.filter(({ certificate }) => parseCertificate(certificate).notAfter > now).length;
  return {
    name: 'anchors',
    ok: live > 0,
    severity: allowUnverifiedEk ? 'info' : 'warning',
    message: live > 0 ? counted(live, 'trust anchor') : 'no trust anchor: no TPM can enrol with a verified certificate',
    remedy: 'Import the roots of your TPMs: `touchstone trust-anchor import`.',
  };
}
