// What a verdict rests on beside the evidence, remembered with it.
import type { AppraisalPolicy } from '../../core/appraisal/index.ts';
import { attestationText, type RecordedAttestation } from '../../core/evidence-bundle/index.ts';
import type { ServerContext } from '../context.ts';
import type { TrustInForce } from '../golden/trust-cache.ts';
import { closedTo } from '../rollout/stages.ts';
import type { ChallengeRecord, Circumstances, HostRecord } from '../storage/index.ts';
import { snapshotHost } from './snapshot.ts';

export interface AppraisedUnder {
  readonly host: HostRecord;
  readonly challenge: ChallengeRecord;
  readonly trust: TrustInForce;
  readonly policy: AppraisalPolicy | undefined;
  readonly at: Date;
}

/** What cannot be kept, for whatever reason, is no reason to lose a verdict: above all one that takes trust away. */
export function circumstancesOf(
  { config, log }: Pick<ServerContext, 'config' | 'log'>,
  under: AppraisedUnder,
): Circumstances | undefined {
  try {
    const attestation = attestationText(recordedAttestation(config, under));
    return { attestation, host: snapshotHost(under.host), trust: under.trust.snapshot() };
  } catch (error) {
    log.error(
      { err: error, host: under.host.hostId },
      'what a verdict rests on cannot be kept: the host cannot be exported',
    );
    return undefined;
  }
}

function recordedAttestation(
  config: ServerContext['config'],
  { host, challenge, trust, policy, at }: AppraisedUnder,
): RecordedAttestation {
  const { allowUnverifiedEk, deviceIdentity } = config.enrolment;
  return {
    serverId: config.serverId,
    host: host.hostId,
    at,
    challenge: { ...challenge, drawnAt: new Date(challenge.drawnAt) },
    previousBoot: host.boot,
    labels: host.labels,
    policy,
    keptBack: [...closedTo(trust.rollouts, host)].sort(),
    rules: { goldenQuorum: config.goldenQuorum, allowUnverifiedEk, deviceIdentity },
  };
}
