// Signs with a key that stays in a token: connects when something is to be signed, and again after a session was lost.
import { ServerError } from '../../errors.ts';
import { connectKey, type KeyConnection } from './key-connection.ts';
import type { OpenRequest } from './key-process.ts';

export interface TokenSignerOptions {
  readonly algorithm: OpenRequest['algorithm'];
  readonly settings: OpenRequest['settings'] & {
    /** How long the token may take to open, and to sign. */
    readonly timeoutSeconds: number;
    /** How long the token is left alone after it failed. */
    readonly retrySeconds: number;
  };
  /** Milliseconds that only go forward. */
  readonly clock: () => number;
}

/** A wrong PIN is not tried again: every try brings the token nearer to being locked. */
const hopeless: ReadonlySet<string> = new Set(['PKCS11_PIN_WRONG', 'PKCS11_PIN_LOCKED']);

/** Answers at once, with the same error, while a token that failed is left alone. */
export function createTokenSigner({ settings, algorithm, clock }: TokenSignerOptions): KeyConnection {
  const { timeoutSeconds, retrySeconds } = settings;
  let connection: Promise<KeyConnection> | undefined;
  let failed: { readonly error: ServerError; readonly until: number } | undefined;

  const leave = async (used: Promise<KeyConnection>): Promise<void> => {
    if (connection === used) connection = undefined;
    const open = await used.catch(() => undefined);
    await open?.close();
  };
  const signOnce = async (tbs: Uint8Array): Promise<Uint8Array | ServerError> => {
    if (failed !== undefined && clock() < failed.until) throw failed.error;
    connection ??= connectKey({ settings, algorithm }, timeoutSeconds * 1000);
    const used = connection;
    try {
      return await (await used).sign(tbs);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      await leave(used);
      return error;
    }
  };
  return {
    sign: async (tbs) => {
      let outcome = await signOnce(tbs);
      // Once more over a new session: the token may just have been restarted.
      if (outcome instanceof ServerError && outcome.code === 'PKCS11_SESSION_LOST') outcome = await signOnce(tbs);
      if (!(outcome instanceof ServerError)) return outcome;
      const pause = hopeless.has(outcome.code) ? Infinity : retrySeconds * 1000;
      failed = { error: outcome, until: clock() + pause };
      throw outcome;
    },
    close: async () => {
      if (connection !== undefined) await leave(connection);
    },
  };
}
