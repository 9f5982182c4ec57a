// DSSE envelopes as they come over the API.
import type { components } from '../../api/index.ts';
import { decodeBase64, type ClaimedEnvelope, type EnvelopeSignature } from '../../core/encoding/index.ts';

type Schemas = components['schemas'];

export function readEnvelope({ payloadType, payload, signatures }: Schemas['DsseEnvelope']): ClaimedEnvelope {
  return { payloadType, payload: decodeEither(payload), signatures: signatures.map(readSignature) };
}

export function readSignature({ keyid, sig }: Schemas['EnvelopeSignature']): EnvelopeSignature {
  return keyid === undefined || keyid === '' ? { sig: decodeEither(sig) } : { keyid, sig: decodeEither(sig) };
}

/** DSSE lets producers choose the standard or the URL-safe alphabet. */
function decodeEither(text: string): Uint8Array {
  return decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}
