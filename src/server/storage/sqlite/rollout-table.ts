// Staged rollouts. Each change raises the revision of trust: what an appraisal rested on is outdated by it.
import type { RolloutRecord } from '../records.ts';
import { rolloutOf, type RolloutRow } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';

type RolloutMethods = Pick<
  SyncStore,
  'listRollouts' | 'findRollout' | 'openRollout' | 'moveRollout' | 'claimRolloutCheck' | 'countResting'
>;

export function openRolloutTable({ database, transact, audit, raiseTrustRevision }: Tables): RolloutMethods {
  // In the order in which they were opened: of several about one golden measurement the last one decides.
  const list = database.prepare<[], RolloutRow>('SELECT * FROM rollouts ORDER BY rowid');
  const find = database.prepare<[string], RolloutRow>('SELECT * FROM rollouts WHERE name = ?');
  const insert = database.prepare('INSERT INTO rollouts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, 0)');
  const move = database.prepare(
    `UPDATE rollouts SET state = $state, stage = $stage, stage_opened_at = $openedAt, ended_at = $endedAt,
     end_reason = $endReason WHERE name = $name AND state = $fromState AND stage = $fromStage`,
  );
  const claim = database.prepare('UPDATE rollouts SET checked_at = ? WHERE name = ? AND checked_at <= ?');
  const resting = database
    .prepare<[string], number>(
      `SELECT count(*) FROM verdict_goldens JOIN hosts ON hosts.id = verdict_goldens.host_id
       WHERE golden_id = ? AND hosts.state = 'active'`,
    )
    .pluck();
  return {
    listRollouts: () => list.all().map(rolloutOf),
    findRollout: (name) => {
      const row = find.get(name);
      return row && rolloutOf(row);
    },
    openRollout: (rollout, draft) =>
      transact(() => {
        if (find.get(rollout.name) !== undefined) return 'name-taken';
        const others = list.all().map(rolloutOf);
        if (others.some((other) => isUnderWay(other) && sharesGolden(other, rollout))) return 'golden-taken';
        const { name, goldens, predecessors, stages, advance, state, stage, stageOpenedAt, createdAt } = rollout;
        const lists = [goldens, predecessors, stages].map((value) => JSON.stringify(value));
        insert.run(name, ...lists, advance, state, stage, stageOpenedAt, createdAt);
        raiseTrustRevision();
        audit(draft);
        return 'opened';
      }),
    moveRollout: (from, to, draft) =>
      transact(() => {
        const changes = move.run({
          name: from.name,
          fromState: from.state,
          fromStage: from.stage,
          state: to.state,
          stage: to.stage,
          openedAt: to.stageOpenedAt,
          endedAt: to.endedAt ?? null,
          endReason: to.endReason ?? null,
        }).changes;
        if (changes === 0) return false;
        raiseTrustRevision();
        audit(draft);
        return true;
      }),
    claimRolloutCheck: (name, now, interval) => claim.run(now, name, now - interval).changes > 0,
    countResting: (goldenId) => resting.get(goldenId) ?? 0,
  };
}

function isUnderWay({ state }: RolloutRecord): boolean {
  return state === 'running' || state === 'widened';
}

function sharesGolden(left: RolloutRecord, right: RolloutRecord): boolean {
  return left.goldens.some((id) => right.goldens.includes(id));
}
