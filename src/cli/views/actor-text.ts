// Who did it, for people at a terminal.
import { nameActor, printable } from '../../core/encoding/index.ts';

export function actorText(actor: string, name: string | undefined): string {
  return nameActor(printable(actor), name === undefined ? undefined : printable(name));
}

/** Who asked for the name of `host` and was not enrolled: entries of earlier releases have the name in the place of `stranger`. */
export function claimantText(actor: string, name: string | undefined, host: string): string {
  return actor === 'stranger' || actor === `host ${host}` ? 'a stranger' : actorText(actor, name);
}
