// One attestation: challenge, quote, logs, verdict. What the quote is bound to comes from the enrolment, never from the
// challenge: a server that is not ours gets nothing it could use at ours.
import {
  ApiProblem,
  createApiClient,
  type ApiClient,
  type AttestationResult,
  type Pcrs,
  type TransportOptions,
} from '../api/index.ts';
import { decodeBase64, decodeHex, encodeBase64, encodeHex, printable } from '../core/encoding/index.ts';
import {
  encodeClaimedPcrs,
  nameOf,
  parseTpm2bPublic,
  quoteQualifyingData,
  type ClaimedPcrs,
} from '../core/tpm/index.ts';
import type { AttestingDevice } from './attesting-device.ts';
import { loadEnrolment, saveEnrolment, type EnrolmentState } from './enrolment-state.ts';
import { AgentError } from './errors.ts';
import { logsToSend, readLogs, summariesOf } from './logs.ts';
import { createNextChallenge, type HeldChallenge, type NextChallenge } from './next-challenge.ts';
import { createProver } from './prove.ts';

export interface AttestOptions {
  /** How to reach the server (CA, timeout); its address is the enrolled one unless told. */
  readonly server?: Partial<TransportOptions> | undefined;
  readonly device: AttestingDevice;
  readonly stateDirectory: string;
  /** What the answer before left, for who attests again and again. */
  readonly next?: NextChallenge;
}

/** Sends fresh evidence and returns the server's verdict, trusted or not.
 * @throws AgentError AGENT_*; ApiProblem, ApiUnreachable */
export async function attest(options: AttestOptions): Promise<AttestationResult> {
  const state = await loadEnrolment(options.stateDirectory);
  if (state === undefined) throw new AgentError('AGENT_NOT_ENROLLED', `${options.stateDirectory} holds no enrolment`);
  await checkKey(options.device, state);
  const { hostToken: token, server: baseUrl } = state;
  const prove = createProver(options.device, state);
  const api = createApiClient({ baseUrl, ...options.server, token, prove });
  try {
    const result = await exchangeEvidence(api, options.device, state, options.next);
    const { akCertificate } = result;
    if (akCertificate !== undefined) await saveEnrolment(options.stateDirectory, { ...state, akCertificate });
    return result;
  } finally {
    api.close();
  }
}

/** @throws AgentError AGENT_KEY_CHANGED */
async function checkKey(device: AttestingDevice, { akName, hostId }: EnrolmentState): Promise<void> {
  const name = encodeHex(nameOf(parseTpm2bPublic(await device.akPublic())));
  if (name !== akName) {
    throw new AgentError('AGENT_KEY_CHANGED', `${printable(hostId)} enrolled another attestation key`);
  }
}

/** One exchange with a client that carries the host's token and proves its requests: one request, where the last answer brought the
 * challenge and the server still takes it, else two.
 * @throws AgentError AGENT_*; ApiProblem, ApiUnreachable */
export async function exchangeEvidence(
  api: ApiClient,
  device: AttestingDevice,
  state: AttestingHost,
  next: NextChallenge = createNextChallenge(),
): Promise<AttestationResult> {
  const bootId = await device.bootId();
  const answer = async (held: HeldChallenge): Promise<AttestationResult> => {
    try {
      const { result, logs, pcrs } = await answerChallenge(api, device, state, held);
      next.keep(result, { bootId, logs, pcrs });
      return result;
    } catch (error) {
      if (error instanceof ApiProblem && error.retryAfterSeconds !== undefined) next.putBack(held);
      throw error;
    }
  };
  const held = next.take(bootId);
  try {
    if (held !== undefined) return await answer(held);
  } catch (error) {
    if (!isChallengeRefused(error)) throw error;
  }
  return answer(await askChallenge(api, device, state, bootId));
}

type AttestingHost = Pick<EnrolmentState, 'hostId' | 'serverId' | 'akName'>;

/** Answered before, too late, or the server has lost a log since: another challenge can be answered. */
function isChallengeRefused(error: unknown): boolean {
  return error instanceof ApiProblem && error.code.startsWith('CHALLENGE_');
}

async function askChallenge(
  api: ApiClient,
  device: AttestingDevice,
  { hostId }: AttestingHost,
  bootId: string | undefined,
): Promise<HeldChallenge> {
  const logs = summariesOf(await readLogs(device));
  const body = { logs, ...(bootId === undefined ? {} : { bootId }) };
  const challenge = await api.call('createChallenge', { path: { hostId }, body });
  return { challenge, logs, pcrs: undefined, bootId };
}

async function answerChallenge(
  api: ApiClient,
  device: AttestingDevice,
  { hostId, serverId, akName }: AttestingHost,
  { challenge, ...before }: HeldChallenge,
): Promise<{ readonly result: AttestationResult } & Pick<HeldChallenge, 'logs' | 'pcrs'>> {
  if (challenge.serverId !== serverId) {
    const [theirs, ours] = [printable(challenge.serverId), printable(serverId)];
    throw new AgentError('AGENT_SERVER_CHANGED', `the server calls itself ${theirs}; this host enrolled with ${ours}`);
  }
  const nonce = decodeBase64(challenge.nonce);
  const qualifyingData = quoteQualifyingData({ serverId, hostId, akName: decodeHex(akName), nonce });
  const quote = await device.quote(qualifyingData, challenge.pcrSelection);
  checkQuoted(quote.pcrs);
  // Two of the logs are only appended to: read after the quote, they hold at least what was quoted.
  const read = await readLogs(device);
  const logs = summariesOf(read);
  const pcrs = encodeClaimedPcrs(quote.pcrs);
  const body = {
    challengeId: challenge.challengeId,
    attest: encodeBase64(quote.attest),
    signature: encodeBase64(quote.signature),
    // Older servers say nothing of them, and want them.
    ...(challenge.want.pcrs === false && isSame(pcrs, before.pcrs) ? {} : { pcrs }),
    ...logsToSend(read, logs, { challenge, before: before.logs }),
  };
  return { result: await api.call('createAttestation', { path: { hostId }, body }), logs, pcrs };
}

/** Both as they are written out: in the order of the selection. */
function isSame(now: Pcrs, before: Pcrs | undefined): boolean {
  return JSON.stringify(now) === JSON.stringify(before);
}

/** A TPM signs an empty selection for a bank it does not have; the server would refuse it, less helpfully.
 * @throws AgentError AGENT_PCRS_UNAVAILABLE */
function checkQuoted(pcrs: ClaimedPcrs): void {
  const inactive = [...pcrs].filter(([, values]) => values.size === 0).map(([bank]) => bank);
  if (inactive.length > 0 || pcrs.size === 0) {
    throw new AgentError('AGENT_PCRS_UNAVAILABLE', `no PCR of bank ${inactive.join(', ')} is active in this TPM`);
  }
}
