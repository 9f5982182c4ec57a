// A move reads what this release would read: neither an older schema, which a server has to bring up to date, nor a newer one.
import { ServerError } from '../../errors.ts';
import { migrations } from '../sqlite/migrations.ts';

/** Told before the first step, which may take long, and after which no earlier release reads the database any more. */
export type OnSchema = (change: { readonly from: number; readonly to: number }) => void;

/** The schema of this release. */
export const knownSchema = migrations.length;

/** @throws ServerError STORAGE_SCHEMA_OLD, STORAGE_SCHEMA_UNKNOWN */
export function checkSchema(version: number): void {
  const text = `the database has schema ${version}; this release has ${knownSchema}`;
  if (version < knownSchema) throw new ServerError('STORAGE_SCHEMA_OLD', text);
  if (version > knownSchema) throw new ServerError('STORAGE_SCHEMA_UNKNOWN', text);
}
