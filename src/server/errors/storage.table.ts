// What the server refuses when its database is away, or is not its own. Part of the table in ../errors.ts.
export const storageErrors = {
  STORAGE_UNREACHABLE: {
    status: 503,
    title: 'The database cannot be reached',
    cause:
      'There is no connection to PostgreSQL, it was lost, or there is no primary at this moment. What was being written may have been written or not.',
    remedy:
      'Send the request again in a moment: the server connects by itself. If it stays so, run `touchstone server doctor` and look at the database.',
  },
  STORAGE_REFUSED: {
    status: 503,
    title: 'The database does not let the server in',
    cause:
      'Role, password, database, rights or the certificate of PostgreSQL are not as `storage` and `postgres` say; its advisory locks lock nothing; or a pooler before it is not set as servers need it.',
    remedy:
      "Compare the configuration with the database: user and database of the URL, `postgres.passwordFile`, `postgres.caFile`. How a pooler is set is in docs/postgresql.md. The server's log has PostgreSQL's own words.",
  },
  STORAGE_NOT_INITIALISED: {
    status: 500,
    title: 'The database has no schema of ours',
    cause: 'Nothing important is created silently at start: an empty database may be the wrong one.',
    remedy: 'Compare the URL, or make a new server with `touchstone server init --data DIR --storage URL`.',
  },
  STORAGE_IN_USE: {
    status: 500,
    title: 'The database belongs to a server already',
    cause: 'Initialisation never overwrites: the database has a schema of ours.',
    remedy:
      'For one more server over the same database copy the data directory of the first (`touchstone.yaml` and `keys/`) instead of making one; for a server of its own take an empty database.',
  },
  STORAGE_SCHEMA_OLD: {
    status: 500,
    title: 'The database was written by an older release',
    cause:
      'The database lacks what this release added to the schema. A move and the doctor read what there is and change nothing.',
    remedy: 'Start a server of this release on it once: it brings the schema up to date.',
  },
  STORAGE_OLDER_SERVED: {
    status: 500,
    title: 'Servers that cannot be told of a new schema use the database',
    cause:
      'The schema has to be brought up to date, and a server of a release that does not notice, or one that is connected through a pooler, would go on answering by what it was. Nothing was changed.',
    remedy:
      'Stop every server of this database, then start one of this release. A pooler keeps connections after that: wait for its server_idle_timeout, or have it close them.',
  },
  STORAGE_SERVED: {
    status: 500,
    title: 'Servers use the database',
    cause:
      'A store is moved while nobody writes to it: what a server acknowledged after it was read would be missing in the copy.',
    remedy:
      'Stop every server of this database first, and keep them stopped until they are configured for the new place.',
  },
  STORAGE_ROW_REFUSED: {
    status: 500,
    title: 'The new database does not take a row',
    cause: 'A text holds what PostgreSQL cannot store, such as a zero byte. Nothing was moved.',
    remedy: 'The message names the table. Report it with the row: nothing that Touchstone writes looks so.',
  },
  STORAGE_COPY_DIFFERS: {
    status: 500,
    title: 'The copy is not what was copied',
    cause: 'Every row was read back from the new database, and a table there is not the same. Nothing was moved.',
    remedy:
      'Look at the new database: its encoding is UTF8, nobody else writes to it, its disk is sound. Then move again.',
  },
} as const;
