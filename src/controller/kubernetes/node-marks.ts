// The marks of a Node that are ours: one label, one annotation, one taint. Everything else of a Node is others', and is written
// back as it was read, or not at all. [K8S-API core/v1 Node]
import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../core/encoding/index.ts';
import type { Member, Standing } from '../platform.ts';

export type TaintEffect = 'NoSchedule' | 'NoExecute';

export interface MarkNames {
  /** `true` or `false`. Below `node-restriction.kubernetes.io` no kubelet can write it. */
  readonly label: string;
  /** Why. */
  readonly annotation: string;
  readonly taint: string;
  readonly effect: TaintEffect;
}

/** As the API server has it; fields that are not named here are kept. */
export interface Taint {
  readonly key: string;
  readonly effect: string;
}

export interface NodeMember extends Member {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly taints: readonly Taint[];
}

/** How a node says which host it is. */
export type HostNaming =
  | { readonly by: 'name' }
  | { readonly by: 'provider-id' }
  | { readonly by: 'label' | 'annotation'; readonly key: string };

/** A Node as it came; undefined when it is none. */
export function readNode(object: unknown, naming: HostNaming): NodeMember | undefined {
  if (!isRecord(object) || !isRecord(object['metadata'])) return undefined;
  const { name, uid, resourceVersion, labels, annotations } = object['metadata'];
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  const taints = spec['taints'] ?? [];
  if (typeof name !== 'string' || typeof uid !== 'string' || typeof resourceVersion !== 'string') return undefined;
  if (!Array.isArray(taints) || !taints.every(isTaint)) return undefined;
  const node = {
    name,
    uid,
    resourceVersion,
    labels: isRecord(labels) ? labels : {},
    annotations: isRecord(annotations) ? annotations : {},
    taints,
  };
  return { ...node, hostId: hostOf(node, spec['providerID'], naming) };
}

/** `aws:///eu-1a/i-0abc` names its host by the last part. */
function hostOf(node: Omit<NodeMember, 'hostId'>, providerId: unknown, naming: HostNaming): string | undefined {
  if (naming.by === 'name') return node.name;
  if (naming.by === 'provider-id') return typeof providerId === 'string' ? providerId.split('/').at(-1) : undefined;
  const text = (naming.by === 'label' ? node.labels : node.annotations)[naming.key];
  return typeof text === 'string' ? text : undefined;
}

interface Marks {
  readonly label: string;
  readonly annotation: string;
  readonly taint: Taint | undefined;
}

/** An eviction cannot be taken back: nothing but Touchstone's own word evicts. Its silence keeps new pods away. */
function marksFor({ trusted, said, codes, reason }: Standing, names: MarkNames): Marks {
  const effect = said ? names.effect : 'NoSchedule';
  return {
    label: String(trusted),
    annotation: trusted ? reason : `${codes.join(', ')}: ${reason}`,
    taint: trusted ? undefined : { key: names.taint, effect },
  };
}

/** What a JSON merge patch must say so that the marks of a node are those of its standing; undefined when they are.
 *
 * A merge patch replaces the list of taints as a whole, and so does a strategic one, for taints have no merge key. So the list
 * is that of the version that was read, without ours and with ours, and the patch names that version: the API server refuses it
 * with 409 when anybody has written the node since. Nobody's taint is lost. [RFC7386] [K8S-API Optimistic concurrency] */
export function patchFor(node: NodeMember, standing: Standing, names: MarkNames): object | undefined {
  const marks = marksFor(standing, names);
  const others = node.taints.filter(({ key }) => key !== names.taint);
  const ours = node.taints.filter(({ key }) => key === names.taint);
  // Ours may carry more than we wrote: the time when pods began to be evicted.
  const kept = marks.taint !== undefined && ours.length === 1 && ours[0]?.effect === marks.taint.effect;
  const taints = kept ? node.taints : [...others, ...(marks.taint === undefined ? [] : [marks.taint])];
  const isTainted = isDeepStrictEqual(taints, node.taints);
  const isLabelled = node.labels[names.label] === marks.label;
  const isAnnotated = node.annotations[names.annotation] === marks.annotation;
  if (isTainted && isLabelled && isAnnotated) return undefined;
  return {
    metadata: {
      uid: node.uid,
      resourceVersion: node.resourceVersion,
      labels: { [names.label]: marks.label },
      annotations: { [names.annotation]: marks.annotation },
    },
    ...(isTainted ? {} : { spec: { taints } }),
  };
}

function isTaint(value: unknown): value is Taint {
  return isRecord(value) && typeof value['key'] === 'string' && typeof value['effect'] === 'string';
}
