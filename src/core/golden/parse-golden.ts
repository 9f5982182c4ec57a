// A DSSE envelope around a golden statement: shape only, nothing is approved here. [DSSE]
import { createReading, type Pieces } from '../encoding/index.ts';
import { goldenPayloadType, type ClaimedGolden } from './approval.ts';
import { openEnvelope } from './envelope.ts';
import { readGoldenStatement } from './parse-statement.ts';

/**
 * Reads an envelope that somebody sent.
 *
 * @throws MalformedError GOLDEN_ENVELOPE_TYPE, the codes of `parseGoldenStatement` and of the envelope's encoding
 */
export function parseGolden(envelope: Uint8Array): ClaimedGolden {
  return reading.read(envelope);
}

/** Reads a long one in pieces. `parseGolden`, `verifyGolden` or `verifyApproval` then says at once what it would have said. */
export function readGoldenAhead(envelope: Uint8Array, pause: () => Promise<void>): Promise<void> {
  return reading.ahead(envelope, pause);
}

const reading = createReading(function* (envelope): Pieces<ClaimedGolden> {
  const document = openEnvelope(envelope, goldenPayloadType, 'GOLDEN_ENVELOPE_TYPE');
  return { ...document, untrustedStatement: yield* readGoldenStatement(document.payload) };
});
