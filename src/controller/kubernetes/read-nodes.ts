// Reading the Nodes of a cluster: listed in pages, watched from a version on, or one by its name. [K8S-API]
import { createOnward } from '../../api/index.ts';
import { isRecord } from '../../core/encoding/index.ts';
import { ControllerError } from '../errors.ts';
import { readAnswer, unreadable, type PlatformHttp } from '../platform-http.ts';
import { readNode, type HostNaming, type NodeMember } from './node-marks.ts';

/** Where nodes are read, and which of them. */
export interface NodeSource {
  readonly http: PlatformHttp;
  readonly naming: HostNaming;
  /** Only nodes with these labels, in Kubernetes' words; all when undefined. */
  readonly selector: string | undefined;
}

interface NodeList {
  readonly nodes: readonly NodeMember[];
  readonly resourceVersion: string;
}

const pageSize = 500;
/** The API server ends a watch after this; what is silent much longer is a lost connection. */
const watchSeconds = 60;
/** How often a list begins again because it became too old between two pages. */
const maximumLists = 3;

/** @throws ControllerError */
export async function listNodes(source: NodeSource, attempt = 1): Promise<NodeList> {
  const nodes: NodeMember[] = [];
  const failure = (problem: string): Error => unreadable(`list of nodes: ${problem}`);
  const onward = createOnward<string>({ failure });
  let resourceVersion = '';
  let next: string | undefined = '';
  while (next !== undefined) {
    const query = new URLSearchParams({
      limit: String(pageSize),
      ...selected(source),
      ...(next === '' ? {} : { continue: next }),
    });
    const answer = await source.http.ask({ method: 'GET', path: `/api/v1/nodes?${query}` });
    // The place to go on from is too old by now.
    if (answer.status === 410 && next !== '' && attempt < maximumLists) return listNodes(source, attempt + 1);
    const page = readPage(readAnswer(answer, 'list of nodes'));
    nodes.push(...page.items.map((object) => requireNode(object, source)));
    resourceVersion = page.resourceVersion;
    next = onward(page.next);
  }
  return { nodes, resourceVersion };
}

interface Changes {
  readonly changed: (node: NodeMember) => void;
  /** Also of a node that has the labels of the selection no more. */
  readonly gone: (name: string) => Promise<void>;
}

/** Tells of changes since a version. Returns the version to go on from; undefined when that is too old.
 * @throws ControllerError */
export async function watchNodes(
  source: NodeSource,
  from: string,
  { changed, gone }: Changes,
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(watchSeconds),
    resourceVersion: from,
    ...selected(source),
  });
  let version = from;
  try {
    for await (const line of source.http.lines(`/api/v1/nodes?${query}`, signal)) {
      const { type, object } = readChange(line);
      if (type === 'ERROR') {
        if (isRecord(object) && object['code'] === 410) return undefined;
        throw unreadable(`watch of nodes: ${JSON.stringify(object).slice(0, 300)}`);
      }
      version = versionOf(object) ?? version;
      if (type === 'BOOKMARK') continue;
      const node = requireNode(object, source);
      if (type === 'DELETED') await gone(node.name);
      else changed(node);
    }
  } catch (error) {
    if (error instanceof ControllerError && error.status === 410) return undefined;
    throw error;
  }
  return version;
}

/** Undefined where there is none of this name.
 * @throws ControllerError */
export async function readNamedNode(source: NodeSource, name: string): Promise<NodeMember | undefined> {
  const answer = await source.http.ask({ method: 'GET', path: pathOfNode(name) });
  return answer.status === 404 ? undefined : requireNode(readAnswer(answer, `node ${name}`), source);
}

/** @throws ControllerError where the object is no node that could be told from others */
export function requireNode(object: unknown, { naming }: Pick<NodeSource, 'naming'>): NodeMember {
  const node = readNode(object, naming);
  if (node === undefined) throw unreadable('a node without name, uid or version');
  return node;
}

export function pathOfNode(name: string): string {
  return `/api/v1/nodes/${encodeURIComponent(name)}`;
}

function selected({ selector }: NodeSource): Readonly<Record<string, string>> {
  return selector === undefined ? {} : { labelSelector: selector };
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
