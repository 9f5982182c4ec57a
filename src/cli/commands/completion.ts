// `touchstone completion`: what a shell needs to complete commands and options, from the commands themselves.
import { Argument, type Command } from 'commander';
import { withExamples, withJson } from '../command-line.ts';
import { answer, type CommonOptions, type Session } from '../session.ts';
import { writeBash } from './completion-bash.ts';
import { writeFish } from './completion-fish.ts';
import { rowsBelow, type Row } from './completion-rows.ts';
import { writeZsh } from './completion-zsh.ts';

const writers: ReadonlyMap<string, (rows: readonly Row[]) => readonly string[]> = new Map([
  ['bash', writeBash],
  ['zsh', writeZsh],
  ['fish', writeFish],
]);

/** `program` has every command where this one is asked for. */
export function addCompletionCommand(program: Command, session: Session): void {
  const command = program
    .command('completion')
    .summary('complete commands and options in bash, zsh and fish')
    .description(
      'Print a script for a shell that completes commands, options, and values where there is a choice. Offline. In zsh, compinit has to be loaded.',
    )
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices([...writers.keys()]))
    .action((shell: string, options: CommonOptions) =>
      answer(session, options, () => {
        const lines = writers.get(shell)?.(rowsBelow({ path: program.name(), command: program })) ?? [];
        return { data: { shell, script: lines.join('\n') }, lines: () => [...lines] };
      }),
    );
  withExamples(
    withJson(command),
    'source <(touchstone completion bash)',
    'touchstone completion bash > /etc/bash_completion.d/touchstone',
    'touchstone completion zsh > /usr/local/share/zsh/site-functions/_touchstone',
    'touchstone completion fish > /etc/fish/completions/touchstone.fish',
  );
}
