// Who did something, in a sentence: by name where one is known, and always as the audit log has it.

/** Neither is made fit to be shown: that is for whoever shows it. */
export function nameActor(actor: string, name: string | undefined): string {
  return name === undefined ? actor : `${name} (${actor})`;
}
