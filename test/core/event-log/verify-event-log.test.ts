import assert from 'node:assert/strict';
import { hash, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import type { PcrValues } from '../../../src/core/tpm/index.ts';
import {
  encodeEventLog,
  eventTypes,
  parseEventLog,
  replayEventLog,
  verifyEventLog,
} from '../../../src/core/event-log/index.ts';
import {
  action,
  attest,
  attestReplay,
  labLog,
  labPcrs,
  labRuns,
  refuses,
  separator,
  variable,
  verifyLab,
} from './logs.ts';

const boot = [action(4, 'loader'), variable('SecureBoot', Uint8Array.of(1)), separator(0), separator(4), separator(7)];
const bytes = encodeEventLog(boot, { banks: ['sha1', 'sha256'] });
const log = parseEventLog(bytes);

function changed(values: PcrValues, pcr: number, value: Uint8Array): PcrValues {
  return new Map([...values, [pcr, value]]);
}

describe('verifyEventLog', () => {
  it('1: binds every logged PCR of the lab boots, and says that IMA’s is not in the log', () => {
    for (const run of labRuns) {
      const replayed = verifyLab(run);
      assert.equal(replayed.bank, 'sha384');
      for (const [pcr, status] of replayed.pcrs)
        assert.equal(status, pcr === 10 ? 'unlogged' : 'bound', `${run} PCR ${pcr}`);
    }
  });

  it('1: uses the strongest bank that was attested', () => {
    const pcrs = new Map([...labPcrs('uki')].filter(([bank]) => bank !== 'sha384'));
    assert.equal(verifyEventLog(parseEventLog(labLog('uki')), attest(pcrs)).bank, 'sha256');
  });

  it('1: flips each byte of each digest, and none of the register’s events is bound any more', () => {
    const attested = attestReplay(log);
    for (const event of log.events.slice(1)) {
      for (const digest of event.digests.values()) {
        for (let position = 0; position < digest.length; position += 1) {
          const copy = bytes.slice();
          const at = digest.byteOffset - bytes.byteOffset + position;
          copy[at] = (copy[at] ?? 0) ^ 0x10;
          const replayed = verifyEventLog(parseEventLog(copy), attested);
          assert.equal(replayed.pcrs.get(event.pcr), 'mismatch');
          assert.ok(replayed.events.every(({ pcr }) => pcr !== event.pcr));
        }
      }
    }
  });

  it('1: is bound only where every attested bank agrees', () => {
    const sha1 = changed(replayEventLog(log, 'sha1'), 4, new Uint8Array(20));
    const banks = new Map<HashAlgorithm, PcrValues>([
      ['sha1', sha1],
      ['sha256', replayEventLog(log, 'sha256')],
    ]);
    const replayed = verifyEventLog(log, attest(banks));
    assert.equal(replayed.bank, 'sha256');
    assert.equal(replayed.pcrs.get(4), 'mismatch');
    assert.equal(replayed.pcrs.get(7), 'bound');
  });

  it('2: finds data bound only where each bank’s digest covers it', () => {
    const event = { pcr: 7, type: eventTypes.EV_EFI_ACTION, data: encodeUtf8('good') };
    const digests = new Map<HashAlgorithm, Uint8Array>([
      ['sha1', hash('sha1', encodeUtf8('good'))],
      ['sha256', hash('sha256', encodeUtf8('evil'))],
    ]);
    const split = parseEventLog(encodeEventLog([{ ...event, digests }], { banks: ['sha1', 'sha256'] }));
    assert.equal(verifyEventLog(split, attestReplay(split)).events[0]?.dataBound, false);
    assert.equal(verifyEventLog(split, attestReplay(split, ['sha256'])).events[0]?.dataBound, false);
    assert.equal(verifyEventLog(split, attestReplay(split, ['sha1'])).events[0]?.dataBound, true);
  });

  it('T22: holds a missing event, a missing tail and an added event to be no proof', () => {
    const attested = attestReplay(log);
    for (const events of [boot.slice(1), boot.slice(0, -1), [...boot, action(4, 'more'), separator(7)]]) {
      const other = parseEventLog(encodeEventLog(events, { banks: ['sha1', 'sha256'] }));
      assert.ok([...verifyEventLog(other, attested).pcrs.values()].includes('mismatch') || events.length < boot.length);
      assert.ok([...verifyEventLog(other, attested).pcrs.values()].some((status) => status !== 'bound'));
    }
  });

  it('T22: says of a PCR that was extended and never logged that it is unexplained', () => {
    const values = changed(replayEventLog(log, 'sha256'), 12, hash('sha256', new Uint8Array(1)));
    const replayed = verifyEventLog(log, attest(new Map([['sha256', values]])));
    assert.equal(replayed.pcrs.get(12), 'unlogged');
  });

  it('calls a PCR bound that was neither logged nor extended, and only with the value of no extend', () => {
    const values = new Map([
      ...replayEventLog(log, 'sha256'),
      [8, new Uint8Array(32)],
      [17, new Uint8Array(32)],
    ] as const);
    const replayed = verifyEventLog(log, attest(new Map([['sha256', values]])));
    assert.equal(replayed.pcrs.get(8), 'bound');
    assert.equal(replayed.pcrs.get(17), 'unlogged');
  });

  it('rejects when there is nothing to verify', () => {
    const hint = { pcr: 0, type: eventTypes.EV_NO_ACTION, data: new Uint8Array(4) };
    const silent = parseEventLog(encodeEventLog([hint], { banks: ['sha256'] }));
    refuses('EVENT_LOG_NO_MEASUREMENTS', () => verifyEventLog(silent, attestReplay(log)));
    refuses('EVENT_LOG_BANK_MISSING', () => verifyEventLog(log, attest(new Map())));
    refuses('EVENT_LOG_BANK_MISSING', () =>
      verifyEventLog(log, attest(new Map([['sha384', new Map([[0, new Uint8Array(48)]])]]))),
    );
  });

  it('refuses the log of a confidential guest: its registers are numbered otherwise', () => {
    const guest = { ...log, registers: 'confidential-guest' as const };
    refuses('EVENT_LOG_REGISTERS_FOREIGN', () => verifyEventLog(guest, attestReplay(log)));
    refuses('EVENT_LOG_NO_MEASUREMENTS', () => verifyEventLog({ ...guest, events: [] }, attestReplay(log)));
  });

  it('finds the startup locality that the log keeps silent about, and names it', () => {
    const truth = parseEventLog(encodeEventLog(boot, { banks: ['sha256'], startupLocality: 3 }));
    const replayed = verifyEventLog(parseEventLog(encodeEventLog(boot, { banks: ['sha256'] })), attestReplay(truth));
    assert.equal(replayed.pcrs.get(0), 'bound');
    assert.equal(replayed.startupLocality, 3);
    assert.deepEqual(
      replayed.quirks.map(({ id }) => id),
      ['startup-locality-found'],
    );
  });

  it('finds the Exit Boot Services events that the log lacks, and only those', () => {
    const exit = [action(5, 'Exit Boot Services Invocation'), action(5, 'Exit Boot Services Returned with Success')];
    const start = [separator(5)];
    const short = parseEventLog(encodeEventLog(start, { banks: ['sha256'] }));
    const whole = parseEventLog(encodeEventLog([...start, ...exit], { banks: ['sha256'] }));
    const other = parseEventLog(encodeEventLog([...start, action(5, 'anything else')], { banks: ['sha256'] }));
    const replayed = verifyEventLog(short, attestReplay(whole));
    assert.equal(replayed.pcrs.get(5), 'bound');
    assert.deepEqual(
      replayed.quirks.map(({ id }) => id),
      ['exit-boot-services-unlogged'],
    );
    assert.equal(verifyEventLog(short, attestReplay(other)).pcrs.get(5), 'mismatch');
  });
});
