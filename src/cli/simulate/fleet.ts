// The fleet of a simulation: paper hosts that enrol through the same door as real ones, some of which lie from then on.
import {
  createNextChallenge,
  enrolDevice,
  keepAppointments,
  type EnrolmentState,
  type NextChallenge,
} from '../../agent/index.ts';
import type { TransportOptions } from '../../api/index.ts';
import {
  createFleet,
  seededInteger,
  tamperings,
  type FleetOptions,
  type PaperHost,
  type Tampering,
} from '../../simulator/index.ts';
import { sleepUnless } from '../signals.ts';
import { inLanes } from './lanes.ts';

export interface SimulatedHost {
  readonly host: PaperHost;
  readonly enrolment: EnrolmentState;
  readonly next: NextChallenge;
}

export interface EnrolmentDoor {
  readonly server: TransportOptions;
  readonly joinToken: string;
  readonly signal: AbortSignal;
  readonly onHost: (enrolled: number) => void;
}

/** Below what a server takes from one join token at once. */
const enrolmentsAtOnce = 8;

/** Every host of the fleet, enrolled: EK certificate, activation of a credential, proof of the attestation key.
 * @throws AgentError, ApiProblem, ApiUnreachable: a fleet that is not whole is no fleet */
export async function enrolFleet(options: FleetOptions, door: EnrolmentDoor): Promise<readonly SimulatedHost[]> {
  const members: SimulatedHost[] = [];
  const { joinToken: token, server, signal } = door;
  const appointments = {
    sleep: (milliseconds: number) => sleepUnless(milliseconds, signal),
    random: Math.random,
    onWait: () => undefined,
  };
  await inLanes(
    createFleet(options),
    enrolmentsAtOnce,
    async (host) => {
      const enrol = () => enrolDevice({ server, token, device: host, hostName: host.name });
      members.push({
        host,
        enrolment: await keepAppointments(enrol, appointments),
        next: createNextChallenge(),
      });
      door.onHost(members.length);
    },
    signal,
  );
  return members.toSorted((left, right) => (left.host.name < right.host.name ? -1 : 1));
}

/** Lies that every policy which names all layers of a boot refuses, of all kinds: what boots, what is told, what is signed. */
export const usualTamperings: readonly Tampering[] = [
  'changed-kernel',
  'changed-initrd',
  'changed-command-line',
  'secure-boot-disabled',
  'changed-boot-loader',
  'extended-by-hand',
  'dropped-event',
  'truncated-log',
  'broken-signature',
  'foreign-signature',
  'unrelated-pcr-values',
];

/** Lies told at enrolment are refused there: such a host would not be in the fleet. */
export function isToldLater(name: string): name is Tampering {
  return Object.hasOwn(tamperings, name) && tamperings[name as Tampering].stage !== 'enrolment';
}

/** Every one of them. */
export const tamperingsToldLater: readonly Tampering[] = Object.keys(tamperings).filter(isToldLater);

export interface TamperingOptions {
  readonly seed: string;
  /** Share of the fleet, 0 to 1. */
  readonly share: number;
  readonly names: readonly Tampering[];
}

/** This share of the fleet, drawn by the seed, boots again with a lie each. Returns how many. */
export function tamperFleet(members: readonly SimulatedHost[], { names, seed, share }: TamperingOptions): number {
  const wanted = Math.round(members.length * share);
  const order = drawOrder(members, `${seed} tampered`);
  for (const { host } of order.slice(0, wanted)) {
    const name = names[seededInteger(seed, `lie of ${host.name}`, names.length)];
    host.reboot({ tampering: name === undefined ? [] : [name] });
  }
  return wanted;
}

/** The members in an order that the seed decides. */
export function drawOrder(members: readonly SimulatedHost[], seed: string): readonly SimulatedHost[] {
  const drawn = members.map((member) => ({ member, rank: seededInteger(seed, member.host.name, 2 ** 47) }));
  return drawn.sort((left, right) => left.rank - right.rank).map(({ member }) => member);
}
