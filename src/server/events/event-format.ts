// The documents that an event can be told as. What it says is the same in each.
import type { JsonObject } from '../../core/encoding/index.ts';
import type { SubscriptionRecord } from '../storage/index.ts';
import type { CloudEvent } from './cloud-event.ts';
import { ocsfEventOf } from './ocsf-event.ts';

/** `text` is a line for people, which syslog alone has. */
export type EventFormat = SubscriptionRecord['format'];

export function formatEvent(event: CloudEvent, format: EventFormat): JsonObject {
  return format === 'ocsf' ? ocsfEventOf(event) : { ...event };
}
