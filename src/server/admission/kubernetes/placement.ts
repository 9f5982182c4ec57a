// Where a request to Kubernetes places something, if anywhere. Everything in the request is chosen by whoever sent it to the
// API server, except uid, resource, operation and namespace, which the API server writes itself. [K8S-API]
import { isRecord } from '../../../core/encoding/index.ts';

/** The part of an AdmissionReview's request that is read here. */
export interface ReviewRequest {
  readonly resource: { readonly group: string; readonly resource: string };
  readonly subResource?: string;
  readonly operation: string;
  readonly namespace?: string;
  readonly object?: object | null;
  readonly oldObject?: object | null;
}

export type Placement =
  /** Nothing is placed by it: a scheduler decides later, and that is judged then. */
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'node'; readonly node: string; readonly annotations: Readonly<Record<string, unknown>> }
  /** What is not understood cannot be judged, so it is denied. */
  | { readonly kind: 'unreadable'; readonly why: string };

const nowhere: Placement = { kind: 'nowhere' };
const hostnameLabel = 'kubernetes.io/hostname';

export function findPlacement(request: ReviewRequest): Placement {
  const { resource, subResource = '', operation, object } = request;
  // Deleting frees a place; connecting (exec, attach, port-forward) takes none.
  if (operation === 'DELETE' || operation === 'CONNECT') return nowhere;
  const what = [resource.group, resource.resource, subResource].filter((part) => part !== '').join('/');
  if (object === undefined || object === null) return unreadable(`the ${what} of the request is missing`);
  switch (what) {
    case 'bindings':
    case 'pods/binding':
      return bindingOf(object);
    case 'pods':
      return operation === 'CREATE' ? placeOf(object, ['spec', 'nodeName'], nowhere) : moveOf(request, object);
    case 'pods/ephemeralcontainers':
    case 'pods/resize':
    case 'pods/status':
      return moveOf(request, object);
    case 'pods/eviction':
      return nowhere;
    case 'kubevirt.io/virtualmachineinstances':
      return placeOf(object, ['spec', 'nodeSelector', hostnameLabel], nowhere);
    case 'kubevirt.io/virtualmachines':
      return placeOf(object, ['spec', 'template', 'spec', 'nodeSelector', hostnameLabel], nowhere);
    default:
      return unreadable(
        `${operation} of ${what} is nothing that this webhook judges: take the rule out of its configuration`,
      );
  }
}

/** A Binding names its node in any case: one without is no way around. */
function bindingOf(binding: object): Placement {
  const kind = valueAt(binding, ['target', 'kind']);
  if (kind !== undefined && kind !== '' && kind !== 'Node') return unreadable('the target of the binding is no Node');
  return placeOf(binding, ['target', 'name'], unreadable('the binding names no node'));
}

/** A pod stays where it is: an update that names another node, or the first, places it. */
function moveOf({ oldObject }: ReviewRequest, pod: object): Placement {
  const place = ['spec', 'nodeName'];
  const before = oldObject === undefined || oldObject === null ? undefined : valueAt(oldObject, place);
  return before !== undefined && before === valueAt(pod, place) ? nowhere : placeOf(pod, place, nowhere);
}

function placeOf(object: object, path: readonly string[], otherwise: Placement): Placement {
  const node = valueAt(object, path);
  if (node === undefined || node === '') return otherwise;
  if (typeof node !== 'string') return unreadable(`${path.join('.')} is no text`);
  return { kind: 'node', node, annotations: annotationsOf(object) };
}

/** None where there are none; what is not a text is found by whoever reads them. */
export function annotationsOf(object: object): Readonly<Record<string, unknown>> {
  const annotations = valueAt(object, ['metadata', 'annotations']);
  return isRecord(annotations) ? annotations : {};
}

function valueAt(object: object, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const name of path) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function unreadable(why: string): Placement {
  return { kind: 'unreadable', why };
}
