// Attestations of a host that go, and with them their uses of logs: a log that nobody else uses goes too.
import { logColumns, logsOf, type LogsRow } from './kept-rows.ts';
import { countingUses } from './log-table.ts';
import { runAll, statement, type Transaction } from '../sql.ts';

const those = 'FROM attestations WHERE host_id = $host AND sequence BETWEEN $from AND $through';
const list = statement<LogsRow>(`SELECT ${logColumns} ${those}`);
const drop = statement(`DELETE ${those}`);

interface Span {
  /** Sequences; from the first one unless told. */
  readonly from?: number;
  readonly through: number;
}

export async function dropHistory(tx: Transaction, host: string, { from = 0, through }: Span): Promise<void> {
  const dropped = (await tx.all(list, { host, from, through })).flatMap(logsOf);
  await tx.run(drop, { host, from, through });
  await runAll(tx, countingUses([], { held: new Set(), dropped }));
}
