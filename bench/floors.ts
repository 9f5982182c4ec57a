// Floors of the parts of an attestation that are not verification: a signed token, and a durable commit.
import { generateKeyPairSync, sign } from 'node:crypto';
import Database from 'better-sqlite3';
import { inProcess, type Effort, type Sample } from './measure.ts';

/** One ES256 signature over a token's worth of claims. */
export function tokenFloor(): () => unknown {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const claims = Buffer.alloc(900, 'c');
  return () => sign('sha256', claims, { key: privateKey, dsaEncoding: 'ieee-p1363' });
}

/** How many attestations share a transaction in the floor. */
export const commitGroup = 64;

export interface CommitFloor {
  sample(effort: Effort): Sample;
  close(): void;
}

/** A verdict and its evidence as two rows, 64 attestations in one durable transaction. */
export function commitFloor(path: string): CommitFloor {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE verdict (host TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
  database.exec('CREATE TABLE evidence (host TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID');
  const verdict = database.prepare('INSERT OR REPLACE INTO verdict VALUES (?, ?)');
  const evidence = database.prepare('INSERT OR REPLACE INTO evidence VALUES (?, ?)');
  const [text, bytes] = ['v'.repeat(1200), Buffer.alloc(400)];
  let next = 0;
  const group = database.transaction(() => {
    for (let count = 0; count < commitGroup; count += 1) {
      next = (next + 1) % 1000;
      verdict.run(`host-${next}`, text);
      evidence.run(`host-${next}`, bytes);
    }
  });
  return {
    sample: (effort) => {
      const whole = inProcess(() => group.immediate(), effort);
      return async () => (await whole()) / commitGroup;
    },
    close: () => database.close(),
  };
}
