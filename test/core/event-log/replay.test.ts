import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { hash, sm3 } from '../../../src/core/crypto/index.ts';
import {
  encodeEventLog,
  eventTypes,
  parseEventLog,
  replayEventLog,
  replayForeignBank,
} from '../../../src/core/event-log/index.ts';
import { initialValue, untouchedValue } from '../../../src/core/event-log/replay.ts';
import { concatBytes, decodeHex, encodeHex, encodeUnsigned, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { action, labLog, labPcrs, labRuns, refuses, separator } from './logs.ts';

const u16 = (value: number): Uint8Array => encodeUnsigned(value, 2).reverse();
const u32 = (value: number): Uint8Array => encodeUnsigned(value, 4).reverse();

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

  it('starts PCR 0 from the locality that the log tells, and that of a confidential guest from zeros', () => {
    const parse = (startupLocality: 0 | 3) =>
      parseEventLog(encodeEventLog([separator(0)], { banks: ['sha256'], startupLocality }));
    const [usual, other] = [parse(0), parse(3)];
    assert.notDeepEqual(replayEventLog(other, 'sha256').get(0), replayEventLog(usual, 'sha256').get(0));
    const guest = { ...other, registers: 'confidential-guest' as const };
    assert.deepEqual(replayEventLog(guest, 'sha256').get(0), replayEventLog(usual, 'sha256').get(0));
  });

  it('shows what a bank of SM3 leads to, from an H-CRTM on, and calls it no bank of the log', () => {
    const data = (text: string): Uint8Array => encodeUtf8(text);
    const record = (type: number, text: string): Uint8Array =>
      concatBytes(u32(0), u32(type), u32(2), u16(0x0b), hash('sha256', data(text)), u16(0x12), sm3(data(text)), u32(text.length), data(text)); // prettier-ignore
    const specId = concatBytes(data('Spec ID Event03\0'), u32(0), Uint8Array.of(0, 2, 0, 2), u32(2), u16(0x0b), u16(32), u16(0x12), u16(32), Uint8Array.of(0)); // prettier-ignore
    const head = concatBytes(u32(0), u32(eventTypes.EV_NO_ACTION), new Uint8Array(20), u32(specId.length), specId);
    const log = parseEventLog(
      concatBytes(head, record(eventTypes.EV_EFI_HCRTM_EVENT, 'HCRTM'), record(eventTypes.EV_SEPARATOR, '\0\0\0\0')),
    );
    assert.deepEqual([log.banks, log.announcedBanks, log.foreignBanks], [['sha256'], ['sha256'], ['sm3_256']]);
    // openssl dgst -sm3 of the separator, and of PCR 0 from locality 4 on.
    const separatorHex = 'afcc870fa20c507995499794371e8c25e3a7310fa72200c109379973ae236845';
    assert.equal(encodeHex(log.events[2]?.foreignDigests?.get('sm3_256') ?? new Uint8Array()), separatorHex);
    const sm3Of = (...parts: Uint8Array[]): Uint8Array => createHash('sm3').update(Buffer.concat(parts)).digest();
    const start = Uint8Array.from({ length: 32 }, (_, index) => (index === 31 ? 4 : 0));
    const expected = sm3Of(sm3Of(start, sm3Of(data('HCRTM'))), decodeHex(separatorHex));
    assert.equal(encodeHex(replayForeignBank(log, 'sm3_256').get(0) ?? new Uint8Array()), encodeHex(expected));
  });

  it('refuses digests of SM3 of another size', () => {
    const specId = concatBytes(encodeUtf8('Spec ID Event03\0'), u32(0), Uint8Array.of(0, 2, 0, 2), u32(1), u16(0x12), u16(20), Uint8Array.of(0)); // prettier-ignore
    const head = concatBytes(u32(0), u32(eventTypes.EV_NO_ACTION), new Uint8Array(20), u32(specId.length), specId);
    refuses('EVENT_LOG_DIGEST_SIZE_WRONG', () => parseEventLog(head));
  });

  it('refuses a bank that the log does not announce', () => {
    const log = parseEventLog(encodeEventLog([separator(0)], { banks: ['sha256'] }));
    refuses('EVENT_LOG_BANK_MISSING', () => replayEventLog(log, 'sha384'));
  });
});

describe('where a register begins', () => {
  it('is zeros, but for PCR 0, which ends with the locality that started the TPM', () => {
    for (let pcr = 0; pcr < 24; pcr += 1) {
      for (const bank of ['sha1', 'sha256', 'sha384'] as const) {
        for (const locality of [0, 3, 4] as const) {
          const expected = untouchedValue(1, bank).with(-1, pcr === 0 ? locality : 0);
          assert.deepEqual(initialValue(pcr, bank, locality), expected, `PCR ${pcr} ${bank} ${locality}`);
        }
      }
    }
  });

  it('is zeros where nothing was extended, and ones in the registers of a late launch', () => {
    for (let pcr = 0; pcr < 24; pcr += 1) {
      const value = pcr >= 17 && pcr <= 22 ? 0xff : 0;
      assert.deepEqual(untouchedValue(pcr, 'sha256'), new Uint8Array(32).fill(value), `PCR ${pcr}`);
    }
  });
});
