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
} as const satisfies ErrorTable;
