// The rules of the terminal. Results go to stdout, problems and progress to stderr; sentences start small and end without
// a full stop; colour only on a terminal that wants it; text that strangers wrote is made printable before it gets here.
import { styleText } from 'node:util';

export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong' | 'accent';

const formats = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  dim: 'gray',
  strong: 'bold',
  accent: 'cyan',
} as const satisfies Record<Tone, string>;

/** The part of a writable stream that the CLI needs; a test passes an array that collects. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Where a person's answers come from. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined };

/** How text looks where it is going: colour or none, and how wide a line may be. */
export interface Paper {
  readonly columns: number;
  tone(tone: Tone, text: string): string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Colour on a terminal, unless NO_COLOR is set to anything or the terminal is dumb. (no-color.org) */
export function createPaper(output: Output, env: Environment): Paper {
  const colour = output.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return {
    columns: output.columns ?? 120,
    tone: (tone, text) => (colour && text !== '' ? styleText(formats[tone], text, { validateStream: false }) : text),
  };
}

/** What a locale without UTF-8 cannot show. Documents (`--json`, files) are UTF-8 everywhere. */
const plain: Readonly<Record<string, string>> = { '…': '...', '█': '#' };

/** Readable text as the locale can show it. */
export function inLocale(env: Environment, text: string): string {
  return isUtf8(env) ? text : text.replace(/[…█]/g, (sign) => plain[sign] ?? sign);
}

/** For output that is for people alone. */
export function createReadable(output: Output, env: Environment): Output {
  return isUtf8(env) ? output : rewriting(output, (text) => inLocale(env, text));
}

/** The same place, where each text arrives as `change` makes it. */
function rewriting(output: Output, change: (text: string) => string): Output {
  return {
    get isTTY() {
      return output.isTTY;
    },
    get columns() {
      return output.columns;
    },
    write: (text) => output.write(change(text)),
  };
}

/** What a terminal obeys, and what turns the order of text around. A tab and the end of a line are text. */
const control = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const escape = '\u001b';
/** What this program writes itself: colours, and a line that it writes anew. In parentheses, so that `split` keeps it. */
const own = new RegExp(`(\\r${escape}\\[K|${escape}\\[(?:1|22|3[1236]|39|90)m)`, 'u');

/** Readable text and documents as a terminal may have them, whoever answered. Views make printable what strangers wrote; this holds for
 * ids, times and states too, which are the server's own only while it is the right one. Escaped as in JSON: a document stays one. */
export function createGuarded(output: Output): Output {
  return rewriting(output, (text) =>
    output.isTTY === true ? text.split(own).map(keepOwn).join('') : withoutControls(text),
  );
}

function keepOwn(part: string, index: number): string {
  return index % 2 === 1 ? part : withoutControls(part);
}

function withoutControls(text: string): string {
  return text.replace(control, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Where no locale is said at all, as under a service manager, UTF-8 is taken for granted: journals and files show it. */
function isUtf8(env: Environment): boolean {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => env[name] ?? '').find((value) => value !== '') ?? '';
  if (locale === 'C' || locale === 'POSIX') return false;
  const charset = /\.([^@]*)/.exec(locale)?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}
