// Who did it, for people at a terminal.
import { nameActor, printable } from '../../core/encoding/index.ts';

export function actorText(actor: string, name: string | undefined): string {
  return nameActor(printable(actor), name === undefined ? undefined : printable(name));
}
