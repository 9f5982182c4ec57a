export { createStore, inspectPostgres, openStore } from './open-store.ts';
export { checkIntegrity, createDatabase } from './sqlite/database.ts';
export { openSqliteStore } from './sqlite/sqlite-store.ts';
export { isDamage, unlessDamaged } from './damage.ts';
export { isInForce, selectsHost } from './host-selector.ts';
export { queueDigest } from './tpm-digests.ts';
export type * from './records.ts';
export type { RevokedHost, Store } from './store.ts';
