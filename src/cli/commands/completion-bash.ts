// The script of `touchstone completion bash`.
import { choicesOf, commandsOf, optionsOf, type Offer, type Row } from './completion-rows.ts';

export function writeBash(rows: readonly Row[]): readonly string[] {
  return [
    '# Completion of touchstone for bash, written by `touchstone completion bash`.',
    '_touchstone_row() {',
    '  commands= options=',
    '  case $1 in',
    ...rows.map(
      ({ path, command }) =>
        `  '${path}') commands='${wordsOf(commandsOf(command))}' options='${wordsOf(optionsOf(command))}' ;;`,
    ),
    '  *) return 1 ;;',
    '  esac',
    '}',
    '_touchstone_values() {',
    '  case $1 in',
    ...rows.flatMap(choicesOf).map(({ key, values }) => `  '${key}') values='${values.join(' ')}' ;;`),
    '  *) values= ;;',
    '  esac',
    '}',
    completing,
    'complete -o default -F _touchstone touchstone',
  ];
}

function wordsOf(offers: readonly Offer[]): string {
  return offers.map(({ word }) => word).join(' ');
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
