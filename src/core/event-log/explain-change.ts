// One changed event in words. Texts that the digest does not cover are said to be unverified.
import { encodeHex, printable } from '../encoding/index.ts';
import { equalInConstantTime } from '../crypto/index.ts';
import { MalformedError } from '../error.ts';
import type { EventPair } from './align-events.ts';
import type { BootChange } from './boot-change.ts';
import type { DecodedVariable, SignatureEntry } from './decoded-event.ts';
import { nameOfSubject, readCertificate } from './key-certificates.ts';
import type { BoundEvent } from './replayed-log.ts';
import { parseSignatureDatabase } from './signature-list.ts';

export type ChangeWords = Pick<BootChange, 'kind' | 'gained' | 'lost' | 'sentence'>;

const shownItems = 8;

export function explainPair(pair: EventPair): ChangeWords {
  const { before, after } = pair;
  if (before && after && isSameDigest(before, after)) {
    return words('event-moved', `${after.description}: measured at another place`);
  }
  const event = after ?? before;
  if (event === undefined) throw new TypeError('a change without events');
  if (event.decoded?.kind === 'uefi-variable') return explainVariable(pair);
  if (event.decoded?.kind === 'ipl') return explainBootLoader(event, pair);
  if (event.decoded?.kind === 'image') return explainImage(event, pair);
  if (event.decoded?.kind === 'tagged' && event.layer !== undefined)
    return words('file', `${event.description}: ${verb(pair)}`);
  if (event.decoded?.kind === 'firmware-version') return explainVersion(pair);
  return explainOther(pair);
}

function words(
  kind: ChangeWords['kind'],
  sentence: string,
  gained: readonly string[] = [],
  lost: readonly string[] = [],
): ChangeWords {
  return {
    kind,
    sentence: /^db[xtr]?\b/.test(sentence) ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1),
    gained,
    lost,
  };
}

function isSameDigest(before: BoundEvent, after: BoundEvent): boolean {
  return equalInConstantTime(before.digest.value, after.digest.value);
}

function verb({ before, after }: EventPair): string {
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'replaced';
}

/** Text of a bound event: what the digest covers, so that two boots can be compared word by word. */
function textOf(event: BoundEvent | undefined): string | undefined {
  return event?.dataBound === true && event.decoded?.kind === 'ipl' ? event.decoded.text : undefined;
}

function explainBootLoader(event: BoundEvent, pair: EventPair): ChangeWords {
  if (event.pcr === 11) return explainSection(event, pair);
  const [old, fresh] = [textOf(pair.before), textOf(pair.after)];
  if (old === undefined && fresh === undefined) return words('file', `${subjectOfFile(event)} ${verb(pair)}`);
  const isCommandLine = isKernelText(pair.after ?? pair.before);
  const kind = isCommandLine ? 'command-line' : 'boot-loader-command';
  const subject = isCommandLine ? 'command line' : 'boot loader command';
  const [gained, lost] = [wordsBeyond(fresh ?? '', old ?? ''), wordsBeyond(old ?? '', fresh ?? '')];
  if (pair.before === undefined || pair.after === undefined) {
    return words(kind, `${subject} ${verb(pair)}: ${event.description}`, gained, lost);
  }
  const parts = [listOf('gained', gained), listOf('lost', lost)].filter((part) => part !== '');
  return words(kind, `${subject} ${parts.join(', ') || 'has its words in another order'}`, gained, lost);
}

function isKernelText(event: BoundEvent | undefined): boolean {
  if (event?.decoded?.kind !== 'ipl') return false;
  if (event.pcr === 12) return true;
  return event.decoded.prefix === 'kernel_cmdline' || /^linux(?:16|efi)?\s/.test(event.decoded.text);
}

function subjectOfFile({ layer, pcr, decoded }: BoundEvent): string {
  const path = printable(decoded?.kind === 'ipl' ? decoded.text : '', 200);
  if (pcr === 14) return `shim variable ${path}`;
  const nouns: Readonly<Record<string, string>> = {
    initrd: 'initrd',
    kernel: 'kernel file',
    'kernel-command-line': 'boot loader configuration',
  };
  return `${nouns[layer ?? ''] ?? 'file'} ${path}`;
}

function explainSection({ decoded, dataBound }: BoundEvent, pair: EventPair): ChangeWords {
  const name = printable(decoded?.kind === 'ipl' ? decoded.text : '', 100);
  const subject = name.startsWith('.') ? `section ${name} of the unified kernel image` : `boot phase ${name}`;
  return words('section', `${subject} ${verb(pair)}${dataBound && pair.before === undefined ? ' (its name)' : ''}`);
}

