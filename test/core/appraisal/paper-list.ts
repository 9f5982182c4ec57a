// Layer `runtime` on paper: lists made here, with a quote over the PCR 10 they lead to.
import { sign, type KeyObject } from 'node:crypto';
import { concatBytes, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import type { ApprovedGolden, ExpectedFiles } from '../../../src/core/golden/index.ts';
import { parseImaList, replayImaEntries, type ReplayMode } from '../../../src/core/ima/index.ts';
import type { Evidence, Trust } from '../../../src/core/appraisal/index.ts';
import { approve, statementOf } from '../golden/material.ts';
import { signedQuote, softwareKey } from '../tpm/software-key.ts';
import { event, paperHost, trustOf } from './paper-host.ts';

const signer = softwareKey();
const pcrs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const zero = new Uint8Array(32);

export interface File {
  readonly path: string;
  readonly content?: string;
  readonly key?: KeyObject;
  readonly violation?: boolean;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function field(bytes: Uint8Array): Uint8Array {
  return concatBytes(u32(bytes.length), bytes);
}

function digestOf(content: string): Uint8Array {
  return hash('sha256', encodeUtf8(content));
}

/** security.ima as evmctl writes it. */
function signatureOf(content: string, key: KeyObject): Uint8Array {
  const value = new Uint8Array(sign('sha256', encodeUtf8(content), key));
  return concatBytes(Uint8Array.from([3, 2, 4, 1, 2, 3, 4, value.length >> 8, value.length & 0xff]), value);
}

function entryOf({ path, content = path, key, violation = false }: File, digest = digestOf(content)): Uint8Array {
  const value = concatBytes(encodeUtf8('sha256:\0'), violation ? zero : digest);
  const signature = key === undefined ? new Uint8Array() : signatureOf(content, key);
  const data = concatBytes(field(value), field(encodeUtf8(`${path}\0`)), field(signature));
  const template = violation ? new Uint8Array(20) : hash('sha1', data);
  return concatBytes(u32(10), template, field(encodeUtf8('ima-sig')), field(data));
}

/** A boot that measured one event, so that there is a log; PCR 0 to 9 are what the aggregate covers. */
export function bootOf(version = 'v1') {
  const { evidence } = paperHost([event(0, 'EV_S_CRTM_VERSION', version)]);
  const values = new Map(pcrs.map((pcr) => [pcr, evidence.pcrs.get('sha256')?.get(pcr) ?? zero]));
  return { eventLog: evidence.eventLog, values };
}

export type PaperBoot = ReturnType<typeof bootOf>;

/** The list of a boot, entry by entry. */
export function entriesOf({ values }: PaperBoot, measured: readonly File[]): readonly Uint8Array[] {
  const aggregate = hash('sha256', ...pcrs.slice(0, 10).map((pcr) => values.get(pcr) ?? zero));
  return [entryOf({ path: 'boot_aggregate' }, aggregate), ...measured.map((file) => entryOf(file))];
}

/** `imaLog` with a quote over what the beginning of it leads to that was `quoted`: all of it as a rule. */
export function evidenceOf(
  { eventLog, values }: PaperBoot,
  imaLog: Uint8Array,
  { quoted = imaLog, mode = 'native' }: { readonly quoted?: Uint8Array; readonly mode?: ReplayMode } = {},
): Evidence {
  const replayed = replayImaEntries({ entries: parseImaList(quoted).entries, pcr: 10, bank: 'sha256', mode });
  const claimed = new Map([['sha256' as const, new Map([...values, [10, replayed]])]]);
  const selections = [{ bank: 'sha256' as const, pcrs }];
  return { ...signedQuote(signer, selections, claimed), pcrs: claimed, eventLog, imaLog };
}

export function trustIn(goldens: readonly ApprovedGolden[]): Trust {
  return trustOf(signer, goldens);
}

export function files(ima: Partial<ExpectedFiles>): ApprovedGolden {
  return approve(statementOf('runtime', [], { ima: { digests: [], signers: [], excludedPaths: [], ...ima } }));
}

export function named(...contents: readonly string[]): ExpectedFiles['digests'] {
  return contents.map((content) => ({ digest: `sha256:${encodeHex(digestOf(content))}` }));
}
