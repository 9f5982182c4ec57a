// What is compared of a boot: each thing that was measured into a register of a layer, once, and the registers that no log leads to.
import assert from 'node:assert/strict';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { encodeEventLog, parseEventLog, replayEventLog } from '../../../src/core/event-log/index.ts';
import { encodePublic, type ClaimedPcrs } from '../../../src/core/tpm/index.ts';
import { readMeasurements } from '../../../src/server/fleet/measurements.ts';
import { event } from '../../core/appraisal/paper-host.ts';
import { nonce, signedQuote, softwareKey } from '../../core/tpm/software-key.ts';

const signer = softwareKey();
const shim = new Uint8Array(32).fill(7);

function provable(pcrs: ClaimedPcrs, eventLog?: Uint8Array) {
  const selections = [...pcrs].map(([bank, values]) => ({ bank, pcrs: [...values.keys()] }));
  const wire = [...pcrs].map(([bank, values]) => [bank, Object.fromEntries([...values].map(([pcr, value]) => [pcr, encodeHex(value)]))]); // prettier-ignore
  const claimed = { qualifyingData: nonce, akPublic: encodePublic(signer.key.public), pcrs: JSON.stringify(Object.fromEntries(wire)) }; // prettier-ignore
  return { ...signedQuote(signer, selections, pcrs), ...claimed, eventLog, userspaceLog: undefined };
}

const told = (boot: ReturnType<typeof provable>) =>
  readMeasurements(boot).map(({ pcr, bank, digest, event: found }) => [pcr, bank, digest, found !== undefined]);

describe('the measurements of a boot', () => {
  it('are the values of its registers where no log leads to them: in the strongest bank, of layers, and not those that are empty', () => {
    const values = new Map([
      // Registers 1 and 5 differ from machine to machine.
      [1, shim],
      // One byte of it is zero; of the next one all are but one.
      [4, shim.with(5, 0)],
      [5, shim],
      [7, new Uint8Array(32).with(31, 1)],
      [8, new Uint8Array(32)],
    ]);
    const weaker = new Map([[4, hash('sha1', shim)]]);
    const expected = [
      [4, 'sha256', encodeHex(shim.with(5, 0)), false],
      [7, 'sha256', encodeHex(new Uint8Array(32).with(31, 1)), false],
    ];
    assert.deepEqual(told(provable(new Map([['sha1', weaker], ['sha256', values]]))), expected); // prettier-ignore
    for (const log of [new Uint8Array(), Uint8Array.of(1, 2, 3)])
      assert.deepEqual(told(provable(new Map([['sha256', values]]), log)), expected);
  });

  it('are each told once, by the first event that measured it, beside registers that the log does not lead to', () => {
    const separator = new Uint8Array(4);
    const events = [
      event(4, 'EV_SEPARATOR', separator),
      event(4, 'EV_IPL', 'first words', 'grub'),
      event(4, 'EV_IPL', 'other words', 'grub'),
      event(7, 'EV_SEPARATOR', separator),
      event(1, 'EV_SEPARATOR', separator),
    ];
    const log = encodeEventLog(events, { banks: ['sha256'] });
    const replayed = replayEventLog(parseEventLog(log), 'sha256');
    const values = new Map([...replayed, [7, shim] as const]);
    const boot = provable(new Map([['sha256', values]]), log);
    const digestOf = (bytes: Uint8Array) => encodeHex(hash('sha256', bytes));
    assert.deepEqual(told(boot), [
      [4, 'sha256', digestOf(separator), true],
      [4, 'sha256', digestOf(new TextEncoder().encode('grub')), true],
      [7, 'sha256', encodeHex(shim), false],
    ]);
    const [, grub] = readMeasurements(boot);
    assert.equal(grub?.event?.index, 2);
    const keys = readMeasurements(boot).map(({ key }) => key);
    assert.equal(new Set(keys).size, 3);
  });
});
