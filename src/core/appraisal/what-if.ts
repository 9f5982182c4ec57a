// Who gains and who loses trust by a change, and why: verdicts over the same evidence before and after, grouped so that
// ten thousand hosts read as five lines.
import { goldensOfLayer, type Finding, type TrustStatus, type Verdict } from '../verdict/index.ts';
import { captureOf } from './check-layers.ts';

export type FleetChangeKind = 'lost' | 'gained' | 'still-refused' | 'still-trusted';

/** What a change does to one host. */
export interface FleetChange {
  readonly host: string;
  readonly kind: FleetChangeKind;
  readonly before: TrustStatus;
  readonly after: TrustStatus;
  /** Why the host is refused: after the change, or before it where the change cures it. Empty where it stays trusted. */
  readonly reasons: readonly Finding[];
  /** Ids, ascending, of the golden measurements that the host rested on and that the change ends, where that is the first reason: nothing
   * about the host is another than before. Empty where anything else is. */
  readonly ended: readonly string[];
}

/** Hosts that a change treats alike, for the same first reason. */
export interface FleetChangeGroup {
  readonly kind: FleetChangeKind;
  readonly count: number;
  /** Ascending. */
  readonly hosts: readonly string[];
  /** Absent where the hosts stay trusted. */
  readonly reason?: Finding;
  /** Of every host of the group; see `FleetChange`. */
  readonly ended: readonly string[];
}

const nothing: ReadonlySet<string> = new Set();

/** Trusted means affirming: a warning is something an operator has to accept on purpose. `ending`: ids of the golden measurements that
 * the change ends. */
export function compareVerdicts(before: Verdict, after: Verdict, ending: ReadonlySet<string> = nothing): FleetChange {
  if (before.host !== after.host) throw new TypeError('the verdicts are about two hosts');
  const kind = kindOf(before.status === 'affirming', after.status === 'affirming');
  const reasons = kind === 'still-trusted' ? [] : reasonsOf(kind === 'gained' ? before : after);
  const ended = kind === 'gained' ? [] : lostGround(before, after, reasons[0]).filter((id) => ending.has(id));
  return { host: after.host, kind, before: before.status, after: after.status, reasons, ended: ended.sort() };
}

/** What matched the layer that the first reason says nothing matches any more. */
function lostGround(before: Verdict, after: Verdict, first: Finding | undefined): readonly string[] {
  if (first?.layer === undefined || !isOfGoldens(first)) return [];
  return after.layers[first.layer] === undefined ? goldensOfLayer(before, first.layer) : [];
}

/** Made where a layer is held against golden measurements: facts and deny lists speak of layers too. */
function isOfGoldens({ check }: Finding): boolean {
  return check === 'layers' || check === 'runtime';
}

/** What a change does to another host, one that booted alike: remedies name the host that they are for. */
export function changeOfTwin<Change extends FleetChange>(change: Change, host: string): Change {
  const [from, to] = [captureOf(change.host), captureOf(host)];
  const reasons = change.reasons.map((reason) => ({ ...reason, remedy: reason.remedy.replaceAll(from, to) }));
  return { ...change, host, reasons };
}

/** Groups by kind, then by layer, PCR, expected and observed value of the first reason, then by what ended: a host that never rested on it
 * may have the same finding. Losses first, large groups first; the order of `changes` never matters. docs/decisions/0034 */
export function groupChanges(changes: readonly FleetChange[]): readonly FleetChangeGroup[] {
  const groups = new Map<string, FleetChange[]>();
  for (const change of changes) {
    const key = keyOf(change);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return [...groups]
    .sort(([leftKey, left], [rightKey, right]) => {
      const byKind = kinds.indexOf(kindOfGroup(left)) - kinds.indexOf(kindOfGroup(right));
      return byKind || right.length - left.length || (leftKey < rightKey ? -1 : 1);
    })
    .map(([, group]) => describeGroup(group));
}

const kinds: readonly FleetChangeKind[] = ['lost', 'gained', 'still-refused', 'still-trusted'];

function kindOf(wasTrusted: boolean, isTrusted: boolean): FleetChangeKind {
  if (wasTrusted) return isTrusted ? 'still-trusted' : 'lost';
  return isTrusted ? 'gained' : 'still-refused';
}

/** What denies first: a warning that was there before would hide it. */
function reasonsOf({ findings }: Verdict): readonly Finding[] {
  const of = (severity: Finding['severity']): readonly Finding[] =>
    findings.filter((each) => each.severity === severity);
  return [...of('error'), ...of('warning')];
}

function keyOf({ kind, reasons, ended }: FleetChange): string {
  const [first] = reasons;
  return first === undefined ? kind : [kind, findingKey(first), ...ended].join(' ');
}

/** What makes two findings one and the same on two hosts: not the host, nor the place in the log. */
export function findingKey({ code, layer, pcr, expected, observed }: Finding): string {
  return JSON.stringify([code, layer, pcr, expected, observed]);
}

function kindOfGroup(group: readonly FleetChange[]): FleetChangeKind {
  return group[0]?.kind ?? 'still-trusted';
}

function describeGroup(group: readonly FleetChange[]): FleetChangeGroup {
  const members = [...group].sort((left, right) => (left.host < right.host ? -1 : 1));
  const [first] = members;
  const reason = first?.reasons[0];
  return {
    kind: kindOfGroup(members),
    count: members.length,
    hosts: members.map(({ host }) => host),
    ...(reason === undefined ? {} : { reason }),
    ended: first?.ended ?? [],
  };
}
