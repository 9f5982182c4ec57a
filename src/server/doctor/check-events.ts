// What weakens how others are told of events.
import { counted } from '../../core/encoding/index.ts';
import type { ServerConfig } from '../config/config.ts';
import type { Check } from './check.ts';
import type { SubscriptionRecord } from '../storage/index.ts';

/** Whoever waits for events does not see that none come. */
export function checkSubscriptions(subscriptions: readonly SubscriptionRecord[]): Check {
  const paused = subscriptions.filter(({ pausedAt }) => pausedAt !== undefined);
  return {
    name: 'subscriptions',
    ok: paused.length === 0,
    severity: 'warning',
    message:
      paused.length === 0
        ? `${counted(subscriptions.length, 'receiver')} of events`
        : `${counted(paused.length, 'receiver')} told of no events any more: ${paused.map(({ id }) => id).join(', ')}`,
    remedy: 'See why, mend the receiver and go on: `touchstone subscription show`, `touchstone subscription replay`.',
  };
}

/** Findings and names of hosts in the clear, and nobody proves that an event came from here. */
export function checkSyslog({ events }: Pick<ServerConfig, 'events'>): Check {
  const open = events.syslog.receivers.filter((url) => !url.startsWith('syslog+tls:'));
  return {
    name: 'syslog',
    ok: open.length === 0,
    severity: 'warning',
    message: open.length === 0 ? 'no syslog in the clear' : `events may be sent in the clear to ${open.join(', ')}`,
    remedy: 'Use syslog+tls:// in events.syslog.receivers, or a relay on this machine.',
  };
}
