// GRUB configurations whose outcome does not depend on the machine: commands one after another, and menu entries.
// What branches (`if`, functions, variables of the machine) is refused: a wrong guess would be signed as golden.
import { MalformedError } from '../error.ts';
import { printable } from '../encoding/index.ts';

export interface GrubCommand {
  /** Line of the configuration, counted from 1. */
  readonly line: number;
  readonly words: readonly Word[];
  /** A menu entry's block, braces included, as it stands. */
  readonly block?: { readonly text: string; readonly line: number };
}

/** A word in pieces: text as it stands, or the name of a variable. */
export type Word = readonly (string | { readonly variable: string })[];

const reserved = new Set(['if', 'then', 'elif', 'else', 'fi', 'for', 'while', 'until', 'do', 'done', 'function', 'case', 'esac', 'select', 'time', '!', '[[', '{', '}']); // prettier-ignore
const maximumCommands = 4096;

/** @throws MalformedError PREDICTION_GRUB_UNSUPPORTED */
export function parseGrubScript(text: string, firstLine = 1): readonly GrubCommand[] {
  const reader = new Reader(text, firstLine);
  const commands: GrubCommand[] = [];
  for (;;) {
    const command = reader.command();
    if (command === undefined) return commands;
    commands.push(command);
    if (commands.length > maximumCommands) throw unsupported(command.line, `more than ${maximumCommands} commands`);
  }
}

export function unsupported(line: number, problem: string): MalformedError {
  return new MalformedError('PREDICTION_GRUB_UNSUPPORTED', `grub.cfg: ${problem}`, { at: `line ${line}` });
}

class Reader {
  readonly #text: string;
  #position = 0;
  #line: number;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  /** The next command with a word in it. */
  command(): GrubCommand | undefined {
    this.#skip(/[ \t\n;]/);
    if (this.#position >= this.#text.length) return undefined;
    const line = this.#line;
    const words: Word[] = [];
    for (;;) {
      this.#skip(/[ \t]/);
      const next = this.#peek();
      if (next === '' || next === '\n' || next === ';') return { line, words };
      if (next === '{' && words.length > 0) return { line, words, block: this.#block() };
      const start = this.#position;
      words.push(this.#word());
      const raw = this.#text.slice(start, this.#position);
      if (words.length === 1 && reserved.has(raw)) throw unsupported(line, `\`${raw}\` depends on the machine`);
    }
  }

  #peek(): string {
    return this.#text[this.#position] ?? '';
  }

  #take(): string {
    const character = this.#peek();
    this.#position += character.length;
    if (character === '\n') this.#line += 1;
    return character;
  }

  /** Skips what matches, and comments, which begin where a word could. */
  #skip(blank: RegExp): void {
    for (;;) {
      if (this.#peek() === '#') while (this.#peek() !== '' && this.#peek() !== '\n') this.#take();
      if (this.#peek() === '\\' && this.#text[this.#position + 1] === '\n') this.#take();
      else if (this.#peek() === '' || !blank.test(this.#peek())) return;
      this.#take();
    }
  }

  #word(): Word {
    const pieces: (string | { readonly variable: string })[] = [];
    while (!/^[ \t\n;{}]?$/.test(this.#peek()) || (pieces.length === 0 && /[{}]/.test(this.#peek()))) {
      const character = this.#take();
      if (character === "'") pieces.push(this.#until("'"));
      else if (character === '"') this.#quoted(pieces);
      else if (character === '\\') pieces.push(this.#take());
      else if (character === '$') pieces.push(this.#variable());
      // Other white space (carriage returns) ends no word of GRUB's.
      else if (/[\s|&<>*?]/.test(character)) throw this.#strange(character);
      else pieces.push(character);
    }
    return pieces;
  }

  #quoted(pieces: (string | { readonly variable: string })[]): void {
    pieces.push('');
    while (this.#peek() !== '"') {
      const character = this.#take();
      if (character === '') throw unsupported(this.#line, 'a quotation without end');
      if (character === '$') pieces.push(this.#variable());
      // Within double quotes a backslash keeps its meaning only before these.
      else if (character === '\\' && /["$\\]/.test(this.#peek())) pieces.push(this.#take());
      else pieces.push(character);
    }
    this.#take();
  }

  #variable(): { readonly variable: string } {
    const match = /^(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/.exec(
      this.#text.slice(this.#position, this.#position + 128),
    );
    const variable = match?.[1] ?? match?.[2];
    if (match === null || variable === undefined) throw this.#strange('$');
    this.#position += match[0].length;
    return { variable };
  }

  #until(end: string): string {
    const start = this.#position;
    while (this.#peek() !== end) if (this.#take() === '') throw unsupported(this.#line, 'a quotation without end');
    this.#take();
    return this.#text.slice(start, this.#position - 1);
  }

  /** From `{` to the brace that closes it; quotations hide braces. */
  #block(): { readonly text: string; readonly line: number } {
    const [start, line] = [this.#position, this.#line];
    for (let depth = 0; ;) {
      const character = this.#take();
      if (character === '') throw unsupported(line, 'a block without end');
      if (character === "'") this.#until("'");
      else if (character === '"') this.#quoted([]);
      else if (character === '\\') this.#take();
      else if (character === '$' && this.#peek() === '{') this.#variable();
      else if (character === '{') depth += 1;
      else if (character === '}') depth -= 1;
      if (depth === 0) return { text: this.#text.slice(start, this.#position), line };
    }
  }

  #strange(character: string): MalformedError {
    return unsupported(this.#line, `\`${printable(character, 16)}\` is not followed`);
  }
}
