// Capture of layer `runtime`: every file a good host measured while it ran, by digest.
import { printable } from '../encoding/index.ts';
import { entriesToJudge, fileDigestName, type ImaEntry, type VerifiedImaList } from '../ima/index.ts';
import { describeCapture, type CaptureOrigin } from './captured-statement.ts';
import { isFileDigest } from './expected-files.ts';
import type { ExpectedFile, GoldenStatement } from './statement.ts';

/** So many fit into the 1 MiB of a statement, with paths of 256 characters. */
const filesPerStatement = 2048;

/**
 * Statements that together approve the files of the list: more than one when it is long, since they compose. None when
 * it holds no file. Violations are never proposed, nor digests that prove nothing (SHA-1, or all zero, which the kernel
 * writes for a file that it could not read).
 */
export function createRuntimeStatements(list: VerifiedImaList, origin: CaptureOrigin): readonly GoldenStatement[] {
  const files = readFiles(entriesToJudge(list));
  const parts = Array.from({ length: Math.ceil(files.length / filesPerStatement) }, (_, part) =>
    files.slice(part * filesPerStatement, (part + 1) * filesPerStatement),
  );
  return parts.map((digests) => {
    const ima = { digests, signers: [], excludedPaths: [] };
    return describeCapture({ layer: 'runtime', events: [], pcrs: [], ima }, origin);
  });
}

/** Each digest once, in the order of the digests: the order of use differs from boot to boot. */
function readFiles(entries: readonly ImaEntry[]): readonly ExpectedFile[] {
  const files = new Map<string, ExpectedFile>();
  for (const entry of entries.filter(({ violation }) => !violation)) {
    const digest = fileDigestName(entry);
    const path = printable(entry.path, 256);
    const known = files.get(digest)?.path;
    // Of several paths the first in the alphabet, so that two boots propose the same bytes.
    if (isFileDigest(digest) && (known === undefined || path < known)) {
      files.set(digest, path === '' ? { digest } : { digest, path });
    }
  }
  return [...files.values()].sort((left, right) => (left.digest < right.digest ? -1 : 1));
}
