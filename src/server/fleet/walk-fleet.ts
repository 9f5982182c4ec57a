// Every active host, one after another, for questions about the whole fleet.
import type { ServerContext } from '../context.ts';
import type { FleetRecord, Labels } from '../storage/index.ts';

const pageSize = 100;
/** Between two looks at other requests. */
const sliceMs = 10;

/** In the order of their ids. */
export async function* readFleet({ store }: Pick<ServerContext, 'store'>): AsyncGenerator<FleetRecord> {
  for (let after: string | undefined; ;) {
    const page = await store.listFleet({ after, limit: pageSize });
    yield* page;
    after = page.at(-1)?.host.hostId;
    if (page.length < pageSize) return;
  }
}

export function carriesLabels({ host }: Pick<FleetRecord, 'host'>, labels: Labels | undefined): boolean {
  return Object.entries(labels ?? {}).every(([name, value]) => host.labels[name] === value);
}

/** Lets other requests through when the slice is used up, and says so. */
export function createPause(): () => Promise<boolean> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < sliceMs) return false;
    await new Promise(setImmediate);
    begun = performance.now();
    return true;
  };
}
