// A small Kubernetes API on loopback that keeps Nodes and a Lease as the API says: every write has a new resourceVersion, a write
// that names another version than the stored one is refused with 409, merge patches replace lists, lists come in pages, watches
// tell of writes and end. Nothing is answered that was not written. [K8S-API]
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from './loopback.ts';
import { createWatchers } from './watchers.ts';

interface Metadata {
  readonly name: string;
  readonly uid: string;
  resourceVersion: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface StoredNode {
  readonly kind: 'Node';
  readonly apiVersion: 'v1';
  readonly metadata: Metadata;
  readonly spec: { taints?: object[] };
}

export interface StoredLease {
  readonly metadata: { resourceVersion: string };
  readonly spec: Readonly<Record<string, string | number>>;
}

/** As the controllers send it: of a patch a part, of a lease the whole. */
type Body = Partial<StoredNode> & Partial<StoredLease>;

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: Body | undefined;
}

export interface Interference {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

interface Reply extends Interference {
  readonly body: object;
}

export interface KubernetesApi {
  readonly url: string;
  readonly requests: readonly ApiRequest[];
  findNode(name: string): StoredNode | undefined;
  lease(): StoredLease | undefined;
  /** Somebody else writes a node, which is made where there is none. */
  write(name: string, change: (node: StoredNode) => void): void;
  remove(name: string): void;
  /** Looked at before each request: answered so instead, or, when it returns nothing, as usual. */
  interfere: ((request: ApiRequest) => Interference | undefined) | undefined;
  /** How many nodes a page holds, whatever limit was asked for. */
  pageSize: number;
  /** What was before is forgotten: watches from there and pages are 410 Gone. */
  compact(): void;
  /** Ends all watches; with a text, after it. */
  endWatches(last?: string): void;
  /** Resolves when it is so, looked at after each request and write. */
  until(isSo: () => boolean): Promise<void>;
  close(): Promise<void>;
}

const leases = '/apis/coordination.k8s.io/v1/namespaces/touchstone/leases';

export async function startKubernetesApi(names: readonly string[] = []): Promise<KubernetesApi> {
  let version = 100;
  let oldest = 0;
  let lease: StoredLease | undefined;
  const nodes = new Map<string, StoredNode>();
  const history: { readonly version: number; readonly line: string }[] = [];
  const watches = new Set<ServerResponse>();
  const watchers = createWatchers();
  const requests: ApiRequest[] = [];

  const nextVersion = (): string => String((version += 1));
  const tell = (type: string, object: StoredNode): void => {
    object.metadata.resourceVersion = nextVersion();
    const line = `${JSON.stringify({ type, object })}\n`;
    history.push({ version, line });
    for (const watch of watches) watch.write(line);
    watchers.tell();
  };
  const write = (name: string, change: (node: StoredNode) => void): void => {
    const known = nodes.get(name);
    const metadata = { name, uid: `uid-${name}`, resourceVersion: '' };
    const node: StoredNode = known ?? { kind: 'Node', apiVersion: 'v1', metadata, spec: {} };
    change(node);
    nodes.set(name, node);
    tell(known === undefined ? 'ADDED' : 'MODIFIED', node);
  };
  for (const name of names) write(name, () => undefined);

  function reply({ method, path, query, body }: ApiRequest): Reply {
    if (path === '/api/v1/nodes') return list(query);
    if (path.startsWith('/api/v1/nodes/')) return one(method, nodes.get(path.slice('/api/v1/nodes/'.length)), body);
    if (path === leases && method === 'POST' && body !== undefined)
      return lease === undefined ? { status: 201, body: keepLease(body) } : refusal(409, 'AlreadyExists');
    if (path !== `${leases}/nodes` || lease === undefined) return refusal(404, 'NotFound');
    if (method !== 'PUT' || body === undefined) return { status: 200, body: lease };
    const isOld = body.metadata?.resourceVersion !== lease.metadata.resourceVersion;
    return isOld ? refusal(409, 'Conflict') : { status: 200, body: keepLease(body) };
  }

  function keepLease({ metadata, spec }: Body): StoredLease {
    lease = { metadata: { ...metadata, resourceVersion: nextVersion() }, spec: spec ?? {} };
    return lease;
  }

  function list(query: URLSearchParams): Reply {
    const [from = 0, at = version] = (query.get('continue') ?? '').split('@').filter(Boolean).map(Number);
    if (at < oldest) return refusal(410, 'Expired');
    const all = [...nodes.values()];
    const end = from + Math.min(api.pageSize, Number(query.get('limit') ?? Infinity));
    const more = end < all.length ? { continue: `${end}@${at}` } : {};
    const body = { kind: 'NodeList', metadata: { resourceVersion: String(at), ...more }, items: all.slice(from, end) };
    return { status: 200, body };
  }

  function one(method: string, node: StoredNode | undefined, patch: Body | undefined): Reply {
    if (node === undefined) return refusal(404, 'NotFound');
    if (method === 'PATCH' && patch !== undefined) {
      const { resourceVersion = node.metadata.resourceVersion, uid = node.metadata.uid } =
        patch.metadata as Partial<Metadata>;
      if (resourceVersion !== node.metadata.resourceVersion || uid !== node.metadata.uid)
        return refusal(409, 'Conflict');
      const patched = mergePatch(node, patch) as StoredNode;
      nodes.set(node.metadata.name, patched);
      tell('MODIFIED', patched);
      return { status: 200, body: patched };
    }
    return { status: 200, body: node };
  }

  function watch(query: URLSearchParams, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const { version: at, line } of history) if (at > from) response.write(line);
    watches.add(response);
    response.on('close', () => watches.delete(response));
  }

  function handle(request: ApiRequest, response: ServerResponse): void {
    const { query, path } = request;
    const interference = api.interfere?.(request);
    const isWatch = path === '/api/v1/nodes' && query.get('watch') === 'true';
    const isTooOld = isWatch && Number(query.get('resourceVersion')) < oldest;
    if (interference === undefined && isWatch && !isTooOld) {
      watch(query, response);
      return;
    }
    const refused = isTooOld ? refusal(410, 'Expired') : undefined;
    const told = interference && { ...refusal(interference.status, 'Interference'), ...interference };
    const { status, headers, body } = told ?? refused ?? reply(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }

  const server = createServer((incoming, response) => {
    void readRequest(incoming).then((request) => {
      requests.push(request);
      handle(request, response);
      watchers.tell();
    });
  });
  const { url, close } = await listenOnLoopback(server);
  const api: KubernetesApi = {
    url,
    requests,
    findNode: (name) => nodes.get(name),
    lease: () => lease,
    write,
    remove: (name) => {
      const node = nodes.get(name);
      nodes.delete(name);
      if (node !== undefined) tell('DELETED', node);
    },
    interfere: undefined,
    pageSize: Infinity,
    compact: () => {
      version += 1;
      oldest = version;
      history.length = 0;
    },
    endWatches: (last) => {
      for (const one of watches) one.end(last);
      watches.clear();
    },
    until: watchers.until,
    close,
  };
  return api;
}

function refusal(code: number, reason: string): Reply {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: reason };
  return { status: code, body };
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const sent = await text(incoming);
  const url = new URL(incoming.url ?? '', 'http://api');
  return {
    method: incoming.method ?? '',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    authorization: incoming.headers.authorization,
    contentType: incoming.headers['content-type'],
    body: sent === '' ? undefined : (JSON.parse(sent) as Body),
  };
}

/** Null removes, objects are merged, everything else replaces: lists too. [RFC7386 §2] */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
