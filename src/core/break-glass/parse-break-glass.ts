// The payload of a break-glass statement, JSON on the wire: strict, bounded, one reading.
import { encodeHex, parseJsonStrict, Field } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { breakGlassType, excusable, type BoundHost, type BreakGlass } from './break-glass.ts';

const maximumPayloadBytes = 512 * 1024;
const maximumHosts = 1000;
/** No configuration can allow more. */
const longestMs = 7 * 24 * 3600 * 1000;
const counterLimit = 0xffff_ffff;

/**
 * Reads the payload of an envelope. Proves nothing about who wrote it.
 *
 * @throws MalformedError BREAK_GLASS_INVALID; the encoding room's codes for JSON
 */
export function parseBreakGlass(payload: Uint8Array): BreakGlass {
  if (payload.length > maximumPayloadBytes) {
    throw new MalformedError('BREAK_GLASS_INVALID', `a statement of ${payload.length} bytes is too long`);
  }
  const root = new Field(parseJsonStrict(payload, { maxDepth: 4 }), '', 'BREAK_GLASS_INVALID');
  const { _type, issuedAt, until, status, reason, ticket, excuses, hosts } = root.object(
    '_type',
    'issuedAt',
    'until',
    'status',
    'reason',
    'ticket',
    'excuses',
    'hosts',
  );
  _type.oneOf([breakGlassType]);
  const statement: BreakGlass = {
    issuedAt: issuedAt.time(),
    until: until.time(),
    status: status.oneOf(['affirming', 'warning']),
    reason: reason.text(1024),
    ticket: ticket.text(256),
    excuses: excuses.array(excusable.length).map((code) => code.oneOf(excusable)),
    hosts: hosts.array(maximumHosts).map(readHost),
  };
  const lastsMs = statement.until.getTime() - statement.issuedAt.getTime();
  if (lastsMs <= 0 || lastsMs > longestMs) until.fail('a time within seven days after issuedAt', 'is another');
  requireDistinct(excuses, statement.excuses);
  requireDistinct(
    hosts,
    statement.hosts.map(({ id }) => id),
  );
  return statement;
}

function readHost(field: Field): BoundHost {
  const { id, ek, resetCount, restartCount, eventLog } = field.object(
    'id',
    'ek',
    'resetCount',
    'restartCount',
    'eventLog',
  );
  const name = id.text(63);
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) id.fail('the id of a host', 'is another text');
  return {
    id: name,
    ek: encodeHex(ek.hex(32)),
    resetCount: resetCount.integer(0, counterLimit),
    restartCount: restartCount.integer(0, counterLimit),
    eventLog: encodeHex(eventLog.hex(32)),
  };
}

/** One value at least, and none twice: a statement about nothing is a mistake. */
function requireDistinct(field: Field, values: readonly string[]): void {
  if (values.length === 0) field.fail('one at least', 'is empty');
  if (new Set(values).size < values.length) field.fail('each of them once', 'has one twice');
}
