// Who did it, for people at a terminal.
import { nameActor, printable } from '../../core/encoding/index.ts';

export function actorText(actor: string, name: string | undefined): string {
  return nameActor(printable(actor), name === undefined ? undefined : printable(name));
}

/** Who claimed the identity of `host`: without a token the server writes down the name that was claimed, which the genuine host has. */
export function claimantText(actor: string, name: string | undefined, host: string): string {
  return actor === `host ${host}` ? 'somebody without a token' : actorText(actor, name);
}
