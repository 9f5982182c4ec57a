import assert from 'node:assert/strict';
import { breakGlassPayloadType, encodeBreakGlass } from '../../../src/core/break-glass/index.ts';
import { encodeDsseEnvelope } from '../../../src/core/encoding/index.ts';
import { checkBreakGlass } from '../../../src/server/doctor/check-break-glass.ts';
import type { BreakGlassRecord } from '../../../src/server/storage/index.ts';

const start = new Date('2026-11-26T12:00:00Z');
const secondsOn = (seconds: number): Date => new Date(start.getTime() + seconds * 1000);

function recordOf(hosts: readonly string[], begins: number, ends: number): BreakGlassRecord {
  const payload = encodeBreakGlass({
    issuedAt: secondsOn(begins),
    until: secondsOn(ends),
    status: 'affirming',
    reason: 'kernel hotfix',
    ticket: 'INC-4711',
    excuses: ['KERNEL_DIVERGED'],
    hosts: hosts.map((id) => ({
      id,
      ek: 'aa'.repeat(32),
      resetCount: 1,
      restartCount: 0,
      eventLog: 'bb'.repeat(32),
    })),
  });
  const signatures = [{ sig: Uint8Array.of(0) }];
  const envelope = encodeDsseEnvelope({ payloadType: breakGlassPayloadType, payload, signatures });
  return { id: 'sha256:1', envelope, until: 0, storedAt: 0, storedBy: 'me', ended: undefined };
}

describe('what the doctor says of break-glass', () => {
  const check = (open: readonly BreakGlassRecord[], longestSeconds = 43_200) => {
    const { ok, message } = checkBreakGlass({ breakGlass: { longestSeconds } }, open, secondsOn(100));
    return [ok, message];
  };
  const none = [true, 'no break-glass statement is in force'];
  const admits = (hosts: number, until: string) => [
    false,
    `break-glass admits up to ${hosts} ${hosts === 1 ? 'host' : 'hosts'} that no golden measurement accepts, the last until ${until}`,
  ];

  it('is that there is none, where each is over, or begins later, or is one that the configuration allows no longer', () => {
    assert.deepEqual(check([]), none);
    assert.deepEqual(check([recordOf(['hv-1'], 0, 100), recordOf(['hv-1'], 101, 200)]), none);
    assert.deepEqual(check([recordOf(['hv-1'], 0, 200)], 100), none);
  });

  it('is how many hosts those in force name, each once, and when the last one ends', () => {
    assert.deepEqual(check([recordOf(['hv-1'], 0, 101)]), admits(1, '2026-11-26T12:01:41.000Z'));
    const open = [recordOf(['hv-1', 'hv-2'], 0, 300), recordOf(['hv-2', 'hv-3'], 50, 200), recordOf(['hv-4'], 0, 100)];
    assert.deepEqual(check(open), admits(3, '2026-11-26T12:05:00.000Z'));
    assert.deepEqual(check(open, 120), admits(3, '2026-11-26T12:02:50.000Z'));
  });
});
