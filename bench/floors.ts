// Floors of the parts of an attestation that are not verification: a signed token, and a durable commit.
import { generateKeyPairSync, sign } from 'node:crypto';
import Database from 'better-sqlite3';

/** One ES256 signature over a token's worth of claims. */
export function tokenFloor(): () => unknown {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const claims = Buffer.alloc(900, 'c');
  return () => sign('sha256', claims, { key: privateKey, dsaEncoding: 'ieee-p1363' });
}

/** How many attestations share a transaction in the floor. */
const commitGroup = 64;

/** A verdict and its evidence as two rows, 64 attestations in one durable transaction: each call is one of them, and the last of a group
 * commits. */
export function commitFloor(path: string): () => void {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE verdict (host TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
  database.exec('CREATE TABLE evidence (host TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const verdict = database.prepare('INSERT OR REPLACE INTO verdict VALUES (?, ?)');
  const evidence = database.prepare('INSERT OR REPLACE INTO evidence VALUES (?, ?)');
  const [text, bytes] = ['v'.repeat(1200), Buffer.alloc(400)];
  let count = 0;
  return () => {
    const host = `host-${count % 1000}`;
    if (count % commitGroup === 0) begin.run();
    verdict.run(host, text);
    evidence.run(host, bytes);
    count += 1;
    if (count % commitGroup === 0) commit.run();
  };
}
