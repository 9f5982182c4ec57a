// By what people tell golden measurements of one layer apart: of all that is expected, what differs whenever the layer differs. It
// decides nothing.
import { counted } from '../encoding/index.ts';
import type { HashAlgorithm } from '../crypto/index.ts';
import type { Layer } from '../event-log/index.ts';
import { expectationDigest } from './encode-statement.ts';
import type { DigestSet, ExpectedEvent, ExpectedFiles, GoldenStatement } from './statement.ts';

export interface Landmark {
  readonly pcr: number;
  /** As the signed statement says it, in the words of the log. */
  readonly description: string;
  readonly alg: HashAlgorithm;
  readonly digest: Uint8Array;
}

type Choice = (events: readonly ExpectedEvent[]) => ExpectedEvent | undefined;

const described =
  (pattern: RegExp): Choice =>
  (events) =>
    events.findLast(({ description }) => pattern.test(description));
const first: Choice = (events) => events[0];
const last: Choice = (events) => events.at(-1);

/** The first choice that finds something counts. Of a kernel: the image that was started, whose path often says the version. */
const choices: Readonly<Partial<Record<Layer, readonly Choice[]>>> = {
  firmware: [described(/^firmware version (?!\(empty\))/), last],
  'secure-boot': [described(/^dbx = /), last],
  'boot-loader': [last],
  kernel: [first],
  'kernel-command-line': [described(/^kernel_cmdline: /), (events) => events.find(({ pcr }) => pcr === 12), last],
  initrd: [last],
};

/** Undefined where nothing is expected that could be told apart. Of files it is how many, and the digest of all that is expected. */
export function landmarkOf(
  statement: Pick<GoldenStatement, 'layer' | 'events' | 'pcrs' | 'ima'>,
): Landmark | undefined {
  const { layer, events, pcrs, ima } = statement;
  if (ima !== undefined)
    return { pcr: 10, description: describeFiles(ima), alg: 'sha256', digest: expectationDigest(statement) };
  const telling = events.filter(({ description }) => description !== 'separator');
  for (const choice of choices[layer] ?? [last]) {
    const found = choice(telling);
    if (found !== undefined) return landmark(found.pcr, found.description, found.digests);
  }
  const [register] = pcrs;
  return register && landmark(register.pcr, `value of PCR ${register.pcr}`, register.digests);
}

/** What a statement accepts of files, in a few words. */
export function describeFiles({ digests, signers, excludedPaths }: ExpectedFiles): string {
  return [
    ...(digests.length === 0 ? [] : [counted(digests.length, 'file')]),
    ...(signers.length === 0 ? [] : [`all that ${counted(signers.length, 'key')} signed`]),
    ...(excludedPaths.length === 0 ? [] : [`not looked at: ${counted(excludedPaths.length, 'path')}`]),
  ].join(', ');
}

/** In the first bank that it names. */
function landmark(pcr: number, description: string, digests: DigestSet): Landmark | undefined {
  const [bank] = digests;
  return bank && { pcr, description, alg: bank[0], digest: bank[1] };
}
