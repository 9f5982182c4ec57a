// A golden measurement with the files of a host: as large as they come, some 0.9 MiB.
import { hashHex } from '../../src/core/crypto/index.ts';
import { encodeUtf8 } from '../../src/core/encoding/index.ts';
import { encodeGoldenStatement, expectationDigest } from '../../src/core/golden/index.ts';

/** `part`: which of many, none of which has a file of another. */
export function goldenOfFiles(part: number): Uint8Array {
  const path = `/${'x'.repeat(180)}`;
  const digests = Array.from({ length: 3400 }, (_, index) => ({ digest: `sha256:${hashHex('sha256', encodeUtf8(`${part} ${index}`))}`, path })); // prettier-ignore
  const expectation = {
    layer: 'runtime',
    events: [],
    pcrs: [],
    ima: { digests, signers: [], excludedPaths: [] },
  } as const;
  const statement = { ...expectation, subjects: [{ name: `part ${part}`, sha256: expectationDigest(expectation) }] };
  return encodeGoldenStatement(statement);
}
