// Options that name the files by which a PostgreSQL is reached.
import { resolve } from 'node:path';
import type { Command } from 'commander';

export interface PostgresFileOptions {
  readonly postgresPasswordFile?: string;
  readonly postgresCa?: string;
  readonly postgresCert?: string;
  readonly postgresKey?: string;
}

export function withPostgresFiles(command: Command): Command {
  return command
    .option('--postgres-password-file <file>', 'password of the database in a file of mode 0600; PGPASSWORD otherwise')
    .option('--postgres-ca <file>', "certificates to verify the database's with, PEM")
    .option('--postgres-cert <file>', 'certificate to show to the database, PEM; with --postgres-key')
    .option('--postgres-key <file>', 'its private key in a file of mode 0600');
}

/** As the configuration names them, absolute. Those that were not given are not there. */
export function postgresFilesOf(options: PostgresFileOptions) {
  const named = {
    passwordFile: options.postgresPasswordFile,
    caFile: options.postgresCa,
    certFile: options.postgresCert,
    keyFile: options.postgresKey,
  };
  const given = Object.entries(named).flatMap(([name, file]) => (file === undefined ? [] : [[name, resolve(file)]]));
  return Object.fromEntries(given) as { readonly [Name in keyof typeof named]?: string };
}
