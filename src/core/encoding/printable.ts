// Text that strangers wrote (paths, names, command lines) before it reaches a log line, a terminal or a page. [PEERS T3]

// Control characters, bidirectional overrides, zero-width and other invisible characters, lone surrogates.
// eslint-disable-next-line no-control-regex -- matching control characters is the purpose
const unprintable = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** `text` with every invisible or control character shown as `\u{hex}` and a backslash doubled, cut to `limit` characters. */
export function printable(text: string, limit = 4096): string {
  const shown = text.replaceAll('\\', '\\\\').replace(unprintable, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
  return shown.length > limit ? `${shown.slice(0, limit)}…` : shown;
}
