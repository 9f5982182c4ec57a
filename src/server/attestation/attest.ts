// Attestation: evidence in, verdict out. The verdict is made by the core alone; this file brings what the server's records say
// of the host, spends the challenge, and answers only after verdict, evidence and audit entry are durable.
import { appraise, type AppraisalPolicy, type Evidence, type Trust } from '../../core/appraisal/index.ts';
import { AttestationError } from '../../core/error.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { endorsersOf, judgePlatform, standingOf, type Standing } from '../../core/endorsement/index.ts';
import { parseAttest, recallAttestationKey, type BootState } from '../../core/tpm/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import { clockToleranceMs } from '../clock.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { circumstancesOf } from '../evidence/circumstances.ts';
import { selectPolicy } from '../trust/select-policy.ts';
import type { TrustInForce } from '../golden/trust-cache.ts';
import type {
  ChallengeRecord,
  EvidenceRecord,
  HostRecord,
  IssuedAkCertificate,
  RecordOutcome,
  VerdictRecord,
} from '../storage/index.ts';
import { advanceByEvidence } from '../rollout/rollout.ts';
import { goldensFor } from '../rollout/stages.ts';
import { renewEndorsement } from '../trust/endorsement.ts';
import { renewAkCertificate } from './ak-certificate.ts';
import { findActiveHost, qualifyingDataOf, type OpenedChallenge } from './challenge.ts';
import { drawNextChallenge } from './next-challenge.ts';
import { quarantineReason } from './host-verdict.ts';
import { nextAttestationSeconds } from './return-time.ts';
import {
  completeEvidence,
  evidenceOf,
  evidenceRecord,
  type SubmittedEvidence,
  type WholeEvidence,
} from './submitted-evidence.ts';
import { foreseeGround, type Ground } from './view-verdict.ts';
import { auditOfVerdict } from './verdict-audit.ts';
import type { VerdictReason } from './verdict-reasons.ts';

/** How often an appraisal is done again because something it rested on changed meanwhile. */
const maximumAttempts = 5;

export interface Attested {
  readonly verdict: Verdict;
  /** Why it counts for nothing: operators set the host aside. */
  readonly quarantine: VerdictReason | undefined;
  /** The next certificate of the attestation key, DER, where one was due. */
  readonly akCertificate: Uint8Array | undefined;
  /** When the host shall attest again, in seconds from now. */
  readonly nextAttestationSeconds: number;
  /** What the next attestation answers; undefined where the host has to ask for it. */
  readonly next: OpenedChallenge | undefined;
}

/** @throws ServerError HOST_*, CHALLENGE_*, REQUEST_CONFLICT, SERVER_BUSY. A host that is not trusted is no error: that is a verdict. */
export async function attest(context: ServerContext, hostId: string, submitted: SubmittedEvidence): Promise<Attested> {
  const challenge = await findOpenChallenge(context, hostId, submitted.challengeId);
  // Nothing was begun for it. Refused here, it is not spent.
  if (challenge.rides) context.gate.admitNew();
  try {
    const evidence = await completeEvidence(context, challenge, submitted);
    for (let attempt = 0; attempt < maximumAttempts; attempt += 1) {
      const { outcome, attested } = await appraiseOnce(context, challenge, evidence);
      if (outcome === 'recorded') return attested;
      if (outcome === 'challenge-spent') throw new ServerError('CHALLENGE_NOT_FOUND');
    }
    throw new ServerError('REQUEST_CONFLICT');
  } catch (error) {
    // Whatever went wrong, the nonce has had its use.
    await context.store.spendChallenge(hostId, challenge.id).catch((cause: unknown) => {
      context.log.error({ err: cause, host: hostId }, 'a challenge could not be spent; it expires by itself');
    });
    throw error;
  }
}

