import { MalformedError } from '../error.ts';
import type { ClaimedEventLog, ParseEventLogOptions } from './claimed-log.ts';

/** Bytes of a boot log, in any format that is known -> what it claims. Proves nothing.
 * @throws MalformedError EVENT_LOG_* with the byte offset */
export function parseEventLog(bytes: Uint8Array, options: ParseEventLogOptions = {}): ClaimedEventLog {
  throw new MalformedError('EVENT_LOG_EMPTY', `${bytes.length} of ${options.maxBytes ?? 0} bytes`);
}
