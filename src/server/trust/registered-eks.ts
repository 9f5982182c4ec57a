// Endorsement keys that operators vouch for themselves: TPMs without a certificate, or lists from the loading dock.
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { RegisteredEkRecord } from '../storage/index.ts';

export interface EkRegistration {
  /** SHA-256 of the EK's SubjectPublicKeyInfo, hexadecimal. */
  readonly ekDigest: string;
  readonly label: string;
  readonly hostId: string | undefined;
}

/** @throws ServerError EK_ALREADY_REGISTERED, EK_REGISTRATION_CONFLICT */
export async function registerEk(
  { store, now }: ServerContext,
  { ekDigest, label, hostId }: EkRegistration,
  actor: string,
): Promise<RegisteredEkRecord> {
  const at = now().getTime();
  const record = { ekDigest, label, hostId, createdAt: at };
  const details = { label, host: hostId ?? null };
  const outcome = await store.registerEk(record, { at, actor, action: 'ek.registered', subject: ekDigest, details });
  if (outcome === 'known') throw new ServerError('EK_ALREADY_REGISTERED');
  if (outcome === 'conflict') throw new ServerError('EK_REGISTRATION_CONFLICT');
  return record;
}

/** Returns how many hosts this registration vouched for; their verdicts are void now.
 * @throws ServerError EK_NOT_REGISTERED */
export async function unregisterEk({ store, now }: ServerContext, ekDigest: string, actor: string): Promise<number> {
  const at = now().getTime();
  const hosts = await store.unregisterEk(ekDigest, {
    at,
    actor,
    action: 'ek.unregistered',
    subject: ekDigest,
    details: {},
  });
  if (hosts === undefined) throw new ServerError('EK_NOT_REGISTERED', `no registered endorsement key ${ekDigest}`);
  return hosts;
}
