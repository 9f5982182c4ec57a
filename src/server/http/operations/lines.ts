// What takes long may be answered in lines: how far it is, and at last what came of it.
import type { Progress, Steps } from '../../fleet/progress.ts';

/** The media type that asks for it. */
export const inLines = 'application/x-ndjson';

type Line<Body> = { readonly progress: Progress } | { readonly result: Body };

/** What is refused at once is said by the status, so the first step is taken before the answer begins.
 * @throws what the first step throws */
export async function answerInLines<Result, Body>(steps: Steps<Result>, wire: (result: Result) => Body) {
  const first = await steps.next();
  return { status: 200, mediaType: inLines, lines: toLines(first, steps, wire) } as const;
}

async function* toLines<Result, Body>(
  first: IteratorResult<Progress, Result>,
  steps: Steps<Result>,
  wire: (result: Result) => Body,
): AsyncGenerator<Line<Body>> {
  try {
    let step = first;
    while (step.done !== true) {
      yield { progress: step.value };
      step = await steps.next();
    }
    yield { result: wire(step.value) };
  } finally {
    // Who asked may be gone: then the work ends too.
    await steps.return(undefined as never);
  }
}
