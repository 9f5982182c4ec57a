// Every host, one after another, for questions about the whole fleet.
import type { ServerContext } from '../context.ts';
import { ownTurn } from '../own-turn.ts';
import type { Steps } from './progress.ts';
import type { FleetRecord, Labels, Standing, Store, UnreadableHost } from '../storage/index.ts';

const pageSize = 100;
/** Between two looks at other requests, where they are answered by this process. */
const sliceMs = 2;

/** How often a walk says how far it is. */
export const tellingMs = 10;

/** In the order of their ids. */
export async function* readFleet({
  store,
}: Pick<ServerContext, 'store'>): AsyncGenerator<FleetRecord | UnreadableHost> {
  for (let after: string | undefined; ;) {
    const page = await store.listFleet({ after, limit: pageSize });
    yield* page;
    after = lastOf(page);
    if (page.length < pageSize) return;
  }
}

/** Every host that can be read, whatever its state, with its last verdict. Other requests are served between the pages. */
export async function* readHosts({ store }: { readonly store: Pick<Store, 'listHosts'> }): AsyncGenerator<Standing> {
  for (let after: string | undefined; ;) {
    const page = await store.listHosts({ after, limit: pageSize });
    for (const listed of page) if (!isUnreadable(listed)) yield listed;
    after = lastOf(page);
    if (page.length < pageSize) return;
    await new Promise(setImmediate);
  }
}

export function isUnreadable(listed: object): listed is UnreadableHost {
  return 'unreadable' in listed;
}

export function idOf(listed: Pick<FleetRecord, 'host'> | UnreadableHost): string {
  return isUnreadable(listed) ? listed.unreadable : listed.host.hostId;
}

function lastOf(page: readonly (Pick<FleetRecord, 'host'> | UnreadableHost)[]): string | undefined {
  const last = page.at(-1);
  return last && idOf(last);
}

export function carriesLabels({ host }: Pick<FleetRecord, 'host'>, labels: Labels | undefined): boolean {
  return Object.entries(labels ?? {}).every(([name, value]) => host.labels[name] === value);
}

/** Hands over active hosts that can be read, in the order of their ids: the others are denied already. Says how far it is. */
export async function* walkActiveHosts(
  context: Pick<ServerContext, 'store'>,
  visit: (listed: Standing) => Promise<void>,
): Steps<void> {
  const total = await context.store.countActiveHosts();
  const isTimeToTell = createTelling();
  let done = 0;
  for await (const listed of readHosts(context)) {
    if (listed.host.state !== 'active') continue;
    done += 1;
    if (isTimeToTell()) yield { done, total: Math.max(total, done) };
    await visit(listed);
  }
}

/** Whether it is time to say again how far a walk is. */
export function createTelling(): () => boolean {
  let told = performance.now();
  return () => {
    if (performance.now() - told < tellingMs) return false;
    told = performance.now();
    return true;
  };
}

/** Lets other requests through when the slice is used up, and says so. */
export function createPause(ms = sliceMs): () => Promise<boolean> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < ms) return false;
    await ownTurn();
    begun = performance.now();
    return true;
  };
}
