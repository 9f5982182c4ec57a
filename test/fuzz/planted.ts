// Readers with one fault each: a fuzzer that does not find these finds nothing.
import { MalformedError } from '../../src/core/error.ts';
import type { FuzzTarget } from './target.ts';

const good = new TextEncoder().encode('good input that is long enough to be changed');
const refuse = (): never => {
  throw new MalformedError('EVENT_LOG_EMPTY', 'refused');
};

/** Only what differs from the seed shows the fault. */
function planted(name: string, fault: (input: Uint8Array) => unknown): FuzzTarget {
  return { name, seeds: [good], run: (input) => (input.length < good.length ? fault(input) : refuse()) };
}

let reads = 0;

/** Computes its value when it is asked for. */
class Late {
  get value(): number {
    return (reads += 1);
  }
}

let slowReads = 0;

const targets: readonly FuzzTarget[] = [
  planted('none', () => refuse()),
  planted('untyped-error', () => {
    throw new RangeError('Invalid typed array length');
  }),
  planted('unknown-code', () => {
    throw new MalformedError('NO_SUCH_CODE' as 'EVENT_LOG_EMPTY', 'nobody knows this');
  }),
  planted('slow', () => {
    if ((slowReads += 1) > 3) return;
    const end = performance.now() + 1100;
    while (performance.now() < end) reads += 1;
  }),
  planted('hang', () => {
    for (;;) reads += 1;
  }),
  planted('crash', () => {
    const grown: object[] = [];
    for (;;) grown.push({ grown });
  }),
  planted('growth', () => new Uint8Array(16 * 1024 * 1024).fill(1)),
  planted('input-changed', (input) => void input.reverse()),
  planted('unstable', () => (reads += 1)),
  planted('unstable-late', () => new Late()),
];

export function createTargets(names: readonly string[]): Promise<readonly FuzzTarget[]> {
  return Promise.resolve(targets.filter(({ name }) => names.includes(name)));
}
