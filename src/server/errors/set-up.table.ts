// What stops a server from starting, or an operator from changing its files. Part of the table in ../errors.ts.
export const setUpErrors = {
  CONFIG_INVALID: {
    status: 500,
    title: 'touchstone.yaml has mistakes',
    cause: 'A setting is missing, unknown, of another type, or unsafe with the others.',
    remedy: 'Correct every line named in the message; docs/configuration.md lists the settings.',
  },
  CONFIG_NOT_FOUND: {
    status: 500,
    title: 'There is no touchstone.yaml',
    cause: 'The data directory has no configuration that can be read.',
    remedy:
      'Make a data directory: `touchstone server init --data DIR`. Where there is one, name it, and be the user who may read it.',
  },
  DATA_DIRECTORY_EXISTS: {
    status: 500,
    title: 'The data directory is in use',
    cause: 'Initialisation never overwrites: the directory holds something already.',
    remedy:
      'Choose another directory, or start the server that is there. Before a store is moved to where one lies already (`storage migrate`), put that one away.',
  },
  DATA_DIRECTORY_INCOMPLETE: {
    status: 500,
    title: 'The data directory lacks a file',
    cause: 'Keys or the database are missing, or may not be read. Nothing important is created silently at start.',
    remedy:
      'Where the file is there, let the user read it whom the server runs as. Else restore it from your backup, or make a new data directory with `touchstone server init --data DIR`.',
  },
  DATA_DIRECTORY_LOCKED: {
    status: 500,
    title: 'Another server uses the data directory',
    cause: 'A process holds the lock of the data directory.',
    remedy: 'Stop the other server first.',
  },
  DATA_DIRECTORY_UNWRITABLE: {
    status: 500,
    title: 'The data directory cannot be made',
    cause:
      'A folder above it is absent, is no folder, or may not be written by this user; or what has its name is no folder.',
    remedy: 'Run the command as a user who may write there, or name another directory with --data.',
  },
  SERVER_WORKER_ENDED: {
    status: 500,
    title: 'A worker ended before it listened',
    cause: 'One of the processes that `workers` asks for died while it started, and did not say why.',
    remedy: "Look into the server's log and the system's: was there memory for all of them? Fewer `workers` need less.",
  },
  KEY_FILE_EXPOSED: {
    status: 500,
    title: 'A secret file can be read by others',
    cause: 'A key file or the data directory has permissions for its group or for everybody.',
    remedy: 'chmod 600 on the file (700 on the directory), and replace the key if somebody may have read it.',
  },
  KEY_FILE_INVALID: {
    status: 500,
    title: 'A key file cannot be used',
    cause:
      'The file holds no private key, a key of another kind than its use needs, or one that the passphrase does not open; or its certificate is not that of a CA, or has ended.',
    remedy:
      'Correct `attestationCa` or `tls` in touchstone.yaml as the message says, or restore the file from your backup.',
  },
  AUDIT_LOG_BROKEN: {
    status: 500,
    title: 'The audit log was changed',
    cause: 'An entry of the audit log was changed, moved or taken out: it does not follow from the one before it.',
    remedy: 'Compare with a backup or an exported log, and find out who could write to the database.',
  },
  STORAGE_SCHEMA_UNKNOWN: {
    status: 503,
    title: 'The database was written by a newer release',
    cause:
      'The database has a schema that this release does not know. A server under which that happened answers nothing of it any more.',
    remedy: 'Use the release that wrote it, or a newer one; requests go to a server of that release. docs/upgrading.md',
  },
  STORAGE_DAMAGED: {
    status: 500,
    title: 'The database is damaged',
    cause: 'touchstone.db is empty, cut off, or not a database. It was left as it is: nothing is made in its place.',
    remedy: 'Stop the server, keep a copy of the files, and restore the data directory from your backup.',
  },
  STORAGE_ROW_UNREADABLE: {
    status: 500,
    title: 'What is stored of one host cannot be read',
    cause: 'A row of the database is damaged. The host that it belongs to is denied; other hosts are not concerned.',
    remedy: 'Restore the data directory from your backup, or release the host and enrol it again.',
  },
  STORAGE_UNAVAILABLE: {
    status: 503,
    title: 'The store cannot be read or written',
    cause:
      'The database refused: its disk is full, read-only or failing, its file was taken away or another one put in its place, or it is a PostgreSQL that is no primary now. Nothing was changed.',
    remedy:
      "Look at the disk of the data directory (`df -h`), or of PostgreSQL, and make space where it is full, or put the data directory back where it was: nothing has to be started again. Before a backup is restored, stop the server. What the database said is in the server's log, by the request's id (`instance`).",
  },
  SERVER_ADDRESS_UNAVAILABLE: {
    status: 500,
    title: 'The server cannot listen on its address',
    cause: 'Another program listens there, the address is not one of this machine, or the port needs more rights.',
    remedy: 'Change `listen` in touchstone.yaml, or stop what listens there (`ss -ltnp`).',
  },
} as const;
