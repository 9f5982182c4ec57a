// A word where a group expects one of its commands. The parser names the nearest command only in groups that do nothing themselves: in
// one that does, the word was an argument too many, or the option behind it was unknown.
import { Command, CommanderError } from 'commander';
import { nameSome } from '../core/encoding/index.ts';

const misread: readonly (string | undefined)[] = ['commander.excessArguments', 'commander.unknownOption'];

/** Makes a group say of a mistyped command which one may be meant, and `help` a command of it, whether it does something itself or not. */
export function suggestCommands(group: Command): void {
  if (group.commands.length === 0) return;
  group.helpCommand(true);
  const fail = group.error.bind(group);
  group.error = (message, options) => {
    const [word] = group.args;
    if (!misread.includes(options?.code) || word === undefined || word.startsWith('-')) return fail(message, options);
    const unknown = refusalOf(group, word);
    if (group.registeredArguments.length === 0) return fail(unknown.message, { ...options, code: unknown.code });
    // The word may be an argument of its own: what was wrong stays said.
    const [, suggestion] = unknown.message.split('\n');
    return fail(suggestion === undefined ? message : `${message}\n${suggestion}`, options);
  };
}

/** What the parser says of the word in a group that has the same commands and does nothing itself. */
function refusalOf(group: Command, word: string): CommanderError {
  const bare = new Command(group.name()).exitOverride().configureOutput({ writeErr: () => undefined });
  for (const command of group.commands) bare.command(command.name()).aliases(command.aliases());
  try {
    bare.parse([word], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error;
    throw error;
  }
  throw new TypeError(`${word} is a command of ${group.name()}`);
}

const optionNotKnown = /^error: unknown option '(--[^'=]+)/;

/** Makes a command that does not know an option name those beside it that do. */
export function suggestSiblings(command: Command): void {
  const { parent } = command;
  if (command.commands.length > 0 || parent === null) return;
  const fail = command.error.bind(command);
  command.error = (message, options) => {
    const [, flag] = (options?.code === 'commander.unknownOption' && optionNotKnown.exec(message)) || [];
    const knowing = parent.commands.filter((sibling) => sibling.options.some(({ long }) => long === flag));
    if (knowing.length === 0) return fail(message, options);
    const prefix = parent.parent === null ? '' : `${parent.name()} `;
    const names = nameSome(
      knowing.map((sibling) => `${prefix}${sibling.name()}`),
      shownSiblings,
    );
    return fail(`${message}\n(an option of ${names}, not of ${prefix}${command.name()})`, options);
  };
}

const shownSiblings = 4;
