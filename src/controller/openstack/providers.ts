// The resource providers of placement as a platform. The mark is one trait that a trusted provider has and no other: what was never
// marked, or by nobody lately, is not trusted. Placement tells no news, so all providers are listed again and again.
import { ControllerError } from '../errors.ts';
import { backOff } from '../patience.ts';
import type { Clock, Member, Platform } from '../platform.ts';
import type { HostNames } from './host-names.ts';
import type { Placement, ProviderTraits } from './placement.ts';

export interface ProvidersOptions {
  readonly placement: Placement;
  readonly clock: Clock;
  /** `CUSTOM_…`: only ours to write. */
  readonly trait: string;
  readonly hostNames: HostNames;
  readonly resyncSeconds: number;
}

export interface ProviderMember extends Member {
  readonly uuid: string;
  readonly hasTrait: boolean;
}

/** How often traits are read again because somebody changed the provider meanwhile. */
const maximumConflicts = 5;

export function createProviderPlatform(options: ProvidersOptions): Platform<ProviderMember> {
  const { placement, clock, trait, hostNames } = options;
  /** Written since the list under way began, so that what it read before does not count. */
  const writtenMeanwhile = new Map<string, boolean>();
  /** Whose traits were written with no answer: they may have been written or not. */
  const doubtful = new Set<string>();

  async function list(): Promise<readonly ProviderMember[]> {
    writtenMeanwhile.clear();
    const providers = await placement.listProviders();
    const carriers = await placement.listCarriers(trait);
    const hostOf = await hostNames();
    const members = providers.map(({ uuid, name, isRoot }) => {
      const hasTrait = writtenMeanwhile.get(uuid) ?? carriers.has(uuid);
      // Parts of a host are no hosts. One that has the trait would still lend it to the whole tree.
      return { name, uuid, isRoot, hostId: isRoot ? hostOf({ uuid, name }) : undefined, hasTrait };
    });
    return members.filter(({ isRoot, hasTrait }) => isRoot || hasTrait);
  }

  /** Tries until what was read is what was changed. Undefined when the provider is gone. */
  async function changeTraits(member: ProviderMember, trusted: boolean): Promise<ProviderMember | undefined> {
    for (let time = 0; time < maximumConflicts; time += 1) {
      const before = await placement.readTraits(member.uuid);
      if (before === undefined) return undefined;
      if (before.traits.includes(trait) === trusted) return { ...member, hasTrait: trusted };
      const outcome = await placement.replaceTraits(member.uuid, changed(before, trusted));
      if (outcome === 'gone') return undefined;
      if (outcome === 'written') return { ...member, hasTrait: trusted };
      if (outcome === 'unknown-trait') await placement.createTrait(trait);
    }
    const message = `provider ${member.name} was changed by others ${maximumConflicts} times`;
    throw new ControllerError('CONTROLLER_CONFLICTS', message);
  }

  function changed({ traits, generation }: ProviderTraits, trusted: boolean): ProviderTraits {
    const others = traits.filter((name) => name !== trait);
    return { traits: trusted ? [...others, trait] : others, generation };
  }

  return {
    list,
    follow: async (watcher, signal) => {
      let failures = 0;
      while (!signal.aborted) {
        let pauseMs = options.resyncSeconds * 1000;
        try {
          watcher.replaced(await list());
          failures = 0;
        } catch (error) {
          watcher.failed(error);
          pauseMs = backOff((failures += 1), error);
        }
        await clock.sleep(pauseMs, signal);
      }
    },
    isInStep: ({ uuid, hasTrait }, { trusted }) => !doubtful.has(uuid) && hasTrait === trusted,
    write: async (member, { trusted }) => {
      doubtful.add(member.uuid);
      const written = await changeTraits(member, trusted);
      doubtful.delete(member.uuid);
      writtenMeanwhile.set(member.uuid, trusted);
      return written;
    },
  };
}
