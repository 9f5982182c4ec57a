// Which host a resource provider is. Its name is what nova-compute calls its hypervisor; a label is what operators of Touchstone say.
import { readPages, type ApiClient } from '../../api/index.ts';
import { backOff, silenceMs } from '../patience.ts';
import type { Clock } from '../platform.ts';
import type { Provider } from './placement.ts';

export type ProviderNaming =
  | { readonly by: 'name' }
  | { readonly by: 'short-name' }
  | { readonly by: 'uuid' }
  /** Of the host at Touchstone; its value is the name or the uuid of the provider. */
  | { readonly by: 'label'; readonly key: string };

/** Id of the host that a provider is; undefined when nothing says. */
type HostOf = (provider: Pick<Provider, 'uuid' | 'name'>) => string | undefined;

/** Asked anew with each list. */
export type HostNames = () => Promise<HostOf>;

export interface HostNamesOptions {
  readonly naming: ProviderNaming;
  readonly touchstone: () => ApiClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

export function createHostNames({ naming, touchstone, clock, signal, onFailure }: HostNamesOptions): HostNames {
  if (naming.by === 'name') return () => Promise.resolve(({ name }) => name);
  if (naming.by === 'uuid') return () => Promise.resolve(({ uuid }) => uuid);
  // `hv-17.rack3.example` is host hv-17.
  if (naming.by === 'short-name') return () => Promise.resolve(({ name }) => name.split('.')[0]);
  const { key } = naming;
  const startedAt = clock.monotonic();
  let known: ReadonlyMap<string, string | undefined> | undefined;
  /** What was known last stands while Touchstone is silent: it names hosts and trusts none. Who begins waits for it as long as
   * for everything else, and then knows no host. */
  const ask = async (): Promise<ReadonlyMap<string, string | undefined>> => {
    for (let failures = 1; ; failures += 1) {
      try {
        return (known = await readLabels(touchstone(), key));
      } catch (error) {
        onFailure(error);
        if (known !== undefined) return known;
        if (signal.aborted || clock.monotonic() - startedAt >= silenceMs) return new Map();
        await clock.sleep(backOff(failures, error), signal);
      }
    }
  };
  return async () => {
    const labels = await ask();
    return ({ uuid, name }) => labels.get(labels.has(uuid) ? uuid : name);
  };
}

/** Value of the label -> the host that has it; undefined for a value that several hosts have. */
async function readLabels(client: ApiClient, key: string): Promise<ReadonlyMap<string, string | undefined>> {
  const hosts = new Map<string, string | undefined>();
  // Of a large fleet no more than a page at once.
  for await (const page of readPages((query) => client.call('listHosts', { query }))) {
    for (const { id, state, labels } of page) {
      const value = labels[key];
      // One that has left does not stand in the way of its successor.
      const hasLeft = state === 'retired' || state === 'released';
      if (value !== undefined && !hasLeft) hosts.set(value, hosts.has(value) ? undefined : id);
    }
  }
  return hosts;
}