async function findOpenChallenge({ store, now }: ServerContext, hostId: string, id: string): Promise<ChallengeRecord> {
  const challenge = await store.findChallenge(hostId, id);
  if (challenge === undefined) throw new ServerError('CHALLENGE_NOT_FOUND');
  const at = now().getTime();
  // Drawn by a clock that is ahead of this one: a quote of before would count from now on.
  const isAhead = challenge.drawnAt > at + clockToleranceMs;
  if (isAhead || at >= challenge.expiresAt) {
    await store.spendChallenge(hostId, id);
    throw new ServerError('CHALLENGE_EXPIRED', isAhead ? 'it was drawn at a time that is still to come' : undefined);
  }
  return challenge;
}

/** What one appraisal rests on: read before it, and held against what the store has when its verdict is recorded. */
interface Subject {
  readonly challenge: ChallengeRecord;
  readonly trust: TrustInForce;
  readonly host: HostRecord;
  readonly previous: VerdictRecord | undefined;
  readonly evidence: Evidence;
  readonly qualifyingData: Uint8Array;
  readonly standing: Standing;
  readonly policy: AppraisalPolicy | undefined;
  readonly at: Date;
}

async function appraiseOnce(
  context: ServerContext,
  challenge: ChallengeRecord,
  submitted: WholeEvidence,
): Promise<{ readonly attested: Attested; readonly outcome: RecordOutcome }> {
  const subject = await readSubject(context, challenge, submitted);
  const { trust, host, policy, standing, at } = subject;
  const verdict = judge(context, subject);
  checkStillAsked(challenge, verdict);
  const seconds = nextAttestationSeconds(verdict, { load: context.gate.load(), random: context.random });
  const akCertificate = await renewAkCertificate(context, host, { verdict, standing, trust, at });
  const ground = await foreseeGround(context, host, { verdict, at });
  const evidence = evidenceRecord(submitted, subject);
  const boot = acceptedBoot(verdict, submitted.attest);
  const dueAt = at.getTime() + seconds * 1000;
  // Only to a host whose quote was fresh, of its key, and of no boot that was over.
  const next = boot && drawNextChallenge(context, { host, policy, evidence, at: at.getTime(), dueAt });
  const outcome = await record(context, subject, { verdict, evidence, boot, next, dueAt, akCertificate, ground });
  const attested = {
    verdict,
    quarantine: quarantineReason(host, at),
    akCertificate: akCertificate?.der,
    nextAttestationSeconds: seconds,
    next,
  };
  return { attested, outcome };
}

/** @throws ServerError HOST_*, CHALLENGE_NOT_FOUND */
async function readSubject(
  context: ServerContext,
  challenge: ChallengeRecord,
  submitted: WholeEvidence,
): Promise<Subject> {
  const { config } = context;
  const { hostId, epoch } = challenge;
  // The revision is read before everything that rises with it: what changes in between makes the record outdated.
  const trust = await context.trust.current();
  const host = await renewEndorsement(context, await findActiveHost(context, hostId));
  if (host.epoch !== epoch) throw new ServerError('CHALLENGE_NOT_FOUND');
  const previous = await context.store.findVerdict(hostId);
  const at = context.now();
  const memory = context.memory.certificates;
  return {
    challenge,
    trust,
    host,
    previous,
    evidence: evidenceOf(submitted),
    qualifyingData: qualifyingDataOf(config.serverId, host, challenge),
    standing: standingOf(host, trust, { rules: config.enrolment, at, memory }),
    policy: selectPolicy(trust.policies, host)?.policy,
    at,
  };
}

interface Judged {
  readonly verdict: Verdict;
  readonly evidence: EvidenceRecord;
  readonly boot: BootState | undefined;
  readonly next: OpenedChallenge | undefined;
  readonly dueAt: number;
  readonly akCertificate: IssuedAkCertificate | undefined;
  readonly ground: Ground | undefined;
}

