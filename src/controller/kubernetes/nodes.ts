// The Nodes of a cluster as a platform: followed by a list and watches, and patched. [K8S-API]
import type { HttpAnswer } from '../../api/index.ts';
import { ControllerError } from '../errors.ts';
import { backOff } from '../patience.ts';
import type { Clock, Platform } from '../platform.ts';
import { readAnswer } from '../platform-http.ts';
import { patchFor, type MarkNames, type NodeMember } from './node-marks.ts';
import { listNodes, pathOfNode, readNamedNode, requireNode, watchNodes, type NodeSource } from './read-nodes.ts';

export interface NodesOptions extends NodeSource {
  readonly clock: Clock;
  readonly names: MarkNames;
}

const shortestWatchMs = 1000;
/** How often a node is read again because somebody wrote it meanwhile. */
const maximumConflicts = 5;

export function createNodePlatform({ clock, names, ...source }: NodesOptions): Platform<NodeMember> {
  /** Names of nodes that left the selection. They keep the marks that they had, and a kubelet can take labels of its node away: whoever
   * is trusted could so put itself out of sight, and stay trusted. Such a node names no host, whatever is read of it. */
  const left = new Set<string>();
  const memberOf = (node: NodeMember): NodeMember => (left.has(node.name) ? { ...node, hostId: undefined } : node);

  /** Undefined where it did not leave the selection, but is gone. */
  async function findLeft(name: string): Promise<NodeMember | undefined> {
    const node = source.selector === undefined ? undefined : await readNamedNode(source, name);
    if (node === undefined) return undefined;
    left.add(name);
    return memberOf(node);
  }

  const follow: Platform<NodeMember>['follow'] = async (watcher, signal) => {
    let selected = new Set<string>();
    const select = (name: string): void => {
      selected.add(name);
      left.delete(name);
    };
    const told = {
      changed: (node: NodeMember) => {
        select(node.name);
        watcher.changed(node);
      },
      gone: async (name: string) => {
        const node = await findLeft(name);
        selected.delete(name);
        if (node === undefined) watcher.gone(name);
        else watcher.changed(node);
      },
    };
    const replace = async (nodes: readonly NodeMember[]): Promise<void> => {
      const names = new Set(nodes.map(({ name }) => name));
      const others: NodeMember[] = [];
      for (const name of selected) {
        const node = names.has(name) ? undefined : await findLeft(name);
        if (node !== undefined) others.push(node);
      }
      selected = new Set();
      names.forEach(select);
      watcher.replaced([...nodes, ...others]);
    };
    let failures = 0;
    let version: string | undefined;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      const beganAt = clock.monotonic();
      try {
        if (version === undefined) {
          const list = await listNodes(source);
          await replace(list.nodes);
          version = list.resourceVersion;
        }
        version = await watchNodes(source, version, told, signal);
        failures = 0;
        // One that ends at once, again and again, is no hurry.
        if (clock.monotonic() - beganAt < shortestWatchMs) await clock.sleep(shortestWatchMs, signal);
      } catch (error) {
        if (isOver()) return;
        watcher.failed(error);
        // What was missed meanwhile is in the list.
        version = undefined;
        await clock.sleep(backOff((failures += 1), error), signal);
      }
    }
  };

  const write: Platform<NodeMember>['write'] = async (seen, standing) => {
    let node: NodeMember | undefined = seen;
    for (let time = 0; time < maximumConflicts; time += 1) {
      const patch = patchFor(node, standing, names);
      if (patch === undefined) return node;
      const headers = { 'content-type': 'application/merge-patch+json' };
      const path = `${pathOfNode(node.name)}?fieldManager=touchstone`;
      const answer: HttpAnswer = await source.http.ask({ method: 'PATCH', path, headers, body: patch });
      if (answer.status === 404) return undefined;
      if (answer.status !== 409) return memberOf(requireNode(readAnswer(answer, `patch of node ${node.name}`), source));
      node = await readNamedNode(source, node.name);
      if (node === undefined) return undefined;
    }
    const message = `node ${seen.name} was changed by others ${maximumConflicts} times`;
    throw new ControllerError('CONTROLLER_CONFLICTS', message);
  };

  return {
    list: async () => (await listNodes(source)).nodes,
    follow,
    isInStep: (node, standing) => patchFor(node, standing, names) === undefined,
    write,
  };
}
