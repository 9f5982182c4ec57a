// A golden measurement as it is stored, back in the envelope that it came in.
import { encodeDsseEnvelope } from '../../core/encoding/index.ts';
import { goldenPayloadType } from '../../core/golden/index.ts';
import type { GoldenRecord } from '../storage/index.ts';

/** Canonical. */
export function envelopeOf({ payload, signatures }: Pick<GoldenRecord, 'payload' | 'signatures'>): Uint8Array {
  return encodeDsseEnvelope({
    payloadType: goldenPayloadType,
    payload,
    signatures: signatures.map(({ keyid, sig }) => (keyid === undefined ? { sig } : { keyid, sig })),
  });
}
