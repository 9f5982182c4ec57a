// The server's side of a process that looks at the fleet: what it says comes step by step, and it ends with whoever asks.
import { fork, type ChildProcess } from 'node:child_process';
import { on } from 'node:events';
import { getPriority, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ServerError } from '../errors.ts';
import { relay } from '../telemetry/standard-error.ts';
import type { WalkMessage, WalkOrder } from './walk-process.ts';

// Beside this file, compiled as this file is.
const program = fileURLToPath(import.meta.url).replace(/walk-apart(\.[jt]s)$/, 'walk-process$1');

/** Has another process carry the order out. It has no key of the server, and can write nothing.
 * @throws ServerError FLEET_WALK_LOST when it ends before its answer; STORAGE_* as it met them */
export async function* walkApart<Step, Result>(order: WalkOrder): AsyncGenerator<Step, Result> {
  const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  if (child.stderr !== null) relay(child.stderr);
  const messages = on(child, 'message', { close: ['disconnect'] }) as AsyncIterableIterator<
    readonly [WalkMessage<Step, Result>]
  >;
  try {
    stepBack(child);
    child.send(order);
    for await (const [message] of messages) {
      if ('step' in message) yield message.step;
      else if ('result' in message) return message.result;
      else throw failureOf(message);
    }
    throw lost();
  } catch (error) {
    throw error instanceof ServerError ? error : lost(error);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Where there is less time than both want, answers to hosts and schedulers come first: a step is a quarter more or less. */
const stepsBack = 5;

function stepBack({ pid }: ChildProcess): void {
  // Undefined where it could not be started: that comes as an error of its own.
  if (pid === undefined) return;
  try {
    setPriority(pid, Math.min(19, getPriority() + stepsBack));
  } catch {
    // It ended already, or the system lets nobody do this: the answer is the same.
  }
}

function failureOf({ failure }: Extract<WalkMessage<never, never>, { readonly failure: unknown }>): ServerError {
  return failure.code === undefined ? lost() : new ServerError(failure.code, failure.message);
}

function lost(cause?: unknown): ServerError {
  return new ServerError('FLEET_WALK_LOST', undefined, { cause, headers: { 'retry-after': '5' } });
}
