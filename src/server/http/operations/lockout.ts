// lockout: the hold of lockout protection.
import { isoTime } from '../../../core/encoding/index.ts';
import { endLockout, holdInForce } from '../../lockout/lockout.ts';
import type { ServerContext } from '../../context.ts';
import type { components } from '../../../api/index.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';

export const lockoutOperations: Pick<Handlers, 'getLockout' | 'endLockout'> = {
  getLockout: async (_request, context) => ({ status: 200, body: await wireLockout(context) }),
  endLockout: async ({ body, principal }, context) => {
    await endLockout(context, { reason: body.reason, actor: principal.actor });
    return { status: 200, body: await wireLockout(context) };
  },
};

async function wireLockout({ config, store, now }: ServerContext): Promise<components['schemas']['Lockout']> {
  const last = await store.findLockout();
  const record = last?.endedAt === undefined ? last : undefined;
  const { sharePercent, windowSeconds, holdSeconds, leastHosts } = config.lockout;
  const hold = record && {
    id: record.id,
    inForce: holdInForce(config, record, now()) !== undefined,
    since: isoTime(record.since),
    until: isoTime(record.until),
    flipped: record.flipped,
    fleet: record.fleet,
  };
  return {
    on: sharePercent !== undefined,
    windowSeconds,
    holdSeconds,
    leastHosts,
    ...present('sharePercent', sharePercent),
    ...present('hold', hold),
  };
}
