// One changed event in words. What changed is a digest; paths and labels are those that the log gives it.
import { printable } from '../../encoding/index.ts';
import { equalInConstantTime } from '../../crypto/index.ts';
import type { EventPair } from './align-events.ts';
import { gainedAndLost, itemsBeyond, verb, words, type ChangeWords } from './change-words.ts';
import type { DecodedGpt } from '../events/decoded-event.ts';
import { explainVariable } from './explain-variable.ts';
import type { BoundEvent } from '../replayed-log.ts';
import { tags } from '../events/tagged-event.ts';

export function explainPair(pair: EventPair): ChangeWords {
  const { before, after } = pair;
  if (before && after && isSameDigest(before, after)) {
    return words('event-moved', `${labelOf(after)}: measured at another place`);
  }
  const event = after ?? before;
  if (event === undefined) throw new TypeError('a change without events');
  switch (event.decoded?.kind) {
    case 'uefi-variable':
      return explainVariable(pair);
    case 'ipl':
      return explainBootLoader(event, pair);
    case 'image':
      return explainImage(event, pair);
    case 'tagged':
      return event.layer === undefined ? explainOther(pair) : words('file', `${subjectOfTag(event)}: ${verb(pair)}`);
    case 'firmware-version':
      return explainVersion(pair);
    case 'firmware-blob':
      return words('firmware', `firmware code ${verb(pair)}: ${labelOf(event).replace(/^firmware /, '')}`);
    case 'gpt':
      return explainPartitions(pair);
    default:
      return explainOther(pair);
  }
}

function isSameDigest(before: BoundEvent, after: BoundEvent): boolean {
  return equalInConstantTime(before.digest.value, after.digest.value);
}

/** That the label is unverified goes without saying here. */
function labelOf({ description }: BoundEvent): string {
  return description.replace(/^\(unverified\) /, '');
}

/** Text of a bound event: what the digest covers, so that two boots can be compared word by word. */
function textOf(event: BoundEvent | undefined): string | undefined {
  return event?.dataBound === true && event.decoded?.kind === 'ipl' ? event.decoded.text : undefined;
}

function explainBootLoader(event: BoundEvent, pair: EventPair): ChangeWords {
  if (event.pcr === 11) return explainSection(event, pair);
  const [old, fresh] = [textOf(pair.before), textOf(pair.after)];
  if (old === undefined && fresh === undefined) return words('file', `${subjectOfFile(event)} ${verb(pair)}`);
  const isCommandLine = isKernelText(event);
  const kind = isCommandLine ? 'command-line' : 'boot-loader-command';
  const [gained, lost] = [itemsBeyond(wordsOf(fresh), wordsOf(old)), itemsBeyond(wordsOf(old), wordsOf(fresh))];
  if (pair.before === undefined || pair.after === undefined) {
    const subject = isCommandLine ? 'command line' : 'boot loader command';
    return words(kind, `${subject} ${verb(pair)}: ${printable(fresh ?? old ?? '', 400)}`, gained, lost);
  }
  const subject = isCommandLine ? 'command line' : `boot loader command${nameOfCommand(old, fresh)}`;
  return words(kind, `${subject} ${gainedAndLost(gained, lost) || 'has its words in another order'}`, gained, lost);
}

function isKernelText({ pcr, decoded }: BoundEvent): boolean {
  return pcr === 12 || (decoded?.kind === 'ipl' && decoded.prefix === 'kernel_cmdline');
}

/** The command, where it is the same on both sides. */
function nameOfCommand(old: string | undefined, fresh: string | undefined): string {
  const [[before], [after = '']] = [wordsOf(old), wordsOf(fresh)];
  return before === after && /^[a-z0-9_]+$/.test(after) ? ` \`${after}\`` : '';
}

function wordsOf(text = ''): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
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

function subjectOfTag(event: BoundEvent): string {
  const tag = event.decoded?.kind === 'tagged' ? event.decoded.tag : undefined;
  if (tag === tags.linuxLoadOptions) return 'command line that the kernel received';
  return tag === tags.linuxInitrd ? 'initrd that the kernel loaded' : labelOf(event);
}

/** The stub measures the name of a section, then the section: two events, one sentence. */
function explainSection({ decoded }: BoundEvent, pair: EventPair): ChangeWords {
  const name = printable(decoded?.kind === 'ipl' ? decoded.text : '', 100);
  const subject = name.startsWith('.') ? `section ${name} of the unified kernel image` : `boot phase ${name}`;
  return words('section', `${subject} ${verb(pair)}`);
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

function explainPartitions(pair: EventPair): ChangeWords {
  const [old, fresh] = [tableOf(pair.before), tableOf(pair.after)];
  if (old === undefined || fresh === undefined) return explainOther(pair);
  const namesOf = ({ partitions }: DecodedGpt): string[] =>
    partitions.map(({ name, guid }) => `${name || 'unnamed'} ${guid}`);
  const [gained, lost] = [itemsBeyond(namesOf(fresh), namesOf(old)), itemsBeyond(namesOf(old), namesOf(fresh))];
  const sentence =
    old.diskGuid === fresh.diskGuid
      ? `partition table of disk ${fresh.diskGuid} ${gainedAndLost(gained, lost) || 'has other sizes or flags'}`
      : `disk ${fresh.diskGuid} was there instead of ${old.diskGuid}`;
  return words('partition-table', sentence, gained, lost);
}

function tableOf(event: BoundEvent | undefined): DecodedGpt | undefined {
  return event?.dataBound === true && event.decoded?.kind === 'gpt' ? event.decoded : undefined;
}

function explainOther(pair: EventPair): ChangeWords {
  const { before, after } = pair;
  if (before === undefined) return words('event-added', `added: ${after === undefined ? '' : labelOf(after)}`);
  if (after === undefined) return words('event-removed', `removed: ${labelOf(before)}`);
  const [old, fresh] = [labelOf(before), labelOf(after)];
  return words('event-replaced', old === fresh ? `${fresh}: replaced` : `${old} became ${fresh}`);
}
