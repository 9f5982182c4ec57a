// A thread that moves the write-ahead log into the database when it is told to: that waits for the disk, and answers must not.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

export interface CheckpointAnswer {
  /** How long the log is. */
  readonly pages: number;
}

/** As text, in the plainest JavaScript: a thread begins without what lets the rest of us run from source. */
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require(workerData.driver);
  const database = new Database(workerData.path, { fileMustExist: true });
  database.pragma('synchronous = FULL');
  parentPort.on('message', () => {
    const [{ log }] = database.pragma('wal_checkpoint(PASSIVE)');
    parentPort.postMessage({ pages: log });
  });
`;

/** Answers each message with a `CheckpointAnswer`. Does not keep the process alive. */
export function startCheckpointThread(path: string): Worker {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3');
  const thread = new Worker(program, { eval: true, workerData: { path, driver } });
  thread.unref();
  return thread;
}
