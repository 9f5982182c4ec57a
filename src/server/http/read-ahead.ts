// The requests that a whole fleet makes all the time say at their door which host they are about and who asks. Over PostgreSQL what they
// rest on is read then, in one round trip.
import type { OperationId } from '../../api/index.ts';
import type { ServerContext } from '../context.ts';
import { readStored } from '../outage/trust-reads.ts';
import type { RequestAhead, Store, StoreAhead } from '../storage/index.ts';

const purposes: Readonly<Partial<Record<OperationId, RequestAhead['purpose']>>> = {
  getVerdict: 'verdict',
  createChallenge: 'challenge',
  createAttestation: 'attestation',
};

export interface ContextAhead {
  /** For this request alone. */
  readonly context: ServerContext;
  /** For the door: what the request itself rests on is left there. */
  readonly findHost: Store['findHost'];
  /** The same once more, read, where it was recalled and nothing was recorded on it. */
  readonly again: () => ContextAhead | undefined;
}

export interface RequestLine {
  readonly operation: OperationId;
  readonly params: Readonly<Record<string, unknown>>;
  /** As the request claims it. */
  readonly tokenId: string | undefined;
}

/** Nothing is asked yet. */
export function readAhead(context: ServerContext, { operation, params, tokenId }: RequestLine): ContextAhead {
  const { store } = context;
  const purpose = purposes[operation];
  const hostId = params['hostId'];
  const here = { context, findHost: (id: string) => store.findHost(id), again: () => undefined };
  if (purpose === undefined || typeof hostId !== 'string') return here;
  const { keepEvidence } = context.config.attestation;
  const ahead = store.readAhead({ purpose, hostId, tokenId, keepEvidence });
  return ahead === undefined ? here : contextOf(context, ahead);
}

function contextOf(context: ServerContext, { store, findHost, again }: StoreAhead): ContextAhead {
  // Nothing is to be remembered of it, for the time when the database is away, as if the database had said it now.
  const reads = again === undefined ? context.reads.through(store) : readStored(store);
  if (again !== undefined) context.metrics.recalled(false);
  return {
    context: { ...context, store, reads, trust: context.trust.through(store) },
    findHost,
    again: () => {
      const next = again?.();
      if (next === undefined) return undefined;
      context.metrics.recalled(true);
      return contextOf(context, next);
    },
  };
}
