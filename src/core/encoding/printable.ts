// Text that strangers wrote (paths, names, command lines) before it reaches a log line, a terminal or a page.

// Control and format characters, bidirectional overrides, lone surrogates, private and unassigned characters (\p{C}),
// separators other than the space, and the letters and marks that have no shape.
const unprintable =
  /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}|[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/gu;

/** `text` with every invisible or control character shown as `\u{hex}` and a backslash doubled, cut to `limit` UTF-16
 * units and an ellipsis. Distinct texts below the limit stay distinct. */
export function printable(text: string, limit = 4096): string {
  // Cut first: escaping only lengthens, and the input may be megabytes.
  return cut(
    text
      .slice(0, limit + 1)
      .replaceAll('\\', '\\\\')
      .replace(unprintable, escapeCharacter),
    limit,
  );
}

/** The same for text that already went through `printable` where it was read: backslashes stay as they are, or each stage that a path
 * passes would double them once more. Whoever wrote the text can imitate an escape, but hide nothing. */
export function printableAgain(text: string, limit = 4096): string {
  return cut(text.slice(0, limit + 1).replace(unprintable, escapeCharacter), limit);
}

/** The first line of an error message, without a colon at its end. Parsers quote the input in the lines that follow: it may be secret,
 * or written by a stranger. */
export function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function cut(shown: string, limit: number): string {
  return shown.length > limit ? `${withoutHalf(shown.slice(0, limit))}…` : shown;
}

/** Without the first half of a surrogate pair that a cut left at the end. */
function withoutHalf(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
