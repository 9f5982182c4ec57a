// OpenStack's placement service on the loopback interface, as Debian ships it, over SQLite, and what the story does with it.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '../../src/cli/server-process.ts';
import { LabError } from '../lab-error.ts';
import { startChild, until, type Child } from './child.ts';
import { openRest, type Rest } from './rest.ts';

export interface PlacementService {
  readonly url: string;
  /** As the administrator. */
  readonly ask: Rest;
  stop(): Promise<void>;
}

export interface PlacementServiceOptions {
  readonly folder: string;
  /** Lines of placement.conf that say who may ask. */
  readonly auth: string;
  /** How the administrator comes. */
  readonly presented: Readonly<Record<string, string>>;
  /** A free one when undefined. */
  readonly port?: number;
}

/** Any token is taken, and `admin` is the administrator. */
export const withoutKeystone = '[api]\nauth_strategy = noauth2\n';

const policyFile = join(import.meta.dirname, '../../deploy/openstack/placement-policy.yaml');

/** The newest that Debian 12 has; the controller asks by an older one. */
const microversion = 'placement 1.39';

/** Started again in the same folder it goes on with what it has. */
export async function startPlacement(options: PlacementServiceOptions): Promise<PlacementService> {
  const { folder, auth, presented, port = await findFreePort() } = options;
  mkdirSync(folder, { recursive: true });
  copyFileSync(policyFile, join(folder, 'policy.yaml'));
  const database = `[placement_database]\nconnection = sqlite:///${join(folder, 'placement.sqlite')}\nsync_on_startup = true\n`;
  const policy = `[oslo_policy]\npolicy_file = ${join(folder, 'policy.yaml')}\n`;
  writeFileSync(join(folder, 'placement.conf'), `${auth}${database}${policy}`, { mode: 0o600 });
  const env = { OS_PLACEMENT_CONFIG_DIR: folder };
  const log = join(folder, 'placement.log');
  const child = startChild('placement-api', ['--host', '127.0.0.1', '--port', String(port)], { log, env });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers('placement', child, url);
  const ask = openRest(url, { 'openstack-api-version': microversion, ...presented });
  return { url, ask, stop: () => child.stop() };
}

/** @throws LabError when it ends, or says nothing for two minutes */
export async function untilAnswers(name: string, child: Child, url: string): Promise<void> {
  const rest = openRest(url);
  const look = async (): Promise<string> => {
    if (!child.isRunning()) throw new LabError(`${name} ended:\n${child.output().slice(-1500)}`);
    return rest('GET', '/').then(({ status }) => String(status), String);
  };
  try {
    await until(`${name} answers`, look, (status) => /^[23]/.test(status), 120);
  } catch (error) {
    await child.stop();
    throw error;
  }
}

export interface Providers {
  /** With eight cores to give. */
  create(name: string, uuid: string, parent?: string): Promise<void>;
  remove(uuid: string): Promise<void>;
  traitsOf(uuid: string): Promise<readonly string[]>;
  /** As others do it: what they want beside what is there. */
  addTrait(uuid: string, trait: string): Promise<void>;
  /** Names of hosts that a core could be had of, by GET /allocation_candidates. */
  candidates(required?: string): Promise<readonly string[]>;
}

interface Body {
  readonly traits: readonly string[];
  readonly resource_provider_generation: number;
  readonly generation: number;
  readonly allocation_requests: readonly { readonly allocations: Readonly<Record<string, unknown>> }[];
  readonly resource_providers: readonly { readonly uuid: string; readonly name: string }[];
}

export function openProviders(ask: Rest): Providers {
  const accepted = async (...request: Parameters<Rest>): Promise<Body> => {
    const { status, text, body } = await ask(...request);
    if (status >= 300) throw new LabError(`${request[0]} ${request[1]}: ${status} ${text}`);
    return body as Body;
  };
  const traits = (uuid: string) => accepted('GET', `/resource_providers/${uuid}/traits`);
  return {
    create: async (name, uuid, parent) => {
      const body = { name, uuid, ...(parent === undefined ? {} : { parent_provider_uuid: parent }) };
      const { generation } = await accepted('POST', '/resource_providers', body);
      if (parent !== undefined) return;
      const inventory = { resource_provider_generation: generation, inventories: { VCPU: { total: 8 } } };
      await accepted('PUT', `/resource_providers/${uuid}/inventories`, inventory);
    },
    remove: async (uuid) => {
      await accepted('DELETE', `/resource_providers/${uuid}`);
    },
    traitsOf: async (uuid) => [...(await traits(uuid)).traits].sort(),
    addTrait: async (uuid, trait) => {
      await accepted('PUT', `/traits/${trait}`).catch(() => undefined);
      for (;;) {
        const before = await traits(uuid);
        const body = { ...before, traits: [...new Set([...before.traits, trait])] };
        const { status, text } = await ask('PUT', `/resource_providers/${uuid}/traits`, body);
        if (status === 200) return;
        if (status !== 409) throw new LabError(`PUT traits: ${status} ${text}`);
      }
    },
    candidates: async (required) => {
      // Nova takes a trait that nobody created for no valid host.
      if (required !== undefined && (await ask('GET', `/traits/${required}`)).status === 404) return [];
      const demand = required === undefined ? '' : `&required=${required}`;
      const path = `/allocation_candidates?resources=VCPU:1${demand}`;
      const { allocation_requests: requests } = await accepted('GET', path);
      const uuids = new Set(requests.flatMap(({ allocations }) => Object.keys(allocations)));
      const { resource_providers: all } = await accepted('GET', '/resource_providers');
      const offered = all.filter(({ uuid }) => uuids.has(uuid));
      return offered.map(({ name }) => name).sort();
    },
  };
}
