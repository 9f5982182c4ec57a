import assert from 'node:assert/strict';
import { encodeEventLog, parseEventLog, replayEventLog } from '../../../src/core/event-log/index.ts';
import { untouchedValue } from '../../../src/core/event-log/replay.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { action, labLog, labPcrs, labRuns, refuses, separator } from './logs.ts';

describe('replayEventLog', () => {
  it('leads to the values the TPM had, in all three banks of every lab boot', () => {
    for (const run of labRuns) {
      const log = parseEventLog(labLog(run));
      for (const [bank, values] of labPcrs(run)) {
        const replayed = replayEventLog(log, bank);
        assert.ok(replayed.size >= 9, run);
        for (const [pcr, value] of replayed) {
          assert.equal(encodeHex(value), encodeHex(values.get(pcr) ?? new Uint8Array()), `${run} ${bank} PCR ${pcr}`);
        }
      }
    }
  });

  it('gives the known value of a register that was extended with a separator only', () => {
    const log = parseEventLog(encodeEventLog([separator(2)], { banks: ['sha1', 'sha256', 'sha384'] }));
    const hex = (bank: 'sha1' | 'sha256' | 'sha384'): string =>
      encodeHex(replayEventLog(log, bank).get(2) ?? new Uint8Array());
    assert.equal(hex('sha1'), 'b2a83b0ebf2f8374299a5b2bdfc31ea955ad7236');
    assert.equal(hex('sha256'), '3d458cfe55cc03ea1f443f1562beec8df51c75e14a9fcf9a7234a13f198e7969');
    assert.equal(
      hex('sha384'),
      '518923b0f955d08da077c96aaba522b9decede61c599cea6c41889cfbea4ae4d50529d96fe4d1afdafb65e7f95bf23c4',
    );
  });

  it('T30: depends on the order of the events of a register', () => {
    const read = (events: Parameters<typeof encodeEventLog>[0]): string =>
      encodeHex(
        replayEventLog(parseEventLog(encodeEventLog(events, { banks: ['sha256'] })), 'sha256').get(4) ??
          new Uint8Array(),
      );
    const [one, two] = [action(4, 'one'), action(4, 'two')];
    assert.notEqual(read([one, two]), read([two, one]));
    assert.equal(read([one, separator(0), two]), read([separator(0), one, two]));
  });

  it('starts DRTM registers from zeros once they are extended, and all ones before', () => {
    const log = parseEventLog(encodeEventLog([action(17, 'mle')], { banks: ['sha256'] }));
    const other = parseEventLog(encodeEventLog([action(4, 'mle')], { banks: ['sha256'] }));
    assert.deepEqual(replayEventLog(log, 'sha256').get(17), replayEventLog(other, 'sha256').get(4));
    assert.equal(untouchedValue(18, 'sha1')[0], 0xff);
    assert.equal(untouchedValue(8, 'sha1')[0], 0);
  });

  it('refuses a bank that the log does not announce', () => {
    const log = parseEventLog(encodeEventLog([separator(0)], { banks: ['sha256'] }));
    refuses('EVENT_LOG_BANK_MISSING', () => replayEventLog(log, 'sha384'));
  });
});
