// Who did something, as sentences name them.

/** `name (actor)`, or the actor alone where no name is known. `actor` is spelled as in the audit log. Neither is escaped: whoever
 * shows the text does that (`printable`). */
export function nameActor(actor: string, name: string | undefined): string {
  return name === undefined ? actor : `${name} (${actor})`;
}
