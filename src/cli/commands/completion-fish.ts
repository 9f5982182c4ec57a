// The script of `touchstone completion fish`.
import { choicesOf, commandsOf, optionsOf, type Offer, type Row } from './completion-rows.ts';

export function writeFish(rows: readonly Row[]): readonly string[] {
  const tables = [
    ['commands', commandsOf],
    ['options', optionsOf],
  ] as const;
  return [
    '# Completion of touchstone for fish, written by `touchstone completion fish`.',
    ...tables.flatMap(([name, offersOf]) => [
      `function __touchstone_${name}`,
      '  switch "$argv[1]"',
      ...rows.flatMap(({ path, command }) => caseOf(path, offersOf(command))),
      "    case '*'",
      '      return 1',
      '  end',
      'end',
    ]),
    'function __touchstone_values',
    '  switch "$argv[1]"',
    ...rows.flatMap(choicesOf).flatMap(({ key, values }) =>
      caseOf(
        key,
        values.map((word) => ({ word, text: '' })),
      ),
    ),
    '  end',
    'end',
    completing,
    "complete -c touchstone -f -a '(__touchstone)'",
  ];
}

function caseOf(path: string, offers: readonly Offer[]): string[] {
  const pairs = offers.map(({ word, text }) => `${quote(word)} ${quote(text)}`);
  return [
    `    case ${quote(path)}`,
    ...(pairs.length === 0 ? [] : [String.raw`      printf '%s\t%s\n' ${pairs.join(' ')}`]),
  ];
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, String.raw`\$&`)}'`;
}

const completing = `function __touchstone
  set -l typed (commandline -opc)
  set -l last $typed[-1]
  set -e typed[1]
  set -l at touchstone
  for word in $typed
    if __touchstone_options "$at $word" >/dev/null
      set at "$at $word"
    end
  end
  set -l current (commandline -ct)
  if string match -q -- '-*' $current
    __touchstone_options $at
    return
  end
  set -l offers (__touchstone_values "$at $last")
  if test (count $offers) -eq 0
    set offers (__touchstone_commands $at)
  end
  if test (count $offers) -eq 0
    __fish_complete_path $current
  else
    printf '%s\\n' $offers
  end
end`;
