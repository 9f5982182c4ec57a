// A DSSE envelope around a golden statement: shape only, nothing is approved here. [DSSE]
import { goldenPayloadType, type ClaimedGolden } from './approval.ts';
import { openEnvelope } from './envelope.ts';
import { parseGoldenStatement } from './parse-statement.ts';

/**
 * Reads an envelope that somebody sent.
 *
 * @throws MalformedError GOLDEN_ENVELOPE_TYPE, the codes of `parseGoldenStatement` and of the envelope's encoding
 */
export function parseGolden(envelope: Uint8Array): ClaimedGolden {
  const document = openEnvelope(envelope, goldenPayloadType, 'GOLDEN_ENVELOPE_TYPE');
  return { ...document, untrustedStatement: parseGoldenStatement(document.payload) };
}
