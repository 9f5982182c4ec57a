// What a verdict rests on beside the evidence, remembered with it.
import type { AppraisalPolicy } from '../../core/appraisal/index.ts';
import { AttestationError } from '../../core/error.ts';
import { attestationText } from '../../core/evidence-bundle/index.ts';
import type { ServerContext } from '../context.ts';
import type { TrustInForce } from '../golden/trust-cache.ts';
import { closedTo } from '../rollout/stages.ts';
import type { ChallengeRecord, Grounds, HostRecord } from '../storage/index.ts';
import { snapshotHost } from './snapshot.ts';

export interface AppraisedUnder {
  readonly host: HostRecord;
  readonly challenge: ChallengeRecord;
  readonly trust: TrustInForce;
  readonly policy: AppraisalPolicy | undefined;
  readonly at: Date;
}

/** Too much to keep is no reason to refuse a host. */
export function groundsOf(
  { config, log }: Pick<ServerContext, 'config' | 'log'>,
  { host, challenge, trust, policy, at }: AppraisedUnder,
): Grounds | undefined {
  const { allowUnverifiedEk, deviceIdentity } = config.enrolment;
  const attestation = attestationText({
    serverId: config.serverId,
    host: host.hostId,
    at,
    challenge,
    previousBoot: host.boot,
    labels: host.labels,
    policy,
    keptBack: [...closedTo(trust.rollouts, host)].sort(),
    rules: { goldenQuorum: config.goldenQuorum, allowUnverifiedEk, deviceIdentity },
  });
  try {
    return { attestation, host: snapshotHost(host), trust: trust.snapshot() };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    log.warn(
      { host: host.hostId, code: error.code },
      'what a verdict rests on cannot be kept: the host cannot be exported',
    );
    return undefined;
  }
}
