// Documents that show sessions: blocks of `console` with what is typed at a prompt (`$ ` for operators, `host# ` for a host) and what
// is printed then. `…` stands for what was left out: of a line, or, alone on a line, of lines.
import assert from 'node:assert/strict';

export interface Exchange {
  /** `$`, or the name of a host; empty for a line `# …` that tells what happens meanwhile. */
  readonly prompt: string;
  readonly typed: string;
  readonly shown: readonly string[];
}

export interface Section {
  readonly title: string;
  readonly exchanges: readonly Exchange[];
}

/** The sections (`## `) of a document that have blocks of a session. */
export function readSections(text: string): readonly Section[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => ({ title: part.split('\n')[0] ?? '', exchanges: blocksOf(part).flatMap(readExchanges) }))
    .filter(({ exchanges }) => exchanges.length > 0);
}

/** Each session of a document written anew, with what its commands printed, in their order. */
export function rewriteSessions(text: string, printed: readonly (readonly string[])[]): string {
  const answers = printed.values();
  return text.replace(block, (_, session: string) => {
    const lines = readExchanges(session).flatMap((each) => [
      formatTyped(each),
      ...(answers.next().value ?? each.shown),
    ]);
    return `\`\`\`console\n${lines.join('\n')}\n\`\`\`\n`;
  });
}

/** @throws AssertionError where `printed` is not what the document shows */
export function assertShown({ typed, shown }: Exchange, printed: readonly string[]): void {
  const pattern = shown.map((line) => (line === '…' ? '(?:.*\n)*' : `${escape(line)}\n`)).join('');
  const text = printed.map((line) => `${line}\n`).join('');
  assert.match(text, new RegExp(`^${pattern}$`), `${typed}\n\n${text}\nis not what the document shows:\n\n${shown.join('\n')}`); // prettier-ignore
}

const block = /^```console\n([\s\S]*?)^```\n/gm;
const typedLine = /^(?:(\$|[a-z][a-z0-9-]*#) (.*)|(# .*))$/;

function blocksOf(text: string): readonly string[] {
  return [...text.matchAll(block)].map(([, session]) => session ?? '');
}

function readExchanges(session: string): Exchange[] {
  const exchanges: { prompt: string; typed: string; shown: string[] }[] = [];
  let end: string | undefined;
  for (const line of session.replace(/\n$/, '').split('\n')) {
    const [, prompt, typed, comment] = typedLine.exec(line) ?? [];
    const last = exchanges.at(-1);
    if (end !== undefined && last !== undefined) {
      last.typed += `\n${line}`;
      if (line === end) end = undefined;
    } else if (prompt !== undefined || comment !== undefined) {
      exchanges.push({ prompt: prompt?.replace('#', '') ?? '', typed: typed ?? comment ?? '', shown: [] });
      end = /<<'(\w+)'$/.exec(line)?.[1];
    } else {
      assert.ok(last !== undefined, `a session begins with what is typed, not with: ${line}`);
      last.shown.push(line);
    }
  }
  return exchanges;
}

function formatTyped({ prompt, typed }: Exchange): string {
  return prompt === '' ? typed : `${prompt === '$' ? '$' : `${prompt}#`} ${typed}`;
}

function escape(line: string): string {
  return line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*');
}
