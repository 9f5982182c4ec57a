// The records of the running system as events behind those of firmware.
import { encodeUtf8 } from '../../encoding/index.ts';
import { VerificationError } from '../../error.ts';
import type { ClaimedEventLog, LogEvent } from '../claimed-log.ts';
import type { ClaimedUserspaceLog, UserspaceRecord } from './userspace-log.ts';

/**
 * Both logs as one: the running system extends a register after firmware and boot loaders did. Proves nothing: for
 * inspection, and for `explainUserspace`. Records of NV indices are passed over, and those that `leaves` names; the others
 * are numbered from the end of `log`, by their place in the userspace log.
 * @throws VerificationError EVENT_LOG_REGISTERS_FOREIGN
 */
export function appendUserspaceLog(
  log: ClaimedEventLog,
  userspace: ClaimedUserspaceLog,
  leaves: (record: UserspaceRecord) => boolean = () => false,
): ClaimedEventLog {
  if (log.registers !== 'tpm') {
    throw new VerificationError('EVENT_LOG_REGISTERS_FOREIGN', 'a userspace log is about PCRs of a TPM');
  }
  const appended = userspace.records
    .filter((record) => record.register.kind === 'pcr' && !leaves(record))
    .map((record) => toLogEvent(record, log.events.length));
  return { ...log, events: [...log.events, ...appended] };
}

/** Beyond the 32 bits of firmware's types, as contents of canonical logs have it: no firmware record can claim it. */
const userspaceType = 0x1_0000_0000;

function toLogEvent(record: UserspaceRecord, first: number): LogEvent {
  const { index, register, digests, untrustedContent, offset } = record;
  return {
    index: first + index,
    pcr: register.index,
    untrustedType: userspaceType,
    untrustedKind: 'systemd',
    digests,
    untrustedData: encodeUtf8(untrustedContent.string ?? ''),
    offset,
    userspace: untrustedContent,
  };
}
