// A break-glass statement ends at its time by being read after it. This only tells those who are subscribed, and the audit log.
import { parseBreakGlassEnvelope, type BreakGlass } from '../../core/break-glass/index.ts';
import type { ServerConfig } from '../config/config.ts';
import type { ServerContext } from '../context.ts';
import type { AuditDraft, Store } from '../storage/index.ts';
import { startRepeating, type Repeating } from '../repeat.ts';
import { endOf } from './grants.ts';

interface Teller {
  readonly config: Pick<ServerConfig, 'breakGlass'>;
  readonly store: Pick<Store, 'listUntoldBreakGlass' | 'tellBreakGlassEnd'>;
  readonly now: () => Date;
}

interface End {
  readonly id: string;
  readonly statement: BreakGlass;
  readonly until: Date;
}

const everySeconds = 1;

/** Looks again and again until stopped. Servers that share a store may all look: each end is told by one transaction. */
export function startTellingBreakGlassEnds(context: ServerContext): Repeating {
  return startRepeating(() => tellBreakGlassEnds(context), {
    seconds: everySeconds,
    log: context.log,
    failure: 'the end of a break-glass statement could not be told',
  });
}

/** Each end that came by itself, once, in the order in which they came: an entry for the statement, and for each host that it names. */
export async function tellBreakGlassEnds(context: Teller): Promise<void> {
  const at = context.now();
  for (const { id, statement, until } of await listEnds(context, at)) {
    const { reason, ticket, hosts } = statement;
    const by = { at: at.getTime(), actor: 'server' };
    const details = { until: until.toISOString(), reason, ticket };
    await context.store.tellBreakGlassEnd(id, {
      audit: { ...by, action: 'break-glass.expired', subject: id, details },
      hosts: hosts.map(({ id: subject }): AuditDraft => {
        return { ...by, action: 'host.break-glass-expired', subject, details: { breakGlass: id, ...details } };
      }),
    });
  }
}

/** The configuration may end one before the time that was signed. */
async function listEnds({ config, store }: Teller, at: Date): Promise<readonly End[]> {
  const untold = await store.listUntoldBreakGlass();
  return untold
    .map(({ id, envelope }) => {
      const { untrustedStatement: statement } = parseBreakGlassEnvelope(envelope);
      return { id, statement, until: endOf(config, statement) };
    })
    .filter(({ until }) => until <= at)
    .sort((left, right) => left.until.getTime() - right.until.getTime());
}
