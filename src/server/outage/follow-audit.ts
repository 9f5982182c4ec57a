// Whatever changes trust is in the audit log, in the order in which it was committed. So who follows the log knows of what it
// remembers that nothing happened to it.
import { eventKinds, type EventKind } from '../events/event-kinds.table.ts';
import type { AuditRecord, Store } from '../storage/index.ts';
import type { LastKnown } from './last-known.ts';

/** What is read at once. Where more happened, everything is forgotten. */
const mostEntries = 200;

/** What ends no trust in any host, or says so of each of them in an entry of its own. */
const harmless: ReadonlySet<string> = new Set<EventKind>([
  'golden.signed',
  'golden.activated',
  'golden.retired',
  'golden.revoked',
  'signer.added',
  'signer.removed',
  'signing-key.created',
  'quarantine.opened',
  'quarantine.lifted',
  'quarantine.ended',
  'subscription.added',
  'subscription.removed',
  'subscription.paused',
  'subscription.replayed',
  'subscription.tested',
]);

/** Hosts and tokens that something happened to are forgotten; everything is, where it cannot be said to whom.
 * @throws ServerError STORAGE_UNREACHABLE */
export async function followAudit(
  store: Pick<Store, 'lastAuditSequence' | 'listAudit'>,
  lastKnown: LastKnown,
): Promise<void> {
  const reading = lastKnown.begin();
  const { followed } = reading;
  const last = await store.lastAuditSequence();
  const isShort = followed !== undefined && last >= followed && last - followed <= mostEntries;
  const entries = isShort && last > followed ? await store.listAudit(followed, last - followed) : [];
  // Heavy entries are not all read at once.
  if (isShort && entries.length === last - followed) entries.forEach((entry) => heed(entry, lastKnown));
  else forgetAll(lastKnown);
  lastKnown.follow(last, reading);
}

function heed({ action, subject }: AuditRecord, lastKnown: LastKnown): void {
  if (harmless.has(action)) return;
  const about = Object.hasOwn(eventKinds, action) ? eventKinds[action as EventKind].about : undefined;
  if (about === 'host') lastKnown.hosts.forget(subject);
  else if (about === 'token') lastKnown.tokens.forget(subject);
  else forgetAll(lastKnown);
}

function forgetAll({ hosts, tokens }: LastKnown): void {
  hosts.forgetAll();
  tokens.forgetAll();
}
