// A DSSE envelope around an in-toto statement, signed with keys that an operator named. [DSSE]
import { verifySignature, type PublicKey, type SignatureScheme, type VerificationKey } from '../crypto/index.ts';
import { parseDsseEnvelope, preAuthEncoding, printable, type ClaimedEnvelope } from '../encoding/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import { goldenPayloadType } from '../golden/index.ts';

export interface OpenedEnvelope {
  readonly payload: Uint8Array;
  /** Names of the keys that signed; empty where no keys were given to verify with. */
  readonly signers: readonly string[];
}

/**
 * Proves that at least one of `keys` signed exactly this payload as an in-toto statement. Without `keys` it is only read.
 *
 * @throws MalformedError ENCODING_DSSE_INVALID and those of JSON, IMPORT_ENVELOPE_TYPE
 * @throws VerificationError IMPORT_SIGNATURE_INVALID
 */
export function openInTotoEnvelope(bytes: Uint8Array, keys: readonly VerificationKey[] | undefined): OpenedEnvelope {
  const envelope = parseDsseEnvelope(bytes);
  checkPayloadType(envelope.payloadType);
  const { payload } = envelope;
  if (keys === undefined) return { payload, signers: [] };
  const signers = keys.filter(({ publicKey }) => hasSigned(publicKey, envelope)).map(({ kid }) => kid);
  if (signers.length > 0) return { payload, signers };
  throw new VerificationError('IMPORT_SIGNATURE_INVALID', `none of ${keys.length} named keys made a signature`);
}

/** @throws MalformedError IMPORT_ENVELOPE_TYPE */
export function checkPayloadType(type: string): void {
  if (type === goldenPayloadType) return;
  throw new MalformedError('IMPORT_ENVELOPE_TYPE', `payload type ${printable(type, 128)}`, { at: 'payloadType' });
}

const hashes = ['sha256', 'sha384', 'sha512'] as const;

/** Every signature is tried: the key ids in an envelope are hints that each tool spells in its own way. */
function hasSigned(key: PublicKey, { payloadType, payload, signatures }: ClaimedEnvelope): boolean {
  const message = preAuthEncoding(payloadType, payload);
  return signatures.some(({ sig }) => schemesOf(key).some((scheme) => verifySignature(key, scheme, message, sig)));
}

/** The schemes under which other tools sign envelopes with a key of this kind. DSSE leaves the choice to the parties; none of these is weak. */
function schemesOf(key: PublicKey): readonly SignatureScheme[] {
  switch (key.type) {
    case 'ed25519':
      return [{ kind: 'ed25519' }];
    case 'rsa':
      return hashes.flatMap((hash) => [
        { kind: 'rsassa', hash },
        { kind: 'rsapss', hash },
      ]);
    case 'ec':
      return hashes.map((hash) => ({ kind: 'ecdsa', hash, encoding: 'der' }));
  }
}
