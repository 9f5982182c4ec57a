// A sigstore bundle around an in-toto statement, verified offline with keys that an operator named. [sigstore]
//
// Key-only profile, knowingly: a lasting key that an operator named needs neither a certificate log, nor a transparency log,
// nor a timestamp to be believed, so their thresholds are 0. Entries of such services in the bundle are not looked at, and
// the import says so. A bundle that rests on them (a certificate of ten minutes) is refused.
import { bundleFromJSON, isBundleWithDsseEnvelope, isBundleWithPublicKey } from '@sigstore/bundle';
import { toSignedEntity, Verifier, type SignedEntity } from '@sigstore/verify';
import type { VerificationKey } from '../crypto/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import { checkPayloadType, type OpenedEnvelope } from './dsse.ts';
import { readObject } from './format.ts';

export interface OpenedBundle extends OpenedEnvelope {
  /** Witnesses in the bundle (log entries, timestamps) that nobody verified. */
  readonly witnesses: number;
}

const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };

/**
 * Proves that one of `keys` signed exactly this payload as an in-toto statement. Without `keys` it is only read.
 *
 * @throws MalformedError IMPORT_SIGSTORE_INVALID, IMPORT_ENVELOPE_TYPE, and those of JSON
 * @throws VerificationError IMPORT_SIGSTORE_UNSUPPORTED, IMPORT_SIGNATURE_INVALID
 */
export function openSigstoreBundle(bytes: Uint8Array, keys: readonly VerificationKey[] | undefined): OpenedBundle {
  const bundle = readBundle(bytes);
  if (!isBundleWithDsseEnvelope(bundle)) throw unsupported('it signs bare bytes, not an in-toto statement');
  if (!isBundleWithPublicKey(bundle)) throw unsupported('it is signed with a short-lived certificate, not with a key');
  const { payloadType, payload: content } = bundle.content.dsseEnvelope;
  checkPayloadType(payloadType);
  const payload = new Uint8Array(content);
  const entity = toSignedEntity(bundle);
  const witnesses = entity.tlogEntries.length + entity.timestamps.length;
  if (keys === undefined) return { payload, signers: [], witnesses };
  const signed = { ...entity, tlogEntries: [], timestamps: [] };
  const signers = keys.filter((key) => isSignedBy(key, signed)).map(({ kid }) => kid);
  if (signers.length > 0) return { payload, signers, witnesses };
  throw new VerificationError('IMPORT_SIGNATURE_INVALID', `none of ${keys.length} named keys made the signature`);
}

/** The library's readers take what is absent for empty, and throw their own errors: all of them are a refusal. */
function readBundle(bytes: Uint8Array): ReturnType<typeof bundleFromJSON> {
  const object = readObject(bytes);
  try {
    return bundleFromJSON(object);
  } catch (cause) {
    throw new MalformedError('IMPORT_SIGSTORE_INVALID', 'not a bundle that @sigstore/bundle reads', { cause });
  }
}

/** The hint that a bundle gives of its key is not looked at: each named key is asked. */
function isSignedBy({ publicKey }: VerificationKey, signed: SignedEntity): boolean {
  const key = () => ({ publicKey: publicKey.handle, validFor: () => true });
  const trust = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [], publicKey: key };
  try {
    new Verifier(trust, thresholds).verify(signed);
    return true;
  } catch {
    return false;
  }
}

function unsupported(message: string): VerificationError {
  return new VerificationError('IMPORT_SIGSTORE_UNSUPPORTED', message);
}
