// The requests that a whole fleet makes all the time say at their door which host they are about and who asks. Over PostgreSQL what they
// rest on is read then, in one round trip.
import type { OperationId } from '../../api/index.ts';
import type { ServerContext } from '../context.ts';
import type { RequestAhead, Store } from '../storage/index.ts';

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
  const here = { context, findHost: (id: string) => store.findHost(id) };
  if (purpose === undefined || typeof hostId !== 'string') return here;
  const { keepEvidence } = context.config.attestation;
  const ahead = store.readAhead({ purpose, hostId, tokenId, keepEvidence });
  if (ahead === undefined) return here;
  const [reads, trust] = [context.reads.through(ahead.store), context.trust.through(ahead.store)];
  return { context: { ...context, store: ahead.store, reads, trust }, findHost: ahead.findHost };
}
