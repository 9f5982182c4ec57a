// Every command of the program, as a shell's completion needs it.
import type { Command, Option } from 'commander';

/** A command by all words that lead to it; it may have several names. */
export interface Row {
  readonly path: string;
  readonly command: Command;
}

/** What is offered, and what it is. */
export interface Offer {
  readonly word: string;
  readonly text: string;
}

export function rowsBelow(row: Row): readonly Row[] {
  const below = row.command.commands.flatMap((command) =>
    [command.name(), ...command.aliases()].map((name) => ({ path: `${row.path} ${name}`, command })),
  );
  return [row, ...below.flatMap(rowsBelow)];
}

export function commandsOf({ commands }: Command): readonly Offer[] {
  return commands.map((command) => ({
    word: command.name(),
    text: firstSentence(command.summary() || command.description()),
  }));
}

export function optionsOf({ options }: Command): readonly Offer[] {
  const own = options.flatMap(({ long, description }) => (long ? [{ word: long, text: description }] : []));
  return [...own, { word: '--help', text: 'explain the command' }];
}

/** Options of which one value of several is wanted. */
export function choicesOf({
  path,
  command,
}: Row): readonly { readonly key: string; readonly values: readonly string[] }[] {
  return command.options.flatMap(({ long, argChoices }: Option) =>
    long && argChoices ? [{ key: `${path} ${long}`, values: argChoices }] : [],
  );
}

function firstSentence(text: string): string {
  return /^[^\n]*?(?=\.?(?:\n|$)|\. )/.exec(text)?.[0] ?? text;
}
