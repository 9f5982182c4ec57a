// API tokens, made and revoked by operators.
import { createToken } from '../auth/token.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { TokenRecord } from '../storage/index.ts';

export interface NewToken {
  readonly record: TokenRecord;
  /** Shown this once. */
  readonly token: string;
}

export async function addToken(
  context: ServerContext,
  request: {
    readonly name: string;
    readonly role: TokenRecord['role'];
    readonly expiresInSeconds: number | undefined;
    readonly enrolments: number | undefined;
  },
  actor: string,
): Promise<NewToken> {
  const { name, role, expiresInSeconds, enrolments } = request;
  if (enrolments !== undefined && role !== 'joiner') {
    throw new ServerError('REQUEST_INVALID', 'only join tokens count enrolments', { at: 'enrolments' });
  }
  const at = context.now().getTime();
  const expiry = expiresInSeconds === undefined ? {} : { expiresAt: at + expiresInSeconds * 1000 };
  const made = createToken(
    { name, role, at, ...expiry, ...(enrolments === undefined ? {} : { enrolments }) },
    context.random,
  );
  await context.store.addToken(made.record, {
    at,
    actor,
    action: 'token.created',
    subject: made.record.id,
    details: { name, role, expiresInSeconds: expiresInSeconds ?? null, enrolments: enrolments ?? null },
  });
  return made;
}

/** @throws ServerError TOKEN_NOT_FOUND, TOKEN_LAST_OPERATOR */
export async function revokeToken({ store, now }: ServerContext, id: string, actor: string): Promise<void> {
  const at = now().getTime();
  const outcome = await store.revokeToken(id, { at, actor, action: 'token.revoked', subject: id, details: {} });
  if (outcome === 'unknown') throw new ServerError('TOKEN_NOT_FOUND', `no token ${id}`);
  if (outcome === 'last-operator') throw new ServerError('TOKEN_LAST_OPERATOR');
}
