// Staged rollouts. Each change raises the revision of trust: what an appraisal rested on is outdated by it.
import type { RolloutRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { changeTrust } from '../database.ts';
import { rolloutOf, type CountRow, type RolloutRow } from '../rows.ts';
import { statement, type Database } from '../sql.ts';
import { retireGolden } from './golden-tables.ts';

type RolloutMethods = Pick<
  Store,
  'listRollouts' | 'findRollout' | 'openRollout' | 'moveRollout' | 'claimRolloutCheck' | 'countResting'
>;

// In the order in which they were opened: of several about one golden measurement the last one decides.
const list = statement<RolloutRow>('SELECT * FROM rollouts ORDER BY rowid');
const find = statement<RolloutRow>('SELECT * FROM rollouts WHERE name = ?');
const insert = statement(
  `INSERT INTO rollouts (name, goldens, predecessors, stages, advance, state, stage, stage_opened_at, created_at, checked_at)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
);
const move = statement(
  `UPDATE rollouts SET state = $state, stage = $stage, stage_opened_at = $openedAt, ended_at = $endedAt,
   end_reason = $endReason, advance = $advance
   WHERE name = $name AND state = $fromState AND stage = $fromStage AND advance = $fromAdvance`,
);
// One that was looked at in what is now the future waits for nothing: the clock was set back.
const claim = statement(
  'UPDATE rollouts SET checked_at = $now WHERE name = $name AND (checked_at + $interval <= $now OR checked_at - $interval > $now)',
);
const resting = statement<CountRow>(
  `SELECT count(*) AS count FROM verdict_goldens JOIN hosts ON hosts.id = verdict_goldens.host_id
   WHERE golden_id = ? AND hosts.state = 'active'`,
);

export function openRolloutTable(database: Database): RolloutMethods {
  return {
    listRollouts: async () => (await database.all(list)).map(rolloutOf),
    findRollout: async (name) => {
      const row = await database.get(find, name);
      return row && rolloutOf(row);
    },
    openRollout: (rollout, draft) =>
      database.transact(async (tx) => {
        if ((await tx.get(find, rollout.name)) !== undefined) return 'name-taken';
        const others = (await tx.all(list)).map(rolloutOf);
        if (others.some((other) => isUnderWay(other) && sharesGolden(other, rollout))) return 'golden-taken';
        const { name, goldens, predecessors, stages, advance, state, stage, stageOpenedAt, createdAt } = rollout;
        const lists = [goldens, predecessors, stages].map((value) => JSON.stringify(value));
        await tx.run(insert, name, ...lists, advance, state, stage, stageOpenedAt, createdAt);
        await changeTrust(tx, draft);
        return 'opened';
      }),
    moveRollout: (from, to, { revision, audit: draft, retired }) =>
      database.transact(async (tx) => {
        const moved = await tx.run(move, {
          name: from.name,
          fromState: from.state,
          fromStage: from.stage,
          fromAdvance: from.advance,
          advance: to.advance,
          state: to.state,
          stage: to.stage,
          openedAt: to.stageOpenedAt,
          endedAt: to.endedAt ?? null,
          endReason: to.endReason ?? null,
        });
        if (moved === 0) return false;
        for (const entry of retired?.audits ?? []) await retireGolden(tx, retired?.reason ?? '', entry);
        await changeTrust(tx, draft, revision);
        return true;
      }),
    claimRolloutCheck: async (name, now, interval) => (await database.run(claim, { name, now, interval })) > 0,
    countResting: async (goldenId) => (await database.get(resting, goldenId))?.count ?? 0,
  };
}

function isUnderWay({ state }: RolloutRecord): boolean {
  return state === 'running' || state === 'widened';
}

function sharesGolden(left: RolloutRecord, right: RolloutRecord): boolean {
  return left.goldens.some((id) => right.goldens.includes(id));
}
