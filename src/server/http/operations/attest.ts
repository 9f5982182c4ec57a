// attest: evidence in, verdict out.
import type { Challenge } from '../../../api/index.ts';
import {
  decodeBase64,
  decodeBase64InPieces,
  encodeBase64,
  encodeBase64url,
  encodePem,
  encodeUtf8,
  isoTime,
} from '../../../core/encoding/index.ts';
import { attest } from '../../attestation/attest.ts';
import { openChallenge, type OpenedChallenge } from '../../attestation/challenge.ts';
import { createVerdictToken, verdictToSay } from '../../attestation/verdict-token.ts';
import type { ServerContext } from '../../context.ts';
import { adviseHost } from '../../explanation/advise-host.ts';
import { inTurns } from '../../own-turn.ts';
import { isLater, type Soon } from '../../soon.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';
import { wireVerdict } from '../wire/verdict.ts';

function decoded(text: string | undefined): Soon<Uint8Array | undefined> {
  return text === undefined ? undefined : inTurns(text, decodeBase64, decodeBase64InPieces);
}

export const attestOperations: Pick<Handlers, 'createChallenge' | 'createAttestation'> = {
  createChallenge: async ({ path, body }, context) => {
    const opened = await openChallenge(context, path.hostId, { logs: body.logs, untrustedBootId: body.bootId });
    return { status: 201, body: wireChallenge(context.config, opened) };
  },
  createAttestation: async ({ path, body: sent, accept }, context) => {
    // One after the other: what fails while nobody waits for it would end the process.
    const logs: (Uint8Array | undefined)[] = [];
    for (const text of [sent.eventLog, sent.imaLog, sent.userspaceLog]) {
      const log = decoded(text);
      logs.push(isLater(log) ? await log : log);
    }
    const [eventLog, imaLog, userspaceLog] = logs;
    const {
      verdict: made,
      quarantine,
      akCertificate,
      nextAttestationSeconds: seconds,
      next,
    } = await attest(context, path.hostId, {
      challengeId: sent.challengeId,
      attest: decodeBase64(sent.attest),
      signature: decodeBase64(sent.signature),
      pcrs: sent.pcrs,
      eventLog,
      imaLog,
      imaLogOffset: sent.imaLogOffset,
      userspaceLog,
    });
    // Whoever is set aside gets no signed yes, and no boot goes on by an unsigned one.
    const verdict = verdictToSay(context, {
      hostId: path.hostId,
      verdict: made,
      reasons: quarantine ? [quarantine] : [],
    });
    const nextChallenge = next && wireChallenge(context.config, next);
    const raw = await createVerdictToken(context, verdict, { mediaType: accept });
    if (raw !== undefined) return { status: 200, raw, headers: headersOf(seconds, nextChallenge) };
    const renewed = akCertificate && encodePem('CERTIFICATE', akCertificate);
    const body = {
      verdict: wireVerdict(await adviseHost(context, verdict)),
      nextAttestationSeconds: seconds,
      ...present('akCertificate', renewed),
      ...present('nextChallenge', nextChallenge),
    };
    return { status: 200, body, headers: headersOf(seconds) };
  },
};

function wireChallenge(
  { serverId }: ServerContext['config'],
  { challenge, qualifyingData, pcrSelection, want, imaLogOffset }: OpenedChallenge,
): Challenge {
  return {
    challengeId: challenge.id,
    serverId,
    nonce: encodeBase64(challenge.nonce),
    qualifyingData: encodeBase64(qualifyingData),
    pcrSelection: pcrSelection.map(({ bank, pcrs }) => ({ bank, pcrs: [...pcrs] })),
    want: { ...want },
    ...present('imaLogOffset', imaLogOffset),
    expiresAt: isoTime(challenge.expiresAt),
  };
}

/** `nextChallenge` where the answer is a token, which has no place for it. */
function headersOf(seconds: number, nextChallenge?: Challenge): Readonly<Record<string, string>> {
  const next = { 'touchstone-next-attestation-seconds': String(seconds) };
  if (nextChallenge === undefined) return next;
  const text = encodeBase64url(encodeUtf8(JSON.stringify(nextChallenge)));
  return { 'touchstone-next-challenge': text, ...next };
}
