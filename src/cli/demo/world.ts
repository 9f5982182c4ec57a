// Everything a step of the demonstration can reach: the machine, the server, and the people around them.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { createProver, loadEnrolment, type EnrolmentState } from '../../agent/index.ts';
import { createApiClient, type AdmissionDecision, type ApiClient, type Prove } from '../../api/index.ts';
import { DemoError } from './demo-error.ts';
import type { DemoMachine } from './machine.ts';
import type { ServerProcess } from '../server-process.ts';

export const hostName = 'hypervisor-01';
export const clonedName = 'hypervisor-02';
export const serverId = 'touchstone.demo';

export interface DemoOperator {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly publicKeyPem: string;
}

export interface DemoWorld {
  /** Temporary: gone at the end. */
  readonly folder: string;
  readonly machine: DemoMachine;
  readonly server: ServerProcess;
  readonly operators: readonly DemoOperator[];
  now(): Date;
  /** A client with the token of a role, as `server-init` made them. */
  as(role: 'operator' | 'orchestrator' | 'joiner'): ApiClient;
  readonly tokens: Map<string, string>;
}

export function createOperator(name: string): DemoOperator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { name, privateKey, publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

export function createWorld(parts: Omit<DemoWorld, 'as' | 'tokens'>): DemoWorld {
  const tokens = new Map<string, string>();
  return {
    ...parts,
    tokens,
    as: (role) => {
      const token = tokens.get(role);
      if (token === undefined) throw new DemoError(`there is no ${role} yet`);
      return createApiClient({ baseUrl: parts.server.url, token });
    },
  };
}

export function stateDirectory({ folder }: DemoWorld): string {
  return join(folder, 'agent');
}

export async function readEnrolment(world: DemoWorld): Promise<EnrolmentState> {
  const state = await loadEnrolment(stateDirectory(world));
  if (state === undefined) throw new DemoError('the host is not enrolled');
  return state;
}

/** The host's own client, with the token it got at enrolment and the TPM that proves each request. */
export async function asHost(world: DemoWorld): Promise<ApiClient> {
  const enrolment = await readEnrolment(world);
  const prove: Prove = (request) => createProver(world.machine.device, enrolment)(request);
  return createApiClient({ baseUrl: world.server.url, token: enrolment.hostToken, prove });
}

/** What a scheduler asks before it places a virtual machine. */
export async function askAdmission(world: DemoWorld): Promise<AdmissionDecision> {
  const client = world.as('orchestrator');
  try {
    return await client.call('createAdmissionDecision', {
      body: { host: hostName, minimumStatus: 'affirming', workload: { name: 'payments-db' } },
    });
  } finally {
    client.close();
  }
}
