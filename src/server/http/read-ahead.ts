// The requests that a whole fleet makes all the time say at their door which host they are about and who asks. Over PostgreSQL what they
// rest on is read then, in one round trip.
import type { IncomingMessage } from 'node:http';
import type { OperationId } from '../../api/index.ts';
import { tokenOf } from '../auth/authenticate.ts';
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

/** Nothing is asked yet. */
export function readAhead(
  context: ServerContext,
  operation: OperationId,
  { params }: { readonly params: Readonly<Record<string, unknown>> },
  request: IncomingMessage,
): ContextAhead {
  const { store } = context;
  const purpose = purposes[operation];
  const hostId = params['hostId'];
  const here = { context, findHost: (id: string) => store.findHost(id) };
  if (purpose === undefined || typeof hostId !== 'string') return here;
  const { keepEvidence } = context.config.attestation;
  const ahead = store.readAhead({ purpose, hostId, tokenId: tokenOf(request.headers.authorization)?.id, keepEvidence });
  if (ahead === undefined) return here;
  const [reads, trust] = [context.reads.through(ahead.store), context.trust.through(ahead.store)];
  return { context: { ...context, store: ahead.store, reads, trust }, findHost: ahead.findHost };
}
