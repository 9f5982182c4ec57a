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
    cause: 'Role, password, database, rights or the certificate of PostgreSQL are not as `storage` and `postgres` say.',
    remedy:
      "Compare the configuration with the database: user and database of the URL, `postgres.passwordFile`, `postgres.caFile`. The server's log has PostgreSQL's own words.",
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
      'For another replica of that server copy its data directory (`touchstone.yaml` and `keys/`) instead; for another server take an empty database.',
  },
} as const;
