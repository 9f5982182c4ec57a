// Where everything is remembered: the port, and stores over SQLite and PostgreSQL behind it.
export { createStore, inspectPostgres, openFollower, openReader, openStore } from './open-store.ts';
export { checkIntegrity, createDatabase, databasePath } from './sqlite/database.ts';
export { openSqliteStore } from './sqlite/sqlite-store.ts';
export { isDamage, unlessDamaged } from './damage.ts';
export { isInForce, selectsHost } from './host-selector.ts';
export { queueDigest } from './tpm-digests.ts';
export { addSwept, sweptNothing } from './sql/upkeep/sweep-table.ts';
export type * from './records.ts';
export type { RequestAhead, JudgedEndorsement, RevocationJudgement, Store, StoreAhead, Weighed } from './store.ts';
export type * from './sweep-records.ts';
export { moveEndOf } from './move/places.ts';
export { knownSchema } from './move/schema-check.ts';
export { moveStorage, type MoveProgress } from './move/move-storage.ts';
