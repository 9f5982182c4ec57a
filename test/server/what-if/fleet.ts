// A small fleet with two kernels, one tampered host, and one that never attested.
import type { components } from '../../../src/api/index.ts';
import type { Layer } from '../../../src/core/event-log/index.ts';
import { ordinaryBoot, type PaperHost } from '../../../src/simulator/index.ts';
import {
  applyPolicy,
  approveBoot,
  attest,
  authorise,
  enrol,
  paperHost,
  trustSimulator,
  type EnrolledHost,
  type Operator,
  type Statement,
} from '../../support/paper-story.ts';
import type { TestServer } from '../../support/test-server.ts';

type Schemas = components['schemas'];

export const otherKernel = { ...ordinaryBoot, kernel: 'linux 6.1.0-57', initrd: 'initrd 6.1.0-57' };

export interface Fleet {
  readonly server: TestServer;
  readonly operators: readonly [Operator, Operator];
  readonly members: readonly { readonly host: PaperHost; readonly enrolled: EnrolledHost }[];
  /** Ids of what is active, in the order of the layers. */
  readonly goldens: readonly string[];
}

/** `old-*` boot what is approved, `new-*` another kernel, `bad-1` another command line; `mute-1` never attests. */
export async function bootFleet(server: TestServer, sizes = { old: 5, new: 3 }): Promise<Fleet> {
  await trustSimulator(server);
  const names = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
  const boots = [
    ...names('old', sizes.old).map((name) => paperHost(name)),
    ...names('new', sizes.new).map((name) => paperHost(name, { boot: otherKernel })),
    paperHost('bad-1', { boot: { ...ordinaryBoot, commandLine: `${ordinaryBoot.commandLine} init=/bin/sh` } }),
  ];
  await enrol(server, paperHost('mute-1'));
  const members: { host: PaperHost; enrolled: EnrolledHost }[] = [];
  for (const host of boots) members.push({ host, enrolled: await enrol(server, host) });
  const operators = [await authorise(server, 'alice'), await authorise(server, 'bob')] as const;
  const [first] = members;
  if (first === undefined) throw new TypeError('a fleet has hosts');
  await attest(first.enrolled, first.host);
  const goldens = await approveBoot(server, 'old-1', operators);
  await applyPolicy(server);
  const fleet = { server, operators, members, goldens };
  await attestAll(fleet);
  return fleet;
}

/** Every host attests again: its status, by name. */
export async function attestAll({ members }: Pick<Fleet, 'members'>): Promise<Readonly<Record<string, string>>> {
  const statuses: Record<string, string> = {};
  for (const { host, enrolled } of members) {
    const { verdict } = await attest(enrolled, host);
    statuses[host.name] = verdict.status;
  }
  return statuses;
}

export async function statements(server: TestServer, hostId: string, layers: Layer[]): Promise<readonly Statement[]> {
  return (await server.operator.call('createCapture', { path: { hostId }, body: { layers } })).statements;
}

export async function whatIf(server: TestServer, body: Schemas['WhatIfRequest']): Promise<Schemas['WhatIf']> {
  return server.operator.call('askWhatIf', { body });
}

/** Who would be trusted, by the answer: of every host that it names. */
export function trustedAfter({ groups }: Schemas['WhatIf']): readonly string[] {
  return groups
    .filter(({ kind }) => kind === 'gained' || kind === 'still-trusted')
    .flatMap(({ hosts }) => hosts)
    .sort();
}

export function trusted(statuses: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(statuses)
    .filter((name) => statuses[name] === 'affirming')
    .sort();
}
