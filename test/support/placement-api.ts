// A small placement on loopback that keeps providers and traits as the real one answered at microversion 1.18: every write of a
// provider's traits has a new generation, one that names another generation is refused with 409, a trait must have been created.
// `npm run lab:openstack` holds the controller to the real one. [OPENSTACK-PLACEMENT]
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from './loopback.ts';
import { createWatchers } from './watchers.ts';

interface StoredProvider {
  readonly name: string;
  readonly root: string;
  generation: number;
  traits: string[];
}

interface PlacementRequest {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly microversion: string | undefined;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

interface Reply {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PlacementApi {
  readonly url: string;
  readonly requests: PlacementRequest[];
  readonly traits: Set<string>;
  /** By uuid. */
  readonly providers: Map<string, StoredProvider>;
  /** Traits of the provider with this name. */
  traitsOf(name: string): readonly string[];
  /** Somebody else writes the traits of the provider with this name. */
  write(name: string, traits: readonly string[]): void;
  /** Looked at before each request: answered so instead, or, when it returns nothing, as usual. */
  interfere: ((request: PlacementRequest) => Reply | undefined | Promise<Reply>) | undefined;
  /** Resolves when it is so, looked at after each request. */
  until(isSo: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** A uuid that tells its number. */
export const uuidOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export async function startPlacementApi(names: readonly string[] = []): Promise<PlacementApi> {
  const requests: PlacementRequest[] = [];
  const watchers = createWatchers();
  const providers = new Map<string, StoredProvider>();
  names.forEach((name, index) => {
    const uuid = uuidOf(index + 1);
    providers.set(uuid, { name, root: uuid, generation: 0, traits: [] });
  });
  const traits = new Set<string>();
  const findByName = (name: string): StoredProvider => {
    const found = [...providers.values()].find((one) => one.name === name);
    if (found === undefined) throw new TypeError(`no provider ${name}`);
    return found;
  };

  function reply({ method, path, body }: PlacementRequest): Reply {
    const url = new URL(path, 'http://placement');
    const [, collection, id = '', part] = url.pathname.split('/');
    if (collection === 'traits') return method === 'PUT' ? create(id) : { status: traits.has(id) ? 204 : 404 };
    if (collection !== 'resource_providers') return refusal(404, 'Not Found', 'The resource could not be found.');
    if (id === '') return list(url.searchParams.get('required'));
    const provider = providers.get(id);
    if (provider === undefined || part !== 'traits')
      return refusal(404, 'Not Found', `No resource provider with uuid ${id} found`);
    return method === 'PUT' ? replace(provider, body as Written) : { status: 200, body: shown(provider) };
  }

  function create(trait: string): Reply {
    const status = traits.has(trait) ? 204 : 201;
    traits.add(trait);
    return { status };
  }

  function list(required: string | null): Reply {
    if (required !== null && !traits.has(required))
      return refusal(400, 'Bad Request', `Invalid trait(s) in "required" parameter: No such trait(s): ${required}.`);
    const all = [...providers].filter(([, one]) => required === null || one.traits.includes(required));
    const items = all.map(([uuid, { name, generation, root }]) => {
      const parent = root === uuid ? null : root;
      return { uuid, name, generation, links: [], parent_provider_uuid: parent, root_provider_uuid: root };
    });
    return { status: 200, body: { resource_providers: items } };
  }

  function replace(
    provider: StoredProvider,
    { resource_provider_generation: generation, traits: names }: Written,
  ): Reply {
    if (generation !== provider.generation)
      return refusal(409, 'Conflict', 'Resource provider\'s generation already changed. Please update the generation and try again.'); // prettier-ignore
    const unknown = names.filter((name) => name.startsWith('CUSTOM_') && !traits.has(name));
    if (unknown.length > 0) return refusal(400, 'Bad Request', `No such trait ${unknown.join(', ')}`);
    provider.generation += 1;
    provider.traits = [...names];
    return { status: 200, body: shown(provider) };
  }

  const server = createServer((incoming, response) => {
    void readRequest(incoming).then(async (request) => {
      requests.push(request);
      const { status, headers, body } = (await api.interfere?.(request)) ?? reply(request);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body === undefined ? '' : JSON.stringify(body));
      watchers.tell();
    });
  });
  const { url, close } = await listenOnLoopback(server);
  const api: PlacementApi = {
    url,
    requests,
    traits,
    providers,
    traitsOf: (name) => findByName(name).traits,
    write: (name, written) => {
      const provider = findByName(name);
      for (const trait of written) traits.add(trait);
      provider.traits = [...written];
      provider.generation += 1;
    },
    interfere: undefined,
    until: watchers.until,
    close,
  };
  return api;
}

interface Written {
  readonly resource_provider_generation: number;
  readonly traits: readonly string[];
}

function shown({ traits, generation }: StoredProvider): object {
  return { traits, resource_provider_generation: generation };
}

function refusal(status: number, title: string, detail: string): Reply {
  return { status, body: { errors: [{ status, title, detail, request_id: 'req-1' }] } };
}

async function readRequest(incoming: IncomingMessage): Promise<PlacementRequest> {
  const sent = await text(incoming);
  const { headers } = incoming;
  const one = (value: string | string[] | undefined): string | undefined =>
    Array.isArray(value) ? value.join() : value;
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    token: one(headers['x-auth-token']),
    microversion: one(headers['openstack-api-version']),
    contentType: headers['content-type'],
    body: sent === '' ? undefined : JSON.parse(sent),
  };
}
