// A changed kernel command line, word by word: what an operator wants to see first.
import { itemsBeyond, type BoundEvent } from '../event-log/index.ts';
import type { Difference } from './compare.ts';

const maximumWords = 8;
const maximumWordLength = 80;

/**
 * GRUB measures the command line several times: in the menu entry, in its own command, and as the kernel receives it.
 * Where the last of them differs too, it says best what happened.
 */
export function nameCommandLine(difference: Difference): Difference {
  const { kind, wanted, seen } = difference;
  if (kind !== 'event-replaced' || wanted === undefined || seen === undefined) return difference;
  const expected = wanted.find(({ description }) => description.startsWith('kernel_cmdline: '));
  const observed = seen.find(
    ({ decoded, dataBound }) => dataBound && decoded?.kind === 'ipl' && decoded.prefix === 'kernel_cmdline',
  );
  if (expected === undefined || observed === undefined || expected.description === observed.description)
    return difference;
  return { ...difference, expected, observed };
}

/** Words are compared only where the digest covers the observed text; the expected text was signed by operators. */
export function explainCommandLine({ expected, kind }: Difference, observed: BoundEvent): string {
  const subject = subjectOf(observed);
  if (kind === 'event-extra') return `${subject} was measured beyond those of the golden measurement`;
  const before = expected !== undefined && 'description' in expected ? expected.description : undefined;
  if (!observed.dataBound || before === undefined || before.startsWith('(unverified)')) {
    return `${subject} changed, and its text is not in the log`;
  }
  const [now, then] = [wordsOf(observed.description), wordsOf(before)];
  const [added, removed] = [itemsBeyond(now, then), itemsBeyond(then, now)];
  if (added.length + removed.length === 0) return `${subject} has the same words in another order or spacing`;
  const parts = [listOf('added', added), listOf('removed', removed)].filter((part) => part !== '');
  return `${subject} changed: ${parts.join('; ')}`;
}

function subjectOf({ decoded, pcr, dataBound }: BoundEvent): string {
  if (pcr === 9 && !dataBound) return "The boot loader's configuration file";
  const isKernel =
    decoded?.kind === 'ipl' &&
    (decoded.prefix === 'kernel_cmdline' || decoded.source === 'systemd' || /^linux(efi|16)?\s/.test(decoded.text));
  return isKernel || pcr === 11 || pcr === 12 ? 'The kernel command line' : 'A boot loader command';
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/, 512).filter((word) => word !== '');
}

function listOf(verb: string, words: readonly string[]): string {
  if (words.length === 0) return '';
  // Descriptions are printable already; this only cuts. A doubled backslash would be doubled again, so none is touched.
  const shown = words.slice(0, maximumWords).map((word) => `"${word.slice(0, maximumWordLength)}"`);
  const more = words.length > maximumWords ? ` and ${words.length - maximumWords} more` : '';
  return `${verb} ${shown.join(' ')}${more}`;
}
