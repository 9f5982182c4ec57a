// Challenges: 32 random bytes for one host, one key, one server, one use, and a short while. [PEERS T14]
import { policyPcrSelection, type AppraisalPolicy } from '../../core/appraisal/index.ts';
import { encodeBase64url } from '../../core/encoding/index.ts';
import { quoteQualifyingData, type PcrSelection } from '../../core/tpm/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { selectPolicy } from '../golden/select-policy.ts';
import type { BootAnnouncement, ChallengeRecord, HostRecord, LogNames, NextChallenge } from '../storage/index.ts';

/** What a host says when it asks for a challenge. */
export interface ChallengeWish {
  readonly logs?: LogSummaries | undefined;
  readonly untrustedBootId?: string | undefined;
}

/** What the host says it has; by digest, so that it need not send what the server holds. */
export interface LogSummaries {
  readonly eventLog?: { readonly sha256: string } | undefined;
  readonly imaLog?: { readonly sha256: string } | undefined;
  readonly userspaceLog?: { readonly sha256: string } | undefined;
}

export interface OpenedChallenge {
  readonly challenge: NextChallenge;
  readonly qualifyingData: Uint8Array;
  readonly pcrSelection: readonly PcrSelection[];
  /** The logs that the server does not hold. */
  readonly want: { readonly eventLog: boolean; readonly imaLog: boolean; readonly userspaceLog: boolean };
}

/** A host keeps this many challenges open at most; older ones are dropped. */
const maxOpen = 8;

/** Without a policy the host is denied all the same, but its evidence can be captured. */
const selectionWithoutPolicy = policyPcrSelection({ layers: [], bank: 'sha256' });

/** @throws ServerError HOST_NOT_FOUND, HOST_RELEASED */
export async function openChallenge(
  context: ServerContext,
  hostId: string,
  { logs = {}, untrustedBootId }: ChallengeWish,
): Promise<OpenedChallenge> {
  const { store, random, config } = context;
  const host = await findActiveHost(context, hostId);
  const now = context.now().getTime();
  const held = await findHeldLogs(store, host, logs);
  const challenge: ChallengeRecord = {
    hostId,
    epoch: host.epoch,
    rides: false,
    heldEventLog: held.eventLog,
    heldImaLog: held.imaLog,
    heldUserspaceLog: held.userspaceLog,
    drawnAt: now,
    expiresAt: now + config.attestation.challengeSeconds * 1000,
    ...newChallenge(random),
  };
  const policy = selectPolicy((await context.trust.current()).policies, host)?.policy;
  const boot = untrustedBootId === undefined ? undefined : announcementOf(hostId, untrustedBootId, now);
  await store.openChallenge(challenge, { now, maxOpen, boot });
  const want = {
    eventLog: challenge.heldEventLog === undefined,
    imaLog: challenge.heldImaLog === undefined,
    userspaceLog: challenge.heldUserspaceLog === undefined,
  };
  return presentChallenge(config.serverId, { host, challenge, policy, want });
}

/** Those of its own last attestation alone. Whether another host sent a log is nothing that a host may try out, and what is in
 * it comes to nobody who has only its name. docs/decisions/0037 */
async function findHeldLogs(
  store: ServerContext['store'],
  { hostId, epoch }: HostRecord,
  logs: LogSummaries,
): Promise<LogNames> {
  const isTold = [logs.eventLog, logs.imaLog, logs.userspaceLog].some((log) => log !== undefined);
  if (!isTold) return {};
  const own = await store.findLogNames(hostId, epoch);
  const heldOf = (kind: keyof LogNames) => (logs[kind]?.sha256 === own[kind] ? own[kind] : undefined);
  return { eventLog: heldOf('eventLog'), imaLog: heldOf('imaLog'), userspaceLog: heldOf('userspaceLog') };
}

export function newChallenge(random: ServerContext['random']): Pick<ChallengeRecord, 'id' | 'nonce'> {
  return { id: `chl_${encodeBase64url(random(16))}`, nonce: random(32) };
}

interface Presented extends Pick<OpenedChallenge, 'challenge' | 'want'> {
  readonly host: HostRecord;
  readonly policy: AppraisalPolicy | undefined;
}

/** As the host is told of it. */
export function presentChallenge(serverId: string, { host, challenge, policy, want }: Presented): OpenedChallenge {
  return {
    challenge,
    qualifyingData: qualifyingDataOf(serverId, host, challenge),
    pcrSelection: [policy === undefined ? selectionWithoutPolicy : policyPcrSelection(policy)],
    want,
  };
}

/** A host may end its own trust by saying so; it gains none by keeping silent, because the quote says it again. */
function announcementOf(hostId: string, untrustedBootId: string, at: number): BootAnnouncement {
  const actor = `host ${hostId}`;
  const details = { code: 'HOST_REBOOTED' };
  return { untrustedBootId, audit: { at, actor, action: 'verdict.voided', subject: hostId, details } };
}

/** @throws ServerError HOST_NOT_FOUND, HOST_RELEASED */
export async function findActiveHost({ store }: Pick<ServerContext, 'store'>, hostId: string): Promise<HostRecord> {
  const host = await store.findHost(hostId);
  if (host === undefined) throw new ServerError('HOST_NOT_FOUND');
  if (host.state !== 'active') throw new ServerError('HOST_RELEASED');
  return host;
}

/** What the quote must carry. Key and id come from the host's record, never from a message. */
export function qualifyingDataOf(
  serverId: string,
  { hostId, akName }: Pick<HostRecord, 'hostId' | 'akName'>,
  { nonce }: Pick<ChallengeRecord, 'nonce'>,
): Uint8Array {
  return quoteQualifyingData({ serverId, hostId, akName, nonce });
}
