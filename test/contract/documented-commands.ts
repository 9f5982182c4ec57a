// Command lines as documents show them: of fenced blocks whole, of running text as far as they go.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface DocumentedCommand {
  /** Where it stands, for the message. */
  readonly place: string;
  /** What follows `touchstone`. */
  readonly words: readonly string[];
  /** A command of running text may leave out what the reader has to fill in. */
  readonly isWhole: boolean;
}

interface Text {
  /** Below the root. */
  readonly path: string;
  readonly text: string;
}

/** What people read: documents, and what is deployed. */
export function documents(): readonly Text[] {
  const top = readdirSync(root).filter((name) => name.endsWith('.md'));
  const folders = ['docs', 'golden-measurements', 'certs', 'test', 'src', 'bench'];
  const pages = folders.flatMap((folder) => listFiles(folder, /\.md$/));
  return readTexts([...top, ...pages, ...listFiles('deploy', /\.(md|service|target|conf|example|ya?ml|json)$/)]);
}

function readTexts(paths: readonly string[]): readonly Text[] {
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function listFiles(folder: string, names: RegExp): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => names.test(name))
    .map((name) => join(folder, name));
}

/** Fenced shell blocks of a part of a document, those in lists too. */
export function shellBlocks(text: string): readonly string[] {
  return [...text.matchAll(/^( *)```sh\n([\s\S]*?)^\1```$/gm)].map(([, , block]) => block ?? '');
}

/** Lines as a shell reads them: one that ends with a backslash goes on in the next. */
function wholeLines(text: string): readonly string[] {
  return text.replace(/\\\n\s*/g, '').split('\n');
}

/** Commands of documents, and those that the program itself names in its sentences. */
export function documentedCommands(): readonly DocumentedCommand[] {
  const texts = documents();
  return [
    ...texts.flatMap(({ path, text }) => [
      ...shellBlocks(text).flatMap((block) => wholeLines(block).flatMap((line) => readLine(path, line))),
      ...[...text.matchAll(/^ExecStart=(.*)$/gm)].flatMap(([, line]) => readLine(path, line ?? '')),
      // Of a container: `command: [touchstone, controller, kubernetes]`.
      ...[...text.matchAll(/^ *command: \[(touchstone, .*)\]$/gm)].flatMap(([, words]) =>
        readLine(path, (words ?? '').replaceAll(',', '')),
      ),
      ...[...text.matchAll(/^ *\$ (touchstone .*)$/gm)].flatMap(([, line]) => readLine(path, line ?? '')),
    ]),
    ...[...texts, ...readTexts(listFiles('src', /\.ts$/))].flatMap(readSentences),
  ];
}

function readSentences({ path, text }: Text): DocumentedCommand[] {
  return [...text.matchAll(/`(?:npx )?touchstone ([a-z][^`$]+)`/g)].map(([, rest]) => ({
    place: `${path}: touchstone ${rest ?? ''}`,
    words: splitWords(rest ?? ''),
    isWhole: false,
  }));
}

/** The commands of a line that run touchstone: `npx touchstone …`, `/usr/bin/touchstone …`, `runuser -u x -- touchstone …`, `$(touchstone …)`. */
function readLine(path: string, line: string): DocumentedCommand[] {
  const commands = line.replace(/^ *#.*/, '').matchAll(/(?<=^|(?<!-n)\s|\/|\()touchstone (?=[a-z])/g);
  return [...commands].map(({ 0: name, index }) => ({
    place: `${path}: ${line.trim()}`,
    words: splitWords(line.slice(index + name.length)),
    isWhole: true,
  }));
}

/** Words as a shell would make them, up to a comment, a pipe or a control operator. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const [whole, double, single, bare] of text.matchAll(/"([^"]*)"|'([^']*)'|(\$\([^)]*\)|\S+)/g)) {
    if (/^(#|\||&|;|>|2>)/.test(whole)) break;
    if (whole === '\\') continue;
    // `00ff…` stands for the whole of a long value.
    words.push((double ?? single ?? bare ?? '').replace(/[…;]$/, ''));
    if (bare?.endsWith(';') === true) break;
  }
  return words;
}
