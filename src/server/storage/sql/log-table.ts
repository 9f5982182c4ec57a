// Logs by SHA-256: the hosts of one build send nearly the same log, and one host sends the same again and again.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { encodeHex } from '../../../core/encoding/index.ts';
import { hash } from '../../../core/crypto/index.ts';
import type { Store } from '../store.ts';
import { bytesOf } from './rows.ts';
import { statement, type Database, type Transaction } from './sql.ts';

const find = statement<{ readonly deflated: Buffer }>('SELECT deflated FROM logs WHERE sha256 = ?');
const has = statement('SELECT sha256 FROM logs WHERE sha256 = ?');

export function openLogTable(database: Database): Pick<Store, 'findLog' | 'hasLog'> {
  return {
    findLog: async (sha256) => inflateLog((await database.get(find, sha256))?.deflated),
    hasLog: async (sha256) => (await database.get(has, sha256)) !== undefined,
  };
}

export function inflateLog(deflated: Buffer | null | undefined): Uint8Array | undefined {
  return deflated ? bytesOf(inflateRawSync(deflated)) : undefined;
}

export function nameOfLog(log: Uint8Array): string {
  return encodeHex(hash('sha256', log));
}

const raise = statement('UPDATE logs SET uses = uses + ? WHERE sha256 = ?');
const insert = statement(
  'INSERT INTO logs VALUES (?, ?, ?) ON CONFLICT (sha256) DO UPDATE SET uses = logs.uses + excluded.uses',
);
const sweep = statement('DELETE FROM logs WHERE sha256 = ? AND uses <= 0');

/**
 * Counts one use more of each of `used`, and one less of each of `dropped`; a log that nobody uses goes. Always in the order of
 * their names, so that the transactions of two hosts never wait for each other. A log that is used as often as before costs nothing.
 */
export async function countUses(
  tx: Transaction,
  used: readonly (readonly [name: string, log: Uint8Array])[],
  dropped: readonly string[],
): Promise<void> {
  const logs = new Map(used);
  const changes = new Map<string, number>();
  for (const [name] of used) changes.set(name, (changes.get(name) ?? 0) + 1);
  for (const name of dropped) changes.set(name, (changes.get(name) ?? 0) - 1);
  for (const name of [...changes.keys()].sort()) {
    const change = changes.get(name) ?? 0;
    if (change === 0) continue;
    const isKnown = (await tx.run(raise, change, name)) > 0;
    const log = logs.get(name);
    if (change < 0) await tx.run(sweep, name);
    else if (!isKnown && log !== undefined) await tx.run(insert, name, change, deflateRawSync(log, { level: 1 }));
  }
}
