// Which of several controllers writes: the one that holds a Lease. Whoever cannot renew it in time stops before another may
// take it over; all times are measured here, monotonically, so that no two clocks have to agree. [K8S-API coordination/v1 Lease]
import { isRecord } from '../../core/encoding/index.ts';
import type { Clock } from '../platform.ts';
import { readAnswer, type PlatformHttp } from '../platform-http.ts';

export interface LeaseOptions {
  readonly http: PlatformHttp;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  /** Who this is, different for each process. */
  readonly identity: string;
  readonly now: () => Date;
  readonly onFailure: (error: unknown) => void;
  readonly onChange: (isHeld: boolean) => void;
}

export interface Lease {
  isHeld(): boolean;
  /** Takes and renews it until the signal, and gives it back. */
  keep(signal: AbortSignal): Promise<void>;
}

const leaseSeconds = 15;
/** The holder stops this long after its last renewal: before the lease is over. */
const heldMs = 10_000;
const renewMs = 3000;

interface SeenLease {
  readonly version: string;
  readonly at: number;
}

export function createLease(options: LeaseOptions): Lease {
  const { http, clock, namespace, name, identity } = options;
  const folder = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
  const path = `${folder}/${encodeURIComponent(name)}`;
  let heldUntil = -Infinity;
  let seen: SeenLease | undefined;
  let wasHeld = false;

  /** @returns whether it is ours now */
  async function attempt(): Promise<boolean> {
    const answer = await http.ask({ method: 'GET', path });
    if (answer.status === 404) {
      const body = leaseOf({ name, namespace }, { leaseTransitions: 0 });
      return isWritten(await http.ask({ method: 'POST', path: folder, body }));
    }
    const { metadata, spec } = partsOf(readAnswer(answer, `lease ${name}`));
    const version = String(metadata['resourceVersion']);
    if (seen?.version !== version) seen = { version, at: clock.monotonic() };
    const holder = spec['holderIdentity'] ?? '';
    const isOver = clock.monotonic() - seen.at >= leaseSeconds * 1000;
    if (holder !== identity && holder !== '' && !isOver) return false;
    const { acquireTime, leaseTransitions = 0 } = spec;
    const taken =
      holder === identity ? { acquireTime, leaseTransitions } : { leaseTransitions: Number(leaseTransitions) + 1 };
    // Names the version that was read: of two that take it over, one is refused.
    return isWritten(await http.ask({ method: 'PUT', path, body: leaseOf(metadata, taken) }));
  }

  function leaseOf(metadata: object, spec: object): object {
    // MicroTime has six digits.
    const time = options.now().toISOString().replace('Z', '000Z');
    const held = { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, acquireTime: time, renewTime: time };
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { ...held, ...spec } };
  }

  function isWritten(answer: Parameters<typeof readAnswer>[0]): boolean {
    if (answer.status === 409) return false;
    readAnswer(answer, `lease ${name}`);
    return true;
  }

  async function giveBack(): Promise<void> {
    const { lease, spec } = partsOf(readAnswer(await http.ask({ method: 'GET', path }), `lease ${name}`));
    if (spec['holderIdentity'] !== identity) return;
    await http.ask({ method: 'PUT', path, body: { ...lease, spec: { ...spec, holderIdentity: '' } } });
  }

  const isHeld = (): boolean => clock.monotonic() < heldUntil;
  return {
    isHeld,
    keep: async (signal) => {
      while (!signal.aborted) {
        const askedAt = clock.monotonic();
        try {
          heldUntil = (await attempt()) ? askedAt + heldMs : -Infinity;
        } catch (error) {
          options.onFailure(error);
        }
        if (isHeld() !== wasHeld) options.onChange((wasHeld = isHeld()));
        await clock.sleep(renewMs, signal);
      }
      const mustReturn = isHeld();
      heldUntil = -Infinity;
      if (mustReturn) await giveBack().catch(options.onFailure);
    },
  };
}

/** Empty where the API server says something else. */
function partsOf(answer: unknown): Readonly<Record<'lease' | 'metadata' | 'spec', Readonly<Record<string, unknown>>>> {
  const part = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});
  const lease = part(answer);
  return { lease, metadata: part(lease['metadata']), spec: part(lease['spec']) };
}
