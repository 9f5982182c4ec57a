// Evidence as it came in, as it is appraised, and as it is kept.
import {
  growInPieces,
  growLog,
  nameInPieces,
  nameLog,
  type Evidence,
  type NamedLog,
} from '../../core/appraisal/index.ts';
import { MalformedError } from '../../core/error.ts';
import { holdPcrs } from '../../core/tpm/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { inTurns } from '../own-turn.ts';
import { goldensFor } from '../rollout/stages.ts';
import { isLater, type Soon } from '../soon.ts';
import type { ChallengeRecord, EvidenceRecord, HostRecord } from '../storage/index.ts';
import { selectPolicy } from '../trust/select-policy.ts';
import { isLongIma, readLongIma } from './read-ima-ahead.ts';
import { readClaimedPcrs, statedPcrsOf, type StatedPcrs, type WirePcrs } from './claimed-pcrs.ts';

/** All of it was written by the host. */
export interface SubmittedEvidence {
  readonly challengeId: string;
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
  readonly pcrs: WirePcrs | undefined;
  readonly eventLog: Uint8Array | undefined;
  readonly imaLog: Uint8Array | undefined;
  /** Where `imaLog` goes on from the list of before; undefined where it is whole. */
  readonly imaLogOffset: number | undefined;
  readonly userspaceLog: Uint8Array | undefined;
}

/** With what the server holds in the place of what was left out. */
export interface WholeEvidence extends Omit<SubmittedEvidence, 'pcrs' | 'imaLogOffset'> {
  readonly pcrs: StatedPcrs;
}

/** With what the host sent, else with what it was told not to send.
 * @throws ServerError CHALLENGE_LOG_MISSING, CHALLENGE_PCRS_MISSING; MalformedError IMA_LIST_TOO_LARGE, and where the PCR values are none */
export async function completeEvidence(
  { store, memory, trust }: Pick<ServerContext, 'store' | 'memory' | 'trust'>,
  challenge: ChallengeRecord,
  { challengeId, attest, signature, pcrs, eventLog, imaLog, imaLogOffset, userspaceLog }: SubmittedEvidence,
): Promise<WholeEvidence> {
  const { rides, heldPcrs, heldEventLog, heldImaLog, heldUserspaceLog } = challenge;
  const held = (name: string | undefined) => (name === undefined ? undefined : findHeldLog(store, name));
  const stated = pcrs === undefined ? recallHeldPcrs(heldPcrs, memory) : statedPcrsOf(pcrs);
  const namedEventLog = named(eventLog ?? (await held(heldEventLog)));
  const boot = isLater(namedEventLog) ? await namedEventLog : namedEventLog;
  const namedImaLog = named(await goOn(imaLog, { from: imaLogOffset, held: () => held(heldImaLog), rides }));
  const evidence = {
    challengeId,
    attest,
    signature,
    pcrs: stated,
    eventLog: boot,
    imaLog: isLater(namedImaLog) ? await namedImaLog : namedImaLog,
    userspaceLog: userspaceLog ?? (await held(heldUserspaceLog)),
  };
  if (isLongIma(evidence.imaLog)) {
    const inForce = await trust.current();
    const host = await store.findHost(challenge.hostId);
    const terms = host && { policy: selectPolicy(inForce.policies, host)?.policy, goldens: goldensFor(inForce, host) };
    if (terms !== undefined) await readLongIma(memory, { imaLog: evidence.imaLog, pcrs: evidence.pcrs.values }, terms);
  }
  return evidence;
}

function recallHeldPcrs(json: string | undefined, { claims }: ServerContext['memory']): StatedPcrs {
  if (json === undefined) throw new ServerError('CHALLENGE_PCRS_MISSING');
  const known = claims.get(json);
  if (known !== undefined) return { json, values: known };
  const values = holdPcrs(readClaimedPcrs(json));
  claims.set(json, values);
  return { json, values };
}

interface ImaLogBefore {
  readonly from: number | undefined;
  readonly held: () => Promise<Uint8Array> | undefined;
  readonly rides: boolean;
}

/** What is held of a list that goes on stands before what was sent: it is one from boot again. Only that of the host's own last attestation
 * goes on, and only from its end: a host may neither choose what of it is seen nor try out what another host's is followed by. */
async function goOn(
  imaLog: Uint8Array | undefined,
  { from, held, rides }: ImaLogBefore,
): Promise<Uint8Array | undefined> {
  if (from === undefined) return imaLog ?? held();
  const before = rides ? await held() : undefined;
  if (before?.length !== from) throw new ServerError('CHALLENGE_LOG_MISSING');
  const length = from + (imaLog?.length ?? 0);
  if (length > longestLog) {
    throw new MalformedError('IMA_LIST_TOO_LARGE', `${length} bytes with what was sent before; at most ${longestLog}`, {
      at: from,
    });
  }
  if (imaLog === undefined) return before;
  return inTurns(
    { length },
    () => growLog(before, imaLog),
    (_, pause) => growInPieces([before, imaLog], pause),
  );
}

/** As both the appraisal and the store ask for it. */
function named(log: Uint8Array | undefined): Soon<NamedLog | undefined> {
  return log && inTurns(log, nameLog, nameInPieces);
}

/** Sent at once it could not be longer. */
const longestLog = 16 * 1024 * 1024;

async function findHeldLog(store: ServerContext['store'], name: string): Promise<Uint8Array> {
  const log = await store.findLog(name);
  if (log === undefined) throw new ServerError('CHALLENGE_LOG_MISSING');
  return log;
}

export function evidenceOf({ attest, signature, pcrs, eventLog, imaLog, userspaceLog }: WholeEvidence): Evidence {
  return {
    attest,
    signature,
    pcrs: pcrs.values,
    eventLog,
    ...(imaLog === undefined ? {} : { imaLog }),
    ...(userspaceLog === undefined ? {} : { userspaceLog }),
  };
}

export function evidenceRecord(
  submitted: WholeEvidence,
  { host, qualifyingData, at }: { readonly host: HostRecord; readonly qualifyingData: Uint8Array; readonly at: Date },
): EvidenceRecord {
  const { attest, signature, pcrs, eventLog, imaLog, userspaceLog } = submitted;
  return {
    attest,
    signature,
    pcrs: pcrs.json,
    eventLog,
    imaLog,
    userspaceLog,
    akPublic: host.akPublic,
    qualifyingData,
    receivedAt: at.getTime(),
  };
}
