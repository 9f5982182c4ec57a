// Challenges: 32 random bytes for one host, one key, one server, one use, and a short while. [PEERS T14]
import { policyPcrSelection, type AppraisalPolicy } from '../../core/appraisal/index.ts';
import { encodeBase64url } from '../../core/encoding/index.ts';
import { quoteQualifyingData, type PcrSelection } from '../../core/tpm/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { selectPolicy } from '../trust/select-policy.ts';
import type { BootAnnouncement, ChallengeRecord, HostRecord, NextChallenge } from '../storage/index.ts';

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
  readonly want: Want;
  /** So many bytes of the IMA list are held, and it may go on from there. Undefined where it is wanted whole. */
  readonly imaLogOffset: number | undefined;
}

/** What the server does not hold. */
export interface Want {
  /** False: those of the attestation that the challenge came with are held. */
  readonly pcrs: boolean;
  readonly eventLog: boolean;
  readonly imaLog: boolean;
  readonly userspaceLog: boolean;
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
  const findHeld = async (summary: { readonly sha256: string } | undefined): Promise<string | undefined> =>
    summary !== undefined && (await store.hasLog(summary.sha256)) ? summary.sha256 : undefined;
  const [heldEventLog, heldImaLog, heldUserspaceLog] = await Promise.all(
    [logs.eventLog, logs.imaLog, logs.userspaceLog].map(findHeld),
  );
  const challenge: ChallengeRecord = {
    hostId,
    epoch: host.epoch,
    rides: false,
    heldPcrs: undefined,
    heldEventLog,
    heldImaLog,
    heldUserspaceLog,
    drawnAt: now,
    expiresAt: now + config.attestation.challengeSeconds * 1000,
    ...newChallenge(random),
  };
  const policy = selectPolicy((await context.trust.current()).policies, host)?.policy;
  const boot = untrustedBootId === undefined ? undefined : announcementOf(hostId, untrustedBootId, now);
  await store.openChallenge(challenge, { now, maxOpen, boot });
  const held = { pcrs: undefined, eventLog: heldEventLog, imaLog: heldImaLog, userspaceLog: heldUserspaceLog };
  return presentChallenge(config.serverId, { host, challenge, policy, held, imaLogOffset: undefined });
}

export function newChallenge(random: ServerContext['random']): Pick<ChallengeRecord, 'id' | 'nonce'> {
  return { id: `chl_${encodeBase64url(random(16))}`, nonce: random(32) };
}

interface Presented extends Pick<OpenedChallenge, 'challenge' | 'imaLogOffset'> {
  readonly host: HostRecord;
  readonly policy: AppraisalPolicy | undefined;
  /** Whatever stands for what the server holds; undefined where it holds none. */
  readonly held: Readonly<Record<keyof Want, unknown>>;
}

/** As the host is told of it. */
export function presentChallenge(
  serverId: string,
  { host, challenge, policy, held, imaLogOffset }: Presented,
): OpenedChallenge {
  return {
    challenge,
    qualifyingData: qualifyingDataOf(serverId, host, challenge),
    pcrSelection: [policy === undefined ? selectionWithoutPolicy : policyPcrSelection(policy)],
    want: {
      pcrs: held.pcrs === undefined,
      eventLog: held.eventLog === undefined,
      imaLog: held.imaLog === undefined,
      userspaceLog: held.userspaceLog === undefined,
    },
    imaLogOffset,
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
