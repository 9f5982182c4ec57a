// The parent's side of the process that holds a token's session.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ServerError } from '../../errors.ts';
import type { KeyAnswer, OpenRequest, SignRequest } from './key-process.ts';

export interface KeyConnection {
  /** @throws ServerError PKCS11_* */
  sign(tbs: Uint8Array): Promise<Uint8Array>;
  /** What waits is told that the session is lost. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (signature: Uint8Array) => void;
  readonly reject: (error: ServerError) => void;
}

// Beside this file, compiled as this file is.
const program = fileURLToPath(import.meta.url).replace(/key-connection(\.[jt]s)$/, 'key-process$1');

/** Starts the process and opens the key.
 * @throws ServerError PKCS11_* */
export async function connectKey(request: OpenRequest, timeoutMs: number): Promise<KeyConnection> {
  const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const waiting = new Map<number, Waiting>();
  const fail = (error: ServerError): void => {
    child.kill('SIGKILL');
    waiting.forEach(({ reject }) => reject(error));
    waiting.clear();
  };
  child.on('message', (answer: KeyAnswer) => settle(waiting, answer));
  child.on('error', () => fail(lost()));
  child.on('exit', () => fail(lost()));
  const ask = (id: number, message: OpenRequest | SignRequest) =>
    new Promise<Uint8Array>((resolve, reject) => {
      const timer = setTimeout(() => fail(silent(timeoutMs)), timeoutMs);
      waiting.set(id, {
        resolve: (signature) => {
          clearTimeout(timer);
          resolve(signature);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      child.send(message, (error) => error && fail(lost()));
    });
  let last = 0;
  await ask(last, request).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return { sign: (tbs) => ask((last += 1), { id: last, tbs }), close: () => end(child) };
}

function settle(waiting: Map<number, Waiting>, { id, signature, failure }: KeyAnswer): void {
  const asked = waiting.get(id);
  waiting.delete(id);
  if (failure !== undefined) asked?.reject(new ServerError(failure.code, failure.message));
  else asked?.resolve(signature ?? new Uint8Array());
}

const lost = (): ServerError => new ServerError('PKCS11_SESSION_LOST', 'the process of the PKCS#11 module ended');

const silent = (ms: number): ServerError =>
  new ServerError('PKCS11_UNAVAILABLE', `the token did not answer within ${ms / 1000} seconds`);

/** How long a module may take to give its session back. */
const farewellMs = 1000;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), farewellMs);
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
  });
  clearTimeout(timer);
}
