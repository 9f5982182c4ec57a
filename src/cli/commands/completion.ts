// `touchstone completion`: what a shell needs to complete commands and options, from the commands themselves.
import { Argument, type Command } from 'commander';
import { withExamples, withJson } from '../command-line.ts';
import { answer, type CommonOptions, type Session } from '../session.ts';

/** `program` has every command where this one is asked for. */
export function addCompletionCommand(program: Command, session: Session): void {
  const command = program
    .command('completion')
    .summary('complete commands and options in bash')
    .description(
      'Print a script for bash that completes commands, options, and values where there is a choice. Offline.',
    )
    .addArgument(new Argument('<shell>', 'bash').choices(['bash']))
    .action((shell: string, options: CommonOptions) =>
      answer(session, options, () => {
        const script = writeScript(program);
        return { data: { shell, script }, lines: () => script.split('\n') };
      }),
    );
  withExamples(
    withJson(command),
    'source <(touchstone completion bash)',
    'touchstone completion bash > /etc/bash_completion.d/touchstone',
  );
}

/** A command by all words that lead to it; it may have several names. */
interface Row {
  readonly path: string;
  readonly command: Command;
}

function writeScript(program: Command): string {
  const rows = rowsBelow({ path: program.name(), command: program });
  return [
    '# Completion of touchstone for bash, written by `touchstone completion bash`.',
    '_touchstone_row() {',
    '  commands= options=',
    '  case $1 in',
    ...rows.map(
      ({ path, command }) => `  '${path}') commands='${commandsOf(command)}' options='${optionsOf(command)}' ;;`,
    ),
    '  *) return 1 ;;',
    '  esac',
    '}',
    '_touchstone_values() {',
    '  case $1 in',
    ...rows.flatMap(valuesOf),
    '  *) values= ;;',
    '  esac',
    '}',
    completing,
    'complete -o default -F _touchstone touchstone',
  ].join('\n');
}

function rowsBelow(row: Row): readonly Row[] {
  const below = row.command.commands.flatMap((command) =>
    [command.name(), ...command.aliases()].map((name) => ({ path: `${row.path} ${name}`, command })),
  );
  return [row, ...below.flatMap(rowsBelow)];
}

function commandsOf({ commands }: Command): string {
  return commands.map((command) => command.name()).join(' ');
}

function optionsOf({ options }: Command): string {
  return [...options.flatMap(({ long }) => long ?? []), '--help'].join(' ');
}

function valuesOf({ path, command }: Row): readonly string[] {
  return command.options.flatMap(({ long, argChoices }) =>
    long === undefined || argChoices === undefined ? [] : [`  '${path} ${long}') values='${argChoices.join(' ')}' ;;`],
  );
}

/** Where nothing fits, bash names files. */
const completing = `_touchstone() {
  local at=touchstone cur=\${COMP_WORDS[COMP_CWORD]} commands options values i
  for ((i = 1; i < COMP_CWORD; i++)); do
    if _touchstone_row "$at \${COMP_WORDS[i]}"; then at="$at \${COMP_WORDS[i]}"; fi
  done
  _touchstone_row "$at"
  _touchstone_values "$at \${COMP_WORDS[COMP_CWORD - 1]}"
  if [[ $cur == -* ]]; then values=$options; fi
  COMPREPLY=($(compgen -W "\${values:-$commands}" -- "$cur"))
}`;
