// The write-ahead log of SQLite, kept by other threads than the one that answers: one writes it out after each group of commits,
// one moves it into the database when it has grown. [SQLite WAL]
import { closeSync, fdatasync, openSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { startCheckpointThread, type CheckpointAnswer } from './checkpoint-thread.ts';

export interface WriteAheadLog {
  /** Resolves when all that was committed before is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface WriteAheadLogOptions {
  /** The database file. */
  readonly path: string;
  /** Runs `work` while nobody writes. */
  readonly pause: (work: () => Promise<unknown>) => Promise<unknown>;
  /** Told why the log could not be moved: it only grows meanwhile. */
  readonly onFailure: (error: unknown) => void;
}

/** After so many groups it is looked how long the log has become. */
const groupsBetween = 64;
/** Pages. SQLite begins the log anew when all of it was moved and nobody writes; under load that moment must be made. */
const longest = 4000;

export function openWriteAheadLog({ path, pause, onFailure }: WriteAheadLogOptions): WriteAheadLog {
  /** Opened when something was committed. Never the database file itself: closing any descriptor of that would let go of SQLite's locks
   * on it. */
  let file: number | undefined;
  let groups = 0;
  let moving: Promise<void> | undefined;
  let thread: Worker | undefined;

  const checkpoint = (): Promise<CheckpointAnswer> =>
    new Promise((resolve, reject) => {
      thread ??= startCheckpointThread(path);
      const settle = (act: () => void): void => {
        thread?.off('message', onMessage).off('error', onError);
        act();
      };
      const onMessage = (answer: CheckpointAnswer): void => settle(() => resolve(answer));
      const onError = (error: Error): void => {
        settle(() => reject(error));
        thread = undefined;
      };
      thread.on('message', onMessage).on('error', onError);
      thread.postMessage('checkpoint');
    });

  async function move(): Promise<void> {
    const { pages } = await checkpoint();
    if (pages > longest) await pause(checkpoint);
  }

  return {
    sync: () => {
      groups += 1;
      if (groups % groupsBetween === 0) {
        moving ??= move()
          .catch(onFailure)
          .finally(() => (moving = undefined));
      }
      return new Promise((resolve, reject) => {
        file ??= openSync(`${path}-wal`, 'r+');
        fdatasync(file, (error) => (error === null ? resolve() : reject(error)));
      });
    },
    close: async () => {
      await moving;
      await thread?.terminate();
      if (file !== undefined) closeSync(file);
    },
  };
}