/** Verdict, evidence and audit entry in one transaction, unless what the verdict rests on changed meanwhile; then who waits for it. */
async function record(context: ServerContext, subject: Subject, judged: Judged): Promise<RecordOutcome> {
  const { challenge, trust, host, previous, at } = subject;
  const { verdict, evidence, boot, next, dueAt, akCertificate, ground } = judged;
  const { epoch, enrolledAt, labels, verdictSequence } = host;
  const storing = performance.now();
  const outcome = await context.store.recordAttestation({
    challengeId: challenge.id,
    hostId: challenge.hostId,
    basis: { epoch, enrolledAt, labels, verdictSequence, trustRevision: trust.revision },
    verdict,
    evidence,
    circumstances: circumstancesOf(context, subject),
    quoteVerified: verdict.boot !== undefined,
    next: next?.challenge,
    boot,
    keepEvidence: context.config.attestation.keepEvidence,
    dueAt,
    akCertificate,
    audit: auditOfVerdict(verdict, { host, previous, at, ground }),
  });
  context.metrics.stored((performance.now() - storing) / 1000);
  if (outcome === 'recorded') {
    context.metrics.attested(verdict);
    await advanceByEvidence(context, trust.rollouts, verdict);
    await context.lockout.note(host, verdict, previous);
  }
  return outcome;
}

/** A challenge that rode is answered long after: the policy may ask for other PCRs by then, and the host cannot know.
 * @throws ServerError CHALLENGE_EXPIRED */
function checkStillAsked({ rides }: ChallengeRecord, { findings }: Verdict): void {
  const isOutdated = findings.some(({ code }) => code === 'QUOTE_PCR_MISSING' || code === 'QUOTE_BANK_MISSING');
  if (rides && isOutdated) throw new ServerError('CHALLENGE_EXPIRED', 'the policy asks for other PCRs by now');
}

/** A failure of the verifier itself is a verdict too, and never a good one: it takes the place of the last good one. [PEERS T7] */
function judge(context: ServerContext, subject: Subject): Verdict {
  const { log, metrics } = context;
  const { evidence, host, at } = subject;
  const begun = performance.now();
  try {
    return appraise(evidence, trustOf(context, subject), subject.policy, at, context.memory);
  } catch (error) {
    const code = error instanceof AttestationError ? error.code : 'SERVER_INTERNAL';
    log.error({ err: error, host: host.hostId, code }, 'appraisal failed');
    return {
      host: host.hostId,
      status: 'none',
      vector: {},
      findings: [
        {
          code,
          severity: 'error',
          check: 'appraisal',
          message: 'the verifier failed on this evidence',
          remedy: "Look into the server's log, and report it.",
        },
      ],
      layers: {},
      evidenceDigest: hashHex('sha256', evidence.attest),
      challengedAt: at.toISOString(),
      issuedAt: at.toISOString(),
      expiresAt: new Date(at.getTime() + 60_000).toISOString(),
    };
  } finally {
    metrics.appraised((performance.now() - begun) / 1000);
  }
}

/** What the server's records say of the host. */
function trustOf({ memory }: ServerContext, { challenge, trust, host, qualifyingData, standing, at }: Subject): Trust {
  return {
    host: { id: host.hostId, attestationKey: recallAttestationKey(host.akPublic, memory.keys) },
    ...standing,
    platform: judgePlatform(host, trust, at, memory.certificates),
    qualifyingData,
    challengedAt: new Date(challenge.drawnAt),
    goldens: goldensFor(trust, host),
    denied: trust.denied,
    endorsers: endorsersOf(host, trust, trust.denied, memory.certificates),
    previousBoot: host.boot,
  };
}

/** The counters to remember: those of a quote that verified and did not go back in time. [PEERS T33, T35] */
function acceptedBoot({ boot }: Verdict, statement: Uint8Array): BootState | undefined {
  if (boot === undefined || boot.epoch === 'rolled-back') return undefined;
  const { clock, firmwareVersion } = parseAttest(statement);
  return { clock, firmwareVersion };
}
