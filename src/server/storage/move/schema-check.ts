// A move reads what this release would read: neither an older schema, which a server has to bring up to date, nor a newer one.
import { ServerError } from '../../errors.ts';
import { migrations } from '../sqlite/migrations.ts';

/** @throws ServerError STORAGE_SCHEMA_OLD, STORAGE_SCHEMA_UNKNOWN */
export function checkSchema(version: number): void {
  const known = migrations.length;
  const text = `the database has schema ${version}; this release has ${known}`;
  if (version < known) throw new ServerError('STORAGE_SCHEMA_OLD', text);
  if (version > known) throw new ServerError('STORAGE_SCHEMA_UNKNOWN', text);
}