function explainImage({ layer, decoded, pcr }: BoundEvent, pair: EventPair): ChangeWords {
  const path = decoded?.kind === 'image' ? printable(decoded.devicePath, 300) : '';
  const noun = pcr === 2 ? 'driver' : layer === 'kernel' ? 'kernel' : 'boot loader';
  return words('image', `${noun} ${verb(pair)}${path === '' ? '' : ` (${path})`}`);
}

function explainVersion({ before, after }: EventPair): ChangeWords {
  const [old, fresh] = [before, after].map((event) =>
    event?.decoded?.kind === 'firmware-version' ? event.decoded.text : '',
  );
  const sentence = `firmware version changed from ${printable(old || 'none', 100)} to ${printable(fresh || 'none', 100)}`;
  return words('firmware-version', sentence, [fresh ?? ''], [old ?? '']);
}

function explainOther(pair: EventPair): ChangeWords {
  const { before, after } = pair;
  if (before === undefined) return words('event-added', `added: ${after?.description ?? ''}`);
  if (after === undefined) return words('event-removed', `removed: ${before.description}`);
  const isSameText = before.description === after.description;
  return words(
    'event-replaced',
    isSameText ? `${after.description}: replaced` : `${before.description} became ${after.description}`,
  );
}

function explainVariable(pair: EventPair): ChangeWords {
  const [old, fresh] = [variableOf(pair.before), variableOf(pair.after)];
  const name = (fresh ?? old)?.name ?? '';
  if (name === 'SecureBoot' && old && fresh) {
    const isOn = fresh.data.length === 1 && fresh.data[0] === 1;
    return words('secure-boot', `Secure Boot was switched ${isOn ? 'on' : 'off'}`);
  }
  const [before, after] = [entriesOf(old), entriesOf(fresh)];
  if (before && after) return explainDatabase(name, { before, after });
  const description = (pair.after ?? pair.before)?.description ?? '';
  return words('variable', `variable ${printable(name, 100)} ${verb(pair)}: ${description}`);
}

function variableOf(event: BoundEvent | undefined): DecodedVariable | undefined {
  return event?.dataBound === true && event.decoded?.kind === 'uefi-variable' ? event.decoded : undefined;
}

function entriesOf(variable: DecodedVariable | undefined): readonly SignatureEntry[] | undefined {
  if (variable === undefined || !/^(?:PK|KEK|db[xtr]?)$/.test(variable.name)) return undefined;
  try {
    return parseSignatureDatabase(variable.data).entries;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

interface Entries {
  readonly before: readonly SignatureEntry[];
  readonly after: readonly SignatureEntry[];
}

function explainDatabase(name: string, { before, after }: Entries): ChangeWords {
  const gained = entriesBeyond(after, before);
  const lost = entriesBeyond(before, after);
  const parts = [countOf('gained', gained), countOf('lost', lost)].filter((part) => part !== '');
  const label = (entry: SignatureEntry): string => {
    const subject = readCertificate(entry)?.subject;
    return `${entry.type} ${encodeHex(entry.sha256.value)}${subject === undefined ? '' : ` ${nameOfSubject(subject)}`}`;
  };
  const sentence = `${name} ${parts.join(' and ') || 'has the same entries in another order or with other owners'}`;
  return words('signature-database', sentence, gained.map(label), lost.map(label));
}

function entriesBeyond(
  entries: readonly SignatureEntry[],
  others: readonly SignatureEntry[],
): readonly SignatureEntry[] {
  const keyOf = ({ typeGuid, sha256 }: SignatureEntry): string => `${typeGuid} ${encodeHex(sha256.value)}`;
  const known = new Set(others.map(keyOf));
  return entries.filter((entry) => !known.has(keyOf(entry)));
}

function countOf(word: string, entries: readonly SignatureEntry[]): string {
  if (entries.length === 0) return '';
  const certificates = entries.filter(({ type }) => type === 'x509').length;
  const hashes = entries.length - certificates;
  const parts = [
    certificates === 0 ? '' : `${certificates} certificate${certificates === 1 ? '' : 's'}`,
    hashes === 0 ? '' : `${hashes} hash${hashes === 1 ? '' : 'es'}`,
  ];
  return `${word} ${parts.filter((part) => part !== '').join(' and ')}`;
}

/** The words of `text` that `other` lacks, counting repetitions. */
function wordsBeyond(text: string, other: string): readonly string[] {
  const rest = new Map<string, number>();
  for (const word of wordsOf(other)) rest.set(word, (rest.get(word) ?? 0) + 1);
  return wordsOf(text).filter((word) => {
    const left = rest.get(word) ?? 0;
    if (left > 0) rest.set(word, left - 1);
    return left === 0;
  });
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function listOf(word: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const shown = items.slice(0, shownItems).map((item) => `\`${printable(item, 100)}\``);
  return `${word} ${shown.join(' ')}${items.length > shownItems ? ` and ${items.length - shownItems} more` : ''}`;
}
