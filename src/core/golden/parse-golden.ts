// A DSSE envelope around a golden statement: shape only, nothing is approved here. [DSSE]
import { MalformedError } from '../error.ts';
import { parseDsseEnvelope, printable } from '../encoding/index.ts';
import { goldenPayloadType, type ClaimedGolden, type ClaimedSignature } from './approval.ts';
import { goldenIdOf } from './encode-statement.ts';
import { parseGoldenStatement } from './parse-statement.ts';

/**
 * Reads an envelope that somebody sent.
 *
 * @throws MalformedError GOLDEN_ENVELOPE_TYPE, the codes of `parseGoldenStatement` and of the envelope's encoding
 */
export function parseGolden(envelope: Uint8Array): ClaimedGolden {
  const { payloadType, payload, signatures } = parseDsseEnvelope(envelope);
  if (payloadType !== goldenPayloadType) {
    throw new MalformedError('GOLDEN_ENVELOPE_TYPE', `payload type ${printable(payloadType, 128)}`, {
      at: 'payloadType',
    });
  }
  return {
    id: goldenIdOf(payload),
    payload,
    untrustedStatement: parseGoldenStatement(payload),
    signatures: signatures.map(({ keyid, sig }): ClaimedSignature =>
      keyid === undefined ? { sig } : { untrustedKeyid: keyid, sig },
    ),
  };
}
