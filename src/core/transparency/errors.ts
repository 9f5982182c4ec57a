// Failures of the audit log: checkpoints and proofs.
import type { ErrorTable } from '../error-table.ts';

export const transparencyErrors = {
  CHECKPOINT_MALFORMED: {
    cause: 'A checkpoint of an audit log, or what came with it, cannot be read.',
    remedy: 'Get it again as the server gave it, by `GET /v1/audit/checkpoint`: not a byte of it may be changed.',
  },
  CHECKPOINT_LOG_FOREIGN: {
    cause: 'Two checkpoints are of the audit logs of different servers, by their `serverId`.',
    remedy: 'Name the server that the kept checkpoint is of. If it is that one, its `serverId` was changed.',
  },
  CHECKPOINT_LOG_CUT: {
    cause:
      'The audit log has fewer entries than an earlier checkpoint says that it had: entries were taken out, or the server was set back to a backup.',
    remedy:
      'Keep both checkpoints: each is signed, and together they prove it. Ask who runs the server whether it was restored, and which entries were lost.',
  },
  CHECKPOINT_HISTORY_CHANGED: {
    cause:
      'The audit log does not begin with what an earlier checkpoint says that it was: entries were changed, moved, put in or taken out.',
    remedy:
      'Keep both checkpoints: each is signed, and nobody can make a proof from the one to the other. Do not rely on the log or on the server until it is known who wrote to its database: `touchstone server doctor`.',
  },
  CHECKPOINT_UNPROVEN: {
    cause: 'The server gave no proof that its audit log begins with what an earlier checkpoint says that it was.',
    remedy:
      'Ask again. A server that can show the log can show this proof: if it never does, treat its history as changed.',
  },
  AUDIT_ENTRY_MALFORMED: {
    cause: 'An entry of an audit log, or the file it stands in, cannot be read.',
    remedy: 'Get the entries again as the server gave them: `touchstone audit export`.',
  },
  AUDIT_ENTRIES_NONE: {
    cause: 'Entries of an audit log were to be proved, and there are none.',
    remedy: 'Nothing was proved. Get the entries that you want: `touchstone audit export --from N`.',
  },
  AUDIT_ENTRY_CHANGED: {
    cause: 'An entry of an audit log is not what its hash says: something in it was changed since it was written.',
    remedy:
      'Do not rely on the file. Get the entries again; if the server gives the same, the log was changed in its database: `touchstone server doctor`.',
  },
  AUDIT_ENTRIES_GAP: {
    cause:
      'Entries of an audit log do not follow from each other: some between them are missing, or they were moved, put in or come from another log.',
    remedy:
      'Do not rely on the file. Get one whole stretch again: `touchstone audit export --from N --to M`. Entries of one host alone are proved by an evidence bundle.',
  },
  AUDIT_ENTRIES_UNPROVEN: {
    cause: 'Entries of an audit log came without the proof that they are in the log that the server signed.',
    remedy: 'Get them again with their proof: `touchstone audit export`. Without it, anybody can have made them.',
  },
  AUDIT_ENTRIES_FOREIGN: {
    cause: 'Entries of an audit log follow from each other, and are not in the log that the server signed.',
    remedy:
      'Do not rely on the file. Get it again; if the server gives such a file, treat its history as changed: `touchstone server doctor`, and ask who keeps a checkpoint.',
  },
} as const satisfies ErrorTable;
