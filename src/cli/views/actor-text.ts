// Who did it, for people: by name where the server knows one, and always as the audit log has it.
import { printable } from '../../core/encoding/index.ts';

export function actorText(actor: string, name: string | undefined): string {
  return name === undefined ? printable(actor) : `${printable(name)} (${printable(actor)})`;
}
