// What takes long may be answered in lines: how far it is, and at last what came of it.
import { resultOf, type Progress, type Steps } from '../../fleet/progress.ts';
import type { Soon } from '../../soon.ts';

/** The media type that asks for it. */
const inLines = 'application/x-ndjson';

type Line<Body> = { readonly progress: Progress } | { readonly result: Body };

interface Answering<Result, Body> {
  /** Media type that was asked for. */
  readonly accept: string;
  /** Of the answer that is one document: 200 when absent. Lines are 200 always. */
  readonly status?: 200 | 201;
  readonly wire: (result: Result) => Soon<Body>;
}

/** In lines for who asks for them, else as one document. What is refused at once is said by the status in both, so the first step is
 * taken before lines begin.
 * @throws what the first step throws; for one document what any step throws */
export async function answerSteps<Result, Body>(
  steps: Steps<Result>,
  { accept, status = 200, wire }: Answering<Result, Body>,
) {
  if (accept !== inLines) return { status, body: await wire(await resultOf(steps)) };
  const first = await steps.next();
  return { status: 200, mediaType: inLines, lines: toLines(first, steps, wire) } as const;
}

async function* toLines<Result, Body>(
  first: IteratorResult<Progress, Result>,
  steps: Steps<Result>,
  wire: (result: Result) => Soon<Body>,
): AsyncGenerator<Line<Body>> {
  try {
    let step = first;
    while (step.done !== true) {
      yield { progress: step.value };
      step = await steps.next();
    }
    yield { result: await wire(step.value) };
  } finally {
    // Who asked may be gone: then the work ends too.
    await steps.return(undefined as never);
  }
}
