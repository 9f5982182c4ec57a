// Who gains and who loses trust by a change, and why: verdicts over the same evidence before and after, grouped so that
// ten thousand hosts read as five lines.
import { goldensOfLayer, type Finding, type TrustStatus, type Verdict } from '../verdict/index.ts';
import { captureOf } from './checks/check-layers.ts';

export type FleetChangeKind = 'lost' | 'gained' | 'still-refused' | 'still-trusted';

/** What a change does to one host. */
export interface FleetChange {
  readonly host: string;
  readonly kind: FleetChangeKind;
  readonly before: TrustStatus;
  readonly after: TrustStatus;
  /** Why the host is refused: after the change, or before it where the change cures it. Undefined where it stays trusted. One object for
   * all hosts that booted alike: `reasonOf` has the remedy for each. */
  readonly reason: Finding | undefined;
  /** The host that `reason` was made for. */
  readonly saidOf: string;
  /** Ids, ascending, of the golden measurements that the host rested on and that the change ends, where that is the reason: nothing about
   * the host is another than before. Empty where anything else is. */
  readonly ended: readonly string[];
}

/** Hosts that a change treats alike, for the same reason. */
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
  const reason = kind === 'still-trusted' ? undefined : worstFinding(kind === 'gained' ? before : after);
  const ended = kind === 'gained' ? [] : lostGround(before, after, reason).filter((id) => ending.has(id));
  const { host, status } = after;
  return { host, kind, before: before.status, after: status, reason, saidOf: host, ended: ended.sort() };
}

/** What matched the layer that the reason says nothing matches any more. */
function lostGround(before: Verdict, after: Verdict, reason: Finding | undefined): readonly string[] {
  if (reason?.layer === undefined || !isOfGoldens(reason)) return [];
  return after.layers[reason.layer] === undefined ? goldensOfLayer(before, reason.layer) : [];
}

/** Made where a layer is held against golden measurements: facts and deny lists speak of layers too. */
function isOfGoldens({ check }: Finding): boolean {
  return check === 'layers' || check === 'runtime';
}

/** What a change does to another host, one that booted alike. */
export function changeOfTwin<Change extends FleetChange>(change: Change, host: string): Change {
  return { ...change, host };
}

/** With a remedy that names this host. Made for those that are shown: there may be a million others. */
export function reasonOf({ host, reason, saidOf }: FleetChange): Finding | undefined {
  return reason && { ...reason, remedy: reason.remedy.replaceAll(captureOf(saidOf), captureOf(host)) };
}

/** Groups by kind, then by layer, PCR, expected and observed value of the reason, then by what ended: a host that never rested on it
 * may have the same finding. Losses first, large groups first; the order of `changes` never matters. docs/decisions/0034 */
export function groupChanges(changes: readonly FleetChange[]): readonly FleetChangeGroup[] {
  const groups = new Map<string, FleetChange[]>();
  const findingKeys = new Map<Finding, string>();
  const keyOf = ({ kind, reason, ended }: FleetChange): string => {
    if (reason === undefined) return kind;
    const known = findingKeys.get(reason) ?? findingKey(reason);
    findingKeys.set(reason, known);
    return [kind, known, ...ended].join(' ');
  };
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

/** The first that denies: a warning may have been there before. */
function worstFinding({ findings }: Verdict): Finding | undefined {
  const first = (severity: Finding['severity']): Finding | undefined =>
    findings.find((finding) => finding.severity === severity);
  return first('error') ?? first('warning');
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
  const reason = first && reasonOf(first);
  return {
    kind: kindOfGroup(members),
    count: members.length,
    hosts: members.map(({ host }) => host),
    ...(reason === undefined ? {} : { reason }),
    ended: first?.ended ?? [],
  };
}
