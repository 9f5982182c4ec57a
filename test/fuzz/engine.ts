// The loop: change an input, run it, keep what reaches code that nothing else reached.
import type { Coverage } from './coverage.ts';
import { examine, type Examination } from './examine.ts';
import { mutate, type Material } from './mutate.ts';
import type { Random } from './random.ts';
import type { FuzzFinding, FuzzStatistics, FuzzTarget } from './target.ts';

export interface FuzzRun {
  readonly random: Random;
  readonly coverage: Coverage;
  /** True when it is time to stop; asked before each batch. */
  readonly isOver: (runs: number) => boolean;
  /** Told of each input before it runs: should it take the process down, its bytes are known. */
  readonly enter: (input: Uint8Array) => void;
  readonly report: (finding: FuzzFinding) => void;
}

/** So many inputs run between two looks at the coverage; where something is new, each of them runs again alone. */
const batchSize = 24;
const maximumLength = 256 * 1024;
const maximumFindings = 8;

export async function fuzz(target: FuzzTarget, options: FuzzRun): Promise<FuzzStatistics> {
  const { random, coverage, enter } = options;
  const corpus: Uint8Array[] = [];
  const blocks = new Set<string>();
  const reported = new Set<string>();
  let [runs, accepted] = [0, 0];

  const run = async (input: Uint8Array, thorough: boolean): Promise<void> => {
    enter(input);
    runs += 1;
    const examination = await examine(target, input, thorough);
    if (examination.accepted) accepted += 1;
    if (examination.finding) await reportOnce(input, examination.finding);
  };
  const reportOnce = async (
    input: Uint8Array,
    { kind, detail }: NonNullable<Examination['finding']>,
  ): Promise<void> => {
    const place = `${kind} ${detail.split('\n').slice(0, 3).join(' ')}`.replace(/\d+/g, '#');
    if (reported.has(place)) return;
    reported.add(place);
    options.report({ target: target.name, kind, detail, input: await shrink(target, input, kind, enter) });
  };
  const isNew = (): boolean => {
    const before = blocks.size;
    for (const block of coverage.take()) blocks.add(block);
    return blocks.size > before;
  };
  const keep = async (input: Uint8Array): Promise<void> => {
    await run(input, true);
    if (isNew()) corpus.push(Uint8Array.from(input));
  };

  coverage.take();
  for (const seed of target.seeds) {
    if (seed.length <= maximumLength) await keep(seed);
  }
  const material: Material = { others: corpus, tokens: target.tokens ?? [], maximumLength };
  while (!options.isOver(runs) && reported.size < maximumFindings) {
    const batch = Array.from({ length: batchSize }, () => mutate(random, choose(random, corpus), material));
    for (const [position, input] of batch.entries()) await run(input, position % 8 === 0);
    if (coverage.take().some((block) => !blocks.has(block))) for (const input of batch) await keep(input);
  }
  return { target: target.name, runs, accepted, corpus: corpus.length, blocks: blocks.size };
}

/** Half of the time one of the inputs found last: they are the ones least tried. */
function choose(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  const recent = random.chance(0.5) ? Math.min(16, corpus.length) : corpus.length;
  return corpus[corpus.length - 1 - random.below(recent)] ?? new Uint8Array();
}

/** The input without what the finding does not need, as far as a few hundred tries go. */
async function shrink(
  target: FuzzTarget,
  input: Uint8Array,
  kind: FuzzFinding['kind'],
  enter: FuzzRun['enter'],
): Promise<Uint8Array> {
  let smallest = input;
  let tries = kind === 'slow' ? 0 : 300;
  for (let size = smallest.length >> 1; size >= 1 && tries > 0; size >>= 1) {
    for (let start = 0; start + size <= smallest.length && tries > 0; tries -= 1) {
      const shorter = Uint8Array.from([...smallest.subarray(0, start), ...smallest.subarray(start + size)]);
      enter(shorter);
      if ((await examine(target, shorter, kind === 'unstable')).finding?.kind === kind) smallest = shorter;
      else start += size;
    }
  }
  return smallest;
}
