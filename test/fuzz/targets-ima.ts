// Lists of what the kernel measured, in both forms, held against the registers they lead to.
import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../src/core/encoding/index.ts';
import type { HashAlgorithm } from '../../src/core/crypto/index.ts';
import { AttestationError } from '../../src/core/error.ts';
import {
  judgeEntry,
  parseImaList,
  parseImaSignature,
  parseImaText,
  replayImaEntries,
  verifyImaList,
  type ImaList,
} from '../../src/core/ima/index.ts';
import type { AttestedPcrs } from '../../src/core/tpm/index.ts';
import { vectorFiles } from '../support/vectors.ts';
import { labFile, labFiles } from './corpus.ts';
import type { FuzzTarget } from './target.ts';

const words = ['ima-ng', 'ima-sig', 'ima-buf', 'ima-modsig', 'ima-ngv2', 'ima', 'evm-sig', 'd-ng|n-ng', 'sha256:', 'sha1:\0', 'verity:sha256:', 'boot_aggregate', '\n10 ', ' ']; // prettier-ignore
const tokens = [...words.map(encodeUtf8), Uint8Array.of(10, 0, 0, 0), new Uint8Array(20)];
const banks: readonly HashAlgorithm[] = ['sha1', 'sha256', 'sha384', 'sha512'];

/** Some entries from the start: enough for every shape, and quick. */
function head(list: Uint8Array): Uint8Array {
  const { entries } = parseImaList(list);
  return list.subarray(0, entries[Math.min(entries.length - 1, 24)]?.offset ?? list.length);
}

function readList(list: ImaList): unknown {
  const { entries } = list;
  const pcrs = [...new Set(entries.map(({ pcr }) => pcr))];
  const replays = pcrs.flatMap((pcr) =>
    banks.flatMap((bank) => [
      replayImaEntries({ entries, pcr, bank }),
      replayImaEntries({ entries, pcr, bank, mode: 'padded-sha1' }),
    ]),
  );
  const judged = entries.map((entry) =>
    judgeEntry(entry, { digests: new Set(), signers: [], excludedPaths: ['/tmp/'] }),
  );
  const signatures = entries.filter(({ signature }) => signature.length > 0).map(({ signature }) => attempt(() => parseImaSignature(signature))); // prettier-ignore
  return { list, replays, judged, signatures, verified: attempt(() => verify(list)) };
}

/** Against the registers that the list itself leads to; its boot aggregate is of another boot, so it seldom passes. */
function verify(list: ImaList): unknown {
  const value = replayImaEntries({ entries: list.entries, pcr: 10, bank: 'sha256' });
  const pcrs = { banks: new Map([['sha256', new Map([[10, value]])]]) } as unknown as AttestedPcrs;
  const verified = verifyImaList({ list, pcrs });
  assert.equal(verified.entries.length + verified.unverifiedEntries, list.entries.length);
  return verified.entries.length;
}

function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof AttestationError) return error.code;
    throw error;
  }
}

export const imaTargets: Readonly<Record<string, () => FuzzTarget>> = {
  'ima-binary': () => ({
    name: 'ima-binary',
    seeds: [...labFiles('ima_binary_runtime_measurements').map(head), ...vectorFiles('ima', '.bin')],
    tokens,
    run: (bytes) => readList(parseImaList(bytes)),
  }),
  'ima-text': () => ({
    name: 'ima-text',
    seeds: [
      labFile('boot/ima-evil/ima_ascii_runtime_measurements').subarray(0, 3000),
      ...vectorFiles('ima', '.txt').map((text) => text.subarray(0, 16_384)),
    ],
    tokens,
    run: (bytes) => readList(parseImaText(bytes)),
  }),
};
