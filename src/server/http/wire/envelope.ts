// DSSE envelopes as they come over the API.
import type { components } from '../../../api/index.ts';
import { decodeEitherBase64, type ClaimedEnvelope, type EnvelopeSignature } from '../../../core/encoding/index.ts';

type Schemas = components['schemas'];

export function readEnvelope({ payloadType, payload, signatures }: Schemas['DsseEnvelope']): ClaimedEnvelope {
  return { payloadType, payload: decodeEitherBase64(payload), signatures: signatures.map(readSignature) };
}

export function readSignature({ keyid, sig }: Schemas['EnvelopeSignature']): EnvelopeSignature {
  return keyid === undefined || keyid === ''
    ? { sig: decodeEitherBase64(sig) }
    : { keyid, sig: decodeEitherBase64(sig) };
}
