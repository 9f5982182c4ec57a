// attest: evidence in, verdict out.
import { decodeBase64, encodeBase64, encodePem } from '../../../core/encoding/index.ts';
import { attest } from '../../attestation/attest.ts';
import { openChallenge } from '../../attestation/challenge.ts';
import { createVerdictToken } from '../../attestation/verdict-token.ts';
import type { Handlers } from '../handler.ts';
import { present, timeOf, wireVerdict } from '../wire.ts';

const optional = (text: string | undefined): Uint8Array | undefined =>
  text === undefined ? undefined : decodeBase64(text);

export const attestOperations: Pick<Handlers, 'createChallenge' | 'createAttestation'> = {
  createChallenge: async ({ path, body }, context) => {
    const { challenge, qualifyingData, pcrSelection } = await openChallenge(context, path.hostId, {
      logs: body.logs,
      untrustedBootId: body.bootId,
    });
    return {
      status: 201,
      body: {
        challengeId: challenge.id,
        serverId: context.config.serverId,
        nonce: encodeBase64(challenge.nonce),
        qualifyingData: encodeBase64(qualifyingData),
        pcrSelection: pcrSelection.map(({ bank, pcrs }) => ({ bank, pcrs: [...pcrs] })),
        want: {
          eventLog: challenge.heldEventLog === undefined,
          imaLog: challenge.heldImaLog === undefined,
          userspaceLog: challenge.heldUserspaceLog === undefined,
        },
        expiresAt: timeOf(challenge.expiresAt),
      },
    };
  },
  createAttestation: async ({ path, body: sent, accept }, context) => {
    const {
      verdict,
      akCertificate,
      nextAttestationSeconds: seconds,
    } = await attest(context, path.hostId, {
      challengeId: sent.challengeId,
      attest: decodeBase64(sent.attest),
      signature: decodeBase64(sent.signature),
      pcrs: sent.pcrs,
      eventLog: optional(sent.eventLog),
      imaLog: optional(sent.imaLog),
      userspaceLog: optional(sent.userspaceLog),
    });
    const headers = { 'touchstone-next-attestation-seconds': String(seconds) };
    const raw = await createVerdictToken(context, verdict, { mediaType: accept });
    if (raw !== undefined) return { status: 200, raw, headers };
    const renewed = akCertificate && encodePem('CERTIFICATE', akCertificate);
    const body = {
      verdict: wireVerdict(verdict),
      nextAttestationSeconds: seconds,
      ...present('akCertificate', renewed),
    };
    return { status: 200, body, headers };
  },
};
