// The few requests to placement that are needed, at one microversion. [OPENSTACK-PLACEMENT]
import type { HttpAnswer } from '../../api/index.ts';
import { isRecord } from '../../core/encoding/index.ts';
import { createPlatformHttp, readAnswer, unreadable, type PlatformRequest } from '../platform-http.ts';
import type { PlacementAccess } from './keystone.ts';

export interface Provider {
  readonly uuid: string;
  readonly name: string;
  /** A compute host, not a part of one. */
  readonly isRoot: boolean;
}

export interface ProviderTraits {
  readonly traits: readonly string[];
  /** Of the provider; every change of it has another. */
  readonly generation: number;
}

/** @throws of all: ControllerError, ApiUnreachable */
export interface Placement {
  listProviders(): Promise<readonly Provider[]>;
  /** UUIDs of the providers that have a trait. */
  listCarriers(trait: string): Promise<ReadonlySet<string>>;
  /** Undefined when the provider is gone. */
  readTraits(uuid: string): Promise<ProviderTraits | undefined>;
  /** Replaces the traits of a provider. */
  replaceTraits(uuid: string, traits: ProviderTraits): Promise<'written' | 'conflict' | 'gone' | 'unknown-trait'>;
  createTrait(trait: string): Promise<void>;
  close(): void;
}

/** The first at which providers can be listed by a trait; root providers are told at 1.14, traits at 1.6. */
const microversion = 'placement 1.18';

export function createPlacement(access: PlacementAccess): Placement {
  const http = createPlatformHttp(() => access.get());

  async function ask(request: PlatformRequest): Promise<HttpAnswer> {
    const headers = { 'openstack-api-version': microversion };
    const presented = await access.get();
    const answer = await http.ask({ ...request, headers });
    // The token may have been revoked, or lost with the keys of Keystone: once with another.
    if (answer.status !== 401 || !access.refused(presented)) return answer;
    return http.ask({ ...request, headers });
  }

  const providersOf = (answer: HttpAnswer): readonly Provider[] => {
    const list = readAnswer(answer, 'list of resource providers');
    const items = isRecord(list) ? list['resource_providers'] : undefined;
    if (!Array.isArray(items)) throw unreadable('no list of resource providers');
    return items.map(readProvider);
  };

  return {
    listProviders: async () => providersOf(await ask({ method: 'GET', path: '/resource_providers' })),
    listCarriers: async (trait) => {
      const answer = await ask({ method: 'GET', path: `/resource_providers?required=${trait}` });
      // A trait that was never created is refused here, like anything else that is wrong.
      const isUnknown = async () => (await ask({ method: 'GET', path: `/traits/${trait}` })).status === 404;
      if (answer.status === 400 && (await isUnknown())) return new Set();
      return new Set(providersOf(answer).map(({ uuid }) => uuid));
    },
    readTraits: async (uuid) => {
      const answer = await ask({ method: 'GET', path: traitsOf(uuid) });
      return answer.status === 404 ? undefined : readTraits(readAnswer(answer, `traits of provider ${uuid}`));
    },
    replaceTraits: async (uuid, { traits, generation }) => {
      const body = { resource_provider_generation: generation, traits };
      const answer = await ask({ method: 'PUT', path: traitsOf(uuid), body });
      if (answer.status === 409) return 'conflict';
      if (answer.status === 404) return 'gone';
      if (answer.status === 400 && /No such trait/.test(new TextDecoder().decode(answer.body))) return 'unknown-trait';
      readAnswer(answer, `traits of provider ${uuid}`);
      return 'written';
    },
    createTrait: async (trait) => {
      const answer = await ask({ method: 'PUT', path: `/traits/${trait}` });
      // 201 or 204, and no body.
      if (answer.status >= 300) readAnswer(answer, `trait ${trait}`);
    },
    close: () => http.close(),
  };
}

function traitsOf(uuid: string): string {
  return `/resource_providers/${encodeURIComponent(uuid)}/traits`;
}

function readProvider(item: unknown): Provider {
  const { uuid, name, root_provider_uuid: root } = isRecord(item) ? item : {};
  if (typeof uuid !== 'string' || typeof name !== 'string' || typeof root !== 'string')
    throw unreadable('a resource provider without uuid, name or root');
  return { uuid, name, isRoot: root === uuid };
}

function readTraits(document: unknown): ProviderTraits {
  const { traits, resource_provider_generation: generation } = isRecord(document) ? document : {};
  const isList = Array.isArray(traits) && traits.every((trait) => typeof trait === 'string');
  if (!isList || typeof generation !== 'number') throw unreadable('traits without a list or a generation');
  return { traits, generation };
}
