// Challenges: each is spent once, whatever comes of it.
import { nameOfLog } from '../../../../core/appraisal/index.ts';
import type { AttestationRecord, BootAnnouncement, ChallengeRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import type { Amend } from '../row-memory.ts';
import { challengeOf, type ChallengeRow } from '../rows.ts';
import { call, runAll, statement, type Call, type Database, type Transaction } from '../sql.ts';
import { voidVerdict } from './verdict-voiding.ts';

// Counted, where a list of those that stay would be shorter to write: SQLite makes and drops a table for each list that is sorted.
const tidy = statement(
  `DELETE FROM challenges WHERE host_id = $host AND (rides = 1 OR expires_at < $longAgo OR
     (SELECT count(*) FROM challenges AS newer WHERE newer.host_id = $host AND newer.rides = 0
        AND (newer.expires_at, newer.id) > (challenges.expires_at, challenges.id)) >= $keep)`,
);
const insertWith = (epoch: string) =>
  statement(
    `INSERT INTO challenges VALUES ($hostId, $id, ${epoch}, $nonce, $eventLog, $imaLog, $expiresAt, $userspaceLog, $drawnAt, $rides)`,
  );
const insert = insertWith('$epoch');
const insertUnder = insertWith(
  '(SELECT epoch FROM hosts WHERE id = $hostId AND epoch = $epoch AND (boot_id = $boot OR $boot IS NULL))',
);
/** They are few. By the host alone, so that they can be asked for before it is read which one is answered. The last attestation is the one
 * that a challenge rode with: any later one ends it. */
const listChallenges = statement<ChallengeRow>(
  `SELECT *, CASE WHEN rides = 1 THEN
       (SELECT pcrs FROM attestations WHERE attestations.host_id = $host ORDER BY sequence DESC LIMIT 1) END AS held_pcrs
   FROM challenges WHERE host_id = $host`,
);

export function askingChallenges(hostId: string): Call {
  return call(listChallenges, { host: hostId });
}

const spend = statement('DELETE FROM challenges WHERE host_id = ? AND id = ?');

export function openChallengeTable(
  database: Database,
): Pick<Store, 'openChallenge' | 'findChallenge' | 'spendChallenge'> {
  return {
    openChallenge: async (challenge, { now, maxOpen, boot }) => {
      const { hostId } = challenge;
      // An expired one stays a while, so that a late answer is told that it is late.
      const bounds = { longAgo: now - 600_000, keep: maxOpen - 1 };
      const tidying = call(tidy, { host: hostId, ...bounds });
      const plan = () => Promise.resolve([tidying, insertingUnder(challenge, boot)]);
      const amend: Amend = (name, answer) =>
        name === 'challenges' ? [...tidied(answer as readonly ChallengeRecord[], bounds), challenge] : answer;
      if (await database.changeHost(hostId, plan, { audit: undefined, amend })) return;
      await database.transactHost(hostId, async (tx) => {
        if (boot !== undefined) await announceBoot(tx, hostId, boot);
        await runAll(tx, [tidying, insertingChallenge(challenge)]);
      });
    },
    findChallenge: async (hostId, id) => {
      const read = async () => (await database.all(listChallenges, { host: hostId })).map(challengeOf);
      const open = await database.recall({ host: hostId, name: 'challenges' }, read);
      return open.find((challenge) => challenge.id === id);
    },
    spendChallenge: (hostId, id) => database.transactHost(hostId, async (tx) => (await tx.run(spend, hostId, id)) > 0),
  };
}

/** What `tidy` leaves of those that were open. Nothing else that is recalled of a host rests on its challenges. */
function tidied(
  open: readonly ChallengeRecord[],
  { longAgo, keep }: { readonly longAgo: number; readonly keep: number },
): readonly ChallengeRecord[] {
  const asked = open.filter(({ rides }) => !rides);
  return asked.filter(
    (each) => each.expiresAt >= longAgo && asked.filter((other) => isNewer(other, each)).length < keep,
  );
}

function isNewer(one: ChallengeRecord, other: ChallengeRecord): boolean {
  return one.expiresAt === other.expiresAt ? one.id > other.id : one.expiresAt > other.expiresAt;
}

const spendAnswered = statement('DELETE FROM challenges WHERE host_id = ? AND (id = ? OR rides = 1)');

/** Inside the transaction of the attestation that it was answered with. Whatever rode before is over, too. */
export function spendingChallenge(hostId: string, id: string): Call {
  return call(spendAnswered, hostId, id);
}

/** The one that comes with the answer. What it need not be answered with is what is kept with this evidence. */
export function ridingChallenge({ next, hostId, basis, evidence }: AttestationRecord): ChallengeRecord | undefined {
  if (next === undefined) return undefined;
  const { pcrs, eventLog, imaLog, userspaceLog } = evidence;
  const { id, nonce, drawnAt, expiresAt } = next;
  return {
    id,
    hostId,
    epoch: basis.epoch,
    nonce,
    heldPcrs: pcrs,
    heldEventLog: eventLog && nameOfLog(eventLog),
    heldImaLog: imaLog && nameOfLog(imaLog),
    heldUserspaceLog: userspaceLog && nameOfLog(userspaceLog),
    drawnAt,
    expiresAt,
    rides: true,
  };
}

/** Of those that were open, which an attestation leaves, and the one that comes with its answer. */
export function challengesAfter(
  open: readonly ChallengeRecord[],
  record: AttestationRecord,
): readonly ChallengeRecord[] {
  const riding = ridingChallenge(record);
  const left = open.filter(({ id, rides }) => id !== record.challengeId && !rides);
  return riding === undefined ? left : [...left, riding];
}

export function insertingChallenge(challenge: ChallengeRecord): Call {
  return call(insert, valuesOf(challenge));
}

/** Not for a host of another binding, or of a boot that it did not announce before: that changes more. */
function insertingUnder(challenge: ChallengeRecord, boot: BootAnnouncement | undefined): Call {
  return call(insertUnder, { boot: boot?.untrustedBootId ?? null, ...valuesOf(challenge) });
}

function valuesOf(challenge: ChallengeRecord) {
  const { hostId, id, epoch, nonce, heldEventLog, heldImaLog, heldUserspaceLog, expiresAt, drawnAt, rides } = challenge;
  return {
    hostId,
    id,
    epoch,
    nonce,
    expiresAt,
    drawnAt,
    eventLog: heldEventLog ?? null,
    imaLog: heldImaLog ?? null,
    userspaceLog: heldUserspaceLog ?? null,
    rides: rides ? 1 : 0,
  };
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
