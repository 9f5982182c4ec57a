// The Nodes of a cluster as a platform: listed, watched and patched. [K8S-API]
import type { HttpAnswer } from '../../api/index.ts';
import { ControllerError } from '../errors.ts';
import { isRecord } from '../../core/encoding/index.ts';
import { backOff } from '../patience.ts';
import type { Clock, Platform, Watcher } from '../platform.ts';
import { readAnswer, unreadable, type PlatformHttp } from '../platform-http.ts';
import { patchFor, readNode, type HostNaming, type MarkNames, type NodeMember } from './node-marks.ts';

export interface NodesOptions {
  readonly http: PlatformHttp;
  readonly clock: Clock;
  readonly names: MarkNames;
  readonly naming: HostNaming;
  /** Only nodes with these labels, in Kubernetes' words; all when undefined. */
  readonly selector: string | undefined;
}

const pageSize = 500;
/** The API server ends a watch after this; what is silent much longer is a lost connection. */
const watchSeconds = 60;
const shortestWatchMs = 1000;
/** How often a node is read again because somebody wrote it meanwhile. */
const maximumConflicts = 5;
/** How often a list begins again because it became too old between two pages. */
const maximumLists = 3;

interface NodeList {
  readonly nodes: readonly NodeMember[];
  readonly resourceVersion: string;
}

export function createNodePlatform({ http, clock, names, naming, selector }: NodesOptions): Platform<NodeMember> {
  const selected: Readonly<Record<string, string>> = selector === undefined ? {} : { labelSelector: selector };

  async function listNodes(attempt = 1): Promise<NodeList> {
    const nodes: NodeMember[] = [];
    let resourceVersion = '';
    let next: string | undefined = '';
    while (next !== undefined) {
      const query = new URLSearchParams({
        limit: String(pageSize),
        ...selected,
        ...(next === '' ? {} : { continue: next }),
      });
      const answer = await http.ask({ method: 'GET', path: `/api/v1/nodes?${query}` });
      // The place to go on from is too old by now.
      if (answer.status === 410 && next !== '' && attempt < maximumLists) return listNodes(attempt + 1);
      const page = readPage(readAnswer(answer, 'list of nodes'));
      nodes.push(...page.items.map(requireNode));
      ({ resourceVersion, next } = page);
    }
    return { nodes, resourceVersion };
  }

  /** Tells of changes since a version. Returns the version to go on from; undefined when that is too old. */
  async function watch(from: string, watcher: Watcher<NodeMember>, signal: AbortSignal): Promise<string | undefined> {
    const query = new URLSearchParams({
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(watchSeconds),
      resourceVersion: from,
      ...selected,
    });
    let version = from;
    try {
      for await (const line of http.lines(`/api/v1/nodes?${query}`, signal)) {
        const { type, object } = readChange(line);
        if (type === 'ERROR') {
          if (isRecord(object) && object['code'] === 410) return undefined;
          throw unreadable(`watch of nodes: ${JSON.stringify(object).slice(0, 300)}`);
        }
        version = versionOf(object) ?? version;
        if (type === 'BOOKMARK') continue;
        const node = requireNode(object);
        if (type === 'DELETED') watcher.gone(node.name);
        else watcher.changed(node);
      }
    } catch (error) {
      if (error instanceof ControllerError && error.status === 410) return undefined;
      throw error;
    }
    return version;
  }

  async function readOne(name: string): Promise<NodeMember | undefined> {
    const answer = await http.ask({ method: 'GET', path: pathOf(name) });
    return answer.status === 404 ? undefined : requireNode(readAnswer(answer, `node ${name}`));
  }

  const requireNode = (object: unknown): NodeMember => {
    const node = readNode(object, naming);
    if (node === undefined) throw unreadable('a node without name, uid or version');
    return node;
  };

  return {
    list: async () => (await listNodes()).nodes,
    follow: async (watcher, signal) => {
      let failures = 0;
      let version: string | undefined;
      const isOver = (): boolean => signal.aborted;
      while (!isOver()) {
        const beganAt = clock.monotonic();
        try {
          if (version === undefined) {
            const list = await listNodes();
            watcher.replaced(list.nodes);
            version = list.resourceVersion;
          }
          version = await watch(version, watcher, signal);
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
    },
    isInStep: (node, standing) => patchFor(node, standing, names) === undefined,
    write: async (seen, standing) => {
      let node: NodeMember | undefined = seen;
      for (let time = 0; time < maximumConflicts; time += 1) {
        const patch = patchFor(node, standing, names);
        if (patch === undefined) return node;
        const headers = { 'content-type': 'application/merge-patch+json' };
        const path = `${pathOf(node.name)}?fieldManager=touchstone`;
        const answer: HttpAnswer = await http.ask({ method: 'PATCH', path, headers, body: patch });
        if (answer.status === 404) return undefined;
        if (answer.status !== 409) return requireNode(readAnswer(answer, `patch of node ${node.name}`));
        node = await readOne(node.name);
        if (node === undefined) return undefined;
      }
      throw new ControllerError(
        'CONTROLLER_CONFLICTS',
        `node ${seen.name} was changed by others ${maximumConflicts} times`,
      );
    },
  };
}

function pathOf(name: string): string {
  return `/api/v1/nodes/${encodeURIComponent(name)}`;
}

function readPage(list: unknown) {
  if (!isRecord(list) || !isRecord(list['metadata']) || !Array.isArray(list['items']))
    throw unreadable('no list of nodes');
  const { resourceVersion, continue: next } = list['metadata'];
  if (typeof resourceVersion !== 'string') throw unreadable('a list of nodes without version');
  return {
    items: list['items'] as unknown[],
    resourceVersion,
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

function readChange(line: unknown): { readonly type: string; readonly object: unknown } {
  if (isRecord(line) && typeof line['type'] === 'string') return { type: line['type'], object: line['object'] };
  // A Status instead of an event.
  const status = isRecord(line) ? Number(line['code']) : Number.NaN;
  throw new ControllerError('CONTROLLER_PLATFORM_REFUSED', 'watch of nodes: refused', {
    status: Number.isFinite(status) ? status : undefined,
  });
}

function versionOf(object: unknown): string | undefined {
  const metadata = isRecord(object) ? object['metadata'] : undefined;
  const version = isRecord(metadata) ? metadata['resourceVersion'] : undefined;
  return typeof version === 'string' ? version : undefined;
}
