// What a host must have its TPM sign to answer a challenge: the nonce, bound to verifier, host and key.
import { hash } from '../crypto/index.ts';
import { encodeUtf8 } from '../encoding/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import { hashOfName } from './name.ts';

export interface QuoteContext {
  readonly serverId: string;
  readonly hostId: string;
  readonly akName: Uint8Array;
  /** 32 random bytes of the server. */
  readonly nonce: Uint8Array;
}

/** Fewer bytes could be guessed or repeated. */
const minimumQualifyingData = 16;

/** SHA-256('touchstone-quote-v1' || 0 || serverId || 0 || hostId || 0 || akName || nonce), 32 bytes: a quote made for one server, host
 * and key is worthless at another. Both sides compute it.
 * @throws MalformedError TPM_QUALIFYING_DATA_AMBIGUOUS
 * @throws VerificationError TPM_QUALIFYING_DATA_TOO_SHORT */
export function quoteQualifyingData({ serverId, hostId, akName, nonce }: QuoteContext): Uint8Array {
  checkQualifyingDataLength(nonce);
  return bindToKey(['touchstone-quote-v1', serverId, hostId], akName, nonce);
}

/** What an IAK must sign to vouch for an attestation key:
 * SHA-256('touchstone-certify-v1' || 0 || serverId || 0 || enrolmentId || 0 || akName).
 * A statement made for one enrolment is worthless at another.
 * @throws MalformedError TPM_QUALIFYING_DATA_AMBIGUOUS */
export function certifyQualifyingData(context: {
  readonly serverId: string;
  /** Random, and used once. */
  readonly enrolmentId: string;
  readonly akName: Uint8Array;
}): Uint8Array {
  const { serverId, enrolmentId, akName } = context;
  return bindToKey(['touchstone-certify-v1', serverId, enrolmentId], akName);
}

/** SHA-256 of each word and a NUL, of the name of the key, and of what may follow. No other words and key give the same bytes: no word
 * contains a NUL, and a name says how long it is.
 * @throws MalformedError TPM_QUALIFYING_DATA_AMBIGUOUS */
export function bindToKey(words: readonly string[], akName: Uint8Array, ...rest: readonly Uint8Array[]): Uint8Array {
  if (words.some((word) => word.includes('\0')) || hashOfName(akName) === undefined) {
    throw new MalformedError('TPM_QUALIFYING_DATA_AMBIGUOUS', 'a part contains NUL, or the key name is not a TPM name');
  }
  return hash('sha256', encodeUtf8(words.map((word) => `${word}\0`).join('')), akName, ...rest);
}

/** @throws VerificationError TPM_QUALIFYING_DATA_TOO_SHORT */
export function checkQualifyingDataLength(data: Uint8Array): void {
  if (data.length >= minimumQualifyingData) return;
  throw new VerificationError('TPM_QUALIFYING_DATA_TOO_SHORT', `${data.length} bytes prove no freshness`);
}
