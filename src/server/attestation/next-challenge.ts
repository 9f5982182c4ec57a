// The next challenge rides in the answer, so that a steady host attests with one request. Sound because every verdict counts from
// the moment its challenge was drawn: a quote that is made at once and kept back brings what silence would have. docs/decisions/0024
import type { AppraisalPolicy } from '../../core/appraisal/index.ts';
import type { ServerContext } from '../context.ts';
import type { EvidenceRecord, HostRecord } from '../storage/index.ts';
import { newChallenge, presentChallenge, type OpenedChallenge } from './challenge.ts';

export interface Answered {
  readonly host: HostRecord;
  readonly policy: AppraisalPolicy | undefined;
  /** It is kept with the verdict: none of its logs need be sent again, nor its PCR values. */
  readonly evidence: Pick<EvidenceRecord, 'pcrs' | 'eventLog' | 'imaLog' | 'userspaceLog'>;
  readonly at: number;
  /** The appointment that the host is given. */
  readonly dueAt: number;
}

/** It can be answered at the appointment, and for as long after it as one that was asked for. None where the configuration does not
 * allow a challenge to live for so long. */
export function drawNextChallenge(
  { config, random }: Pick<ServerContext, 'config' | 'random'>,
  { host, policy, evidence, at, dueAt }: Answered,
): OpenedChallenge | undefined {
  const { challengeSeconds, nextChallengeSeconds } = config.attestation;
  const expiresAt = Math.min(dueAt + challengeSeconds * 1000, at + nextChallengeSeconds * 1000);
  if (expiresAt <= dueAt) return undefined;
  const challenge = { drawnAt: at, expiresAt, ...newChallenge(random) };
  const imaLogOffset = evidence.imaLog?.length;
  return presentChallenge(config.serverId, { host, challenge, policy, held: evidence, imaLogOffset });
}
