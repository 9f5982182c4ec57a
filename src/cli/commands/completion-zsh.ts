// The script of `touchstone completion zsh`.
import { choicesOf, commandsOf, optionsOf, type Offer, type Row } from './completion-rows.ts';

export function writeZsh(rows: readonly Row[]): readonly string[] {
  return [
    '#compdef touchstone',
    '# Completion of touchstone for zsh, written by `touchstone completion zsh`.',
    '_touchstone_row() {',
    '  commands=() options=()',
    '  case $1 in',
    ...rows.map(
      ({ path, command }) =>
        `  ('${path}') commands=(${described(commandsOf(command))}) options=(${described(optionsOf(command))}) ;;`,
    ),
    '  (*) return 1 ;;',
    '  esac',
    '}',
    '_touchstone_values() {',
    '  case $1 in',
    ...rows.flatMap(choicesOf).map(({ key, values }) => `  ('${key}') values=(${values.map(quote).join(' ')}) ;;`),
    '  (*) values=() ;;',
    '  esac',
    '}',
    completing,
  ];
}

function described(offers: readonly Offer[]): string {
  return offers.map(({ word, text }) => quote(`${word}:${text}`)).join(' ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** As a file among the functions of zsh it is the body of what it defines, and is called by that; elsewhere it registers itself. */
const completing = `_touchstone() {
  local at=touchstone i
  local -a commands options values
  for ((i = 2; i < CURRENT; i++)); do
    if _touchstone_row "$at $words[i]"; then at="$at $words[i]"; fi
  done
  _touchstone_row "$at"
  _touchstone_values "$at $words[CURRENT - 1]"
  if [[ $words[CURRENT] == -* ]]; then _describe -o option options
  elif (( $#values )); then compadd -a values
  elif (( $#commands )); then _describe command commands
  else _files
  fi
}
if [[ $funcstack[1] == _touchstone ]]; then _touchstone "$@"; else compdef _touchstone touchstone; fi`;
