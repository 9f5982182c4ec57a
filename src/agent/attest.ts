// One attestation: challenge, quote, logs, verdict. What the quote is bound to comes from the enrolment, never from the
// challenge: a server that is not ours gets nothing it could use at ours.
import { createApiClient, type ApiClient, type AttestationResult, type TransportOptions } from '../api/index.ts';
import { bytesEqual, decodeBase64, decodeHex, encodeBase64, encodeHex, printable } from '../core/encoding/index.ts';
import { hash } from '../core/crypto/index.ts';
import { nameOf, parseTpm2bPublic, quoteQualifyingData, type ClaimedPcrs } from '../core/tpm/index.ts';
import type { AttestingDevice } from './attesting-device.ts';
import { loadEnrolment, saveEnrolment, type EnrolmentState } from './enrolment-state.ts';
import { AgentError } from './errors.ts';
import { createProver } from './prove.ts';

export interface AttestOptions {
  /** How to reach the server (CA, timeout); its address is the enrolled one unless told. */
  readonly server?: Partial<TransportOptions> | undefined;
  readonly device: AttestingDevice;
  readonly stateDirectory: string;
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
    const result = await exchangeEvidence(api, options.device, state);
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

/** One exchange with a client that carries the host's token and proves its requests.
 * @throws AgentError AGENT_*; ApiProblem, ApiUnreachable */
export async function exchangeEvidence(
  api: ApiClient,
  device: AttestingDevice,
  state: Pick<EnrolmentState, 'hostId' | 'serverId' | 'akName'>,
): Promise<AttestationResult> {
  const { hostId, serverId, akName } = state;
  const eventLog = await device.eventLog();
  const before = { imaLog: await device.imaLog(), userspaceLog: await device.userspaceLog() };
  const logs = {
    ...summary('eventLog', eventLog),
    ...summary('imaLog', before.imaLog),
    ...summary('userspaceLog', before.userspaceLog),
  };
  const bootId = await device.bootId();
  const request = { logs, ...(bootId === undefined ? {} : { bootId }) };
  const challenge = await api.call('createChallenge', { path: { hostId }, body: request });
  if (challenge.serverId !== serverId) {
    const [theirs, ours] = [printable(challenge.serverId), printable(serverId)];
    throw new AgentError('AGENT_SERVER_CHANGED', `the server calls itself ${theirs}; this host enrolled with ${ours}`);
  }
  const nonce = decodeBase64(challenge.nonce);
  const qualifyingData = quoteQualifyingData({ serverId, hostId, akName: decodeHex(akName), nonce });
  const quote = await device.quote(qualifyingData, challenge.pcrSelection);
  checkQuoted(quote.pcrs);
  const body = {
    challengeId: challenge.challengeId,
    attest: encodeBase64(quote.attest),
    signature: encodeBase64(quote.signature),
    pcrs: encodePcrs(quote.pcrs),
    ...(challenge.want.eventLog && eventLog !== undefined ? { eventLog: encodeBase64(eventLog) } : {}),
    // Both are only appended to: read after the quote, they hold at least what was quoted.
    ...grown('imaLog', { before: before.imaLog, now: await device.imaLog(), want: challenge.want.imaLog }),
    ...grown('userspaceLog', {
      before: before.userspaceLog,
      now: await device.userspaceLog(),
      want: challenge.want.userspaceLog,
    }),
  };
  return api.call('createAttestation', { path: { hostId }, body });
}

function summary(name: 'eventLog' | 'imaLog' | 'userspaceLog', log: Uint8Array | undefined) {
  return log === undefined ? {} : { [name]: { sha256: encodeHex(hash('sha256', log)), length: log.length } };
}

interface GrowingLog {
  readonly before: Uint8Array | undefined;
  readonly now: Uint8Array | undefined;
  readonly want: boolean;
}

/** The log, where the server lacks it: it holds at most what there was before the quote. */
function grown(name: 'imaLog' | 'userspaceLog', { before, now, want }: GrowingLog) {
  const isHeld = !want && before !== undefined && now !== undefined && bytesEqual(before, now);
  return now === undefined || isHeld ? {} : { [name]: encodeBase64(now) };
}

/** A TPM signs an empty selection for a bank it does not have; the server would refuse it, less helpfully.
 * @throws AgentError AGENT_PCRS_UNAVAILABLE */
function checkQuoted(pcrs: ClaimedPcrs): void {
  const inactive = [...pcrs].filter(([, values]) => values.size === 0).map(([bank]) => bank);
  if (inactive.length > 0 || pcrs.size === 0) {
    throw new AgentError('AGENT_PCRS_UNAVAILABLE', `no PCR of bank ${inactive.join(', ')} is active in this TPM`);
  }
}

function encodePcrs(pcrs: ClaimedPcrs): Record<string, Record<string, string>> {
  const banks = [...pcrs].map(([bank, values]) => {
    return [bank, Object.fromEntries([...values].map(([pcr, value]) => [String(pcr), encodeHex(value)]))] as const;
  });
  return Object.fromEntries(banks);
}
