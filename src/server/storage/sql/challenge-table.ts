// Challenges: each is spent once, whatever comes of it.
import type { BootAnnouncement, ChallengeRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { challengeOf, type ChallengeRow } from './rows.ts';
import { call, statement, type Call, type Database, type SqlValue, type Transaction } from './sql.ts';
import { voidVerdict } from './verdict-voiding.ts';

const tidy = statement(
  `DELETE FROM challenges WHERE host_id = $host AND (rides = 1 OR expires_at < $longAgo OR id NOT IN
   (SELECT id FROM challenges WHERE host_id = $host AND rides = 0 ORDER BY expires_at DESC LIMIT $keep))`,
);
const insert = statement('INSERT INTO challenges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
/** They are few. By the host alone, so that they can be asked for before it is read which one is answered. */
export const listChallenges = statement<ChallengeRow>('SELECT * FROM challenges WHERE host_id = ?');
const spend = statement('DELETE FROM challenges WHERE host_id = ? AND id = ?');

export function openChallengeTable(
  database: Database,
): Pick<Store, 'openChallenge' | 'findChallenge' | 'spendChallenge'> {
  return {
    openChallenge: (challenge, { now, maxOpen, boot }) =>
      database.transactHost(challenge.hostId, async (tx) => {
        if (boot !== undefined) await announceBoot(tx, challenge.hostId, boot);
        // An expired one stays a while, so that a late answer is told that it is late.
        await tx.run(tidy, { host: challenge.hostId, longAgo: now - 600_000, keep: maxOpen - 1 });
        await tx.run(insert, ...columnsOf(challenge));
      }),
    findChallenge: async (hostId, id) => {
      const row = (await database.all(listChallenges, hostId)).find((challenge) => challenge.id === id);
      return row && challengeOf(row);
    },
    spendChallenge: async (hostId, id) => (await database.run(spend, hostId, id)) > 0,
  };
}

const spendAnswered = statement('DELETE FROM challenges WHERE host_id = ? AND (id = ? OR rides = 1)');

/** Inside the transaction of the attestation that it was answered with. Whatever rode before is over, too. */
export function spendingChallenge(hostId: string, id: string): Call {
  return call(spendAnswered, hostId, id);
}

export function insertingChallenge(challenge: ChallengeRecord): Call {
  return call(insert, ...columnsOf(challenge));
}

function columnsOf(challenge: ChallengeRecord): readonly SqlValue[] {
  const { hostId, id, epoch, nonce, heldEventLog, heldImaLog, heldUserspaceLog, drawnAt, expiresAt, rides } = challenge;
  const held = [heldEventLog ?? null, heldImaLog ?? null];
  return [hostId, id, epoch, nonce, ...held, expiresAt, heldUserspaceLog ?? null, drawnAt, rides ? 1 : 0];
}

const knownBoot = statement<{ readonly boot_id: string | null }>('SELECT boot_id FROM hosts WHERE id = ?');
const rememberBoot = statement('UPDATE hosts SET boot_id = ? WHERE id = ?');
const forgetDue = statement('UPDATE hosts SET due_at = NULL WHERE id = ?');
const dropAll = statement('DELETE FROM challenges WHERE host_id = ?');

/** A boot that was over cannot be proved any more: not by the verdict about it, and not by an answer that is still under way. */
async function announceBoot(
  tx: Transaction,
  hostId: string,
  { untrustedBootId, audit }: BootAnnouncement,
): Promise<void> {
  const known = (await tx.get(knownBoot, hostId))?.boot_id ?? undefined;
  if (known === untrustedBootId) return;
  await tx.run(rememberBoot, untrustedBootId, hostId);
  if (known === undefined) return;
  await tx.run(forgetDue, hostId);
  await tx.run(dropAll, hostId);
  const message = 'the host said that it has booted again';
  if (await voidVerdict(tx, hostId, { at: audit.at, code: 'HOST_REBOOTED', message })) await tx.audit(audit);
}
