// What is said of entries of an audit log that were proved, and by whose word.
import { counted, type JsonObject, printable } from '../../core/encoding/index.ts';
import type { OpenedCheckpoint, VerifiedStretch } from '../../core/transparency/index.ts';
import { keyText } from '../inputs/fetch-checkpoint.ts';
import type { Paper } from '../terminal.ts';

interface ShownStretch {
  readonly stretch: VerifiedStretch;
  readonly checkpoint: OpenedCheckpoint;
  /** Whose word the key is: one's own copy, that of the server that was asked, or that of the file alone. */
  readonly trusted: 'own' | 'server' | 'file';
}

const words = {
  own: 'of your own copy',
  server: 'by the word of the server (no --jwks)',
  file: "by the file's own word: whoever made it can have made the key (no --jwks)",
} as const;

export function describeStretch({ first, last }: VerifiedStretch): JsonObject {
  return {
    entries: last.sequence - first.sequence + 1,
    first: { sequence: first.sequence, at: first.at.toISOString() },
    last: { sequence: last.sequence, at: last.at.toISOString() },
  };
}

export function stretchFacts(paper: Paper, { stretch, checkpoint, trusted }: ShownStretch): [string, string][] {
  const { first, last } = stretch;
  const { size, at, log } = checkpoint;
  const beyond = [
    ...(first.sequence > 1 ? [`${first.sequence - 1} before them`] : []),
    ...(last.sequence < size ? [`${size - last.sequence} behind them`] : []),
  ];
  const count = last.sequence - first.sequence + 1;
  const key = `${keyText(checkpoint)}, ${words[trusted]}`;
  return [
    ['log', paper.tone('strong', printable(log))],
    [
      'entries',
      `${count}: ${first.sequence}, ${first.at.toISOString()}, to ${last.sequence}, ${last.at.toISOString()}`,
    ],
    ['signed', `${counted(size, 'entry', 'entries')}, ${at.toISOString()}`],
    ['signed by', trusted === 'own' ? key : paper.tone('warn', key)],
    ['proved', paper.tone('good', 'each follows from the one before, and the last is in the log that was signed')],
    ['not here', beyond.length === 0 ? 'nothing: this is the whole log as it was signed' : beyond.join(', ')],
  ];
}
