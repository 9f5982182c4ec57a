// Events out of the audit log, in its order: those of some kinds, about hosts with some labels.
import { ServerError } from '../errors.ts';
import { ownTurn } from '../own-turn.ts';
import { selectsHost, unlessDamaged, type Labels, type Store } from '../storage/index.ts';
import { isEvent, isEventKind, rowOf, type EventEntry } from './cloud-event.ts';
import { eventKinds, type EventKind } from './event-kinds.table.ts';

export interface EventFilter {
  /** Empty: all of `audience`. */
  readonly kinds: readonly string[];
  /** Labels that a host must have. With any, events that are about no host are left out. */
  readonly labels: Labels;
  /** The only host; any when undefined. */
  readonly host: string | undefined;
  readonly audience: 'fleet' | 'operators';
}

export interface EventPage {
  readonly events: readonly EventEntry[];
  /** Everything up to here was looked at: the cursor of the next page. */
  readonly through: number;
}

type EventStore = Pick<Store, 'listAudit' | 'findHost'>;

/** How many entries one page looks at, so that a filter that selects nothing does not read the whole log at once. */
const scanned = 500;

/** At most `limit` events after the entry `after`. A page without events may not be the last: `through` has moved then. */
export async function readEvents(
  store: EventStore,
  filter: EventFilter,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<EventPage> {
  const labelsOf = createLabelReader(store);
  const events: EventEntry[] = [];
  let through = after;
  // An embedded database answers in the same turn, and who reads on may have all of a long log before it.
  await ownTurn();
  for (const entry of await store.listAudit(after, scanned)) {
    through = entry.sequence;
    if (isEvent(entry) && selectsKind(filter, entry.action) && (await selectsSubject(filter, entry, labelsOf))) {
      events.push(entry);
      if (events.length >= limit) break;
    }
  }
  return { events, through };
}

function selectsKind({ kinds, audience }: EventFilter, kind: EventKind): boolean {
  if (audience === 'fleet' && rowOf(kind).audience !== 'fleet') return false;
  return kinds.length === 0 || kinds.includes(kind);
}

type LabelReader = (hostId: string) => Promise<Labels>;

/** Labels are those that a host has when the event is read; of an event about labels, also those that it tells of. */
async function selectsSubject(
  { labels, host }: EventFilter,
  entry: EventEntry,
  labelsOf: LabelReader,
): Promise<boolean> {
  const { subject } = entry;
  const isAboutHost = rowOf(entry.action).about === 'host';
  if (host !== undefined && !(isAboutHost && subject === host)) return false;
  if (Object.keys(labels).length === 0) return true;
  if (!isAboutHost) return false;
  const all = entry.action === 'host.labelled' ? labelsTold(entry) : [await labelsOf(subject)];
  return all.some((one) => selectsHost({ labels }, { hostId: subject, labels: one }));
}

/** Those that the host got, and those that it had: of this kind alone, for `before` is a status in others. */
function labelsTold({ details }: EventEntry): readonly Labels[] {
  return [details['labels'], details['before']].flatMap((value) =>
    typeof value === 'string' ? [JSON.parse(value) as Labels] : [],
  );
}

/** Each host is read once for a page. One that is unknown, or of which a stored row is damaged, has no labels. */
function createLabelReader(store: EventStore): LabelReader {
  const known = new Map<string, Labels>();
  return async (hostId) => {
    const labels = known.get(hostId) ?? (await unlessDamaged(() => store.findHost(hostId)))?.labels ?? {};
    known.set(hostId, labels);
    return labels;
  };
}

/** @throws ServerError REQUEST_INVALID */
export function knownKind(name: string, at = 'kinds'): EventKind {
  if (isEventKind(name)) return name;
  throw new ServerError('REQUEST_INVALID', `no such kind; there are ${Object.keys(eventKinds).join(', ')}`, { at });
}
/** `verdict.changed,host.enrolled` as kinds that exist.
 * @throws ServerError REQUEST_INVALID */
export function parseKinds(text: string | undefined, at = 'kinds'): readonly EventKind[] {
  return (text ?? '')
    .split(',')
    .filter(Boolean)
    .map((name) => knownKind(name, at));
}

/** `rack=3,zone=b` as labels.
 * @throws ServerError REQUEST_INVALID */
export function parseLabels(text: string | undefined): Labels {
  const pairs = (text ?? '')
    .split(',')
    .filter(Boolean)
    .map((pair) => /^([^=]+)=(.*)$/.exec(pair));
  return Object.fromEntries(
    pairs.map((match) => {
      if (match === null) throw new ServerError('REQUEST_INVALID', 'name=value is expected', { at: 'labels' });
      return [match[1] ?? '', match[2] ?? ''];
    }),
  );
}
