// The attack catalogue: what is done to event logs. One test for each entry; docs/threat-model.md has the table.
import assert from 'node:assert/strict';
import { digestSizes, hash } from '../../../src/core/crypto/index.ts';
import { concatBytes, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  encodeEventLog,
  encodeSignatureList,
  encodeUefiVariable,
  eventTypes,
  guids,
  parseEventLog,
  type EventToEncode,
} from '../../../src/core/event-log/index.ts';
import type { ClaimedPcrs } from '../../../src/core/tpm/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { action, authority, hashes, separator, variable } from '../event-log/logs.ts';
import { coveredPcrs } from '../../../src/core/appraisal/index.ts';
import { bootPcrs, changeEvent, goldensOf, honest, judge, refuses, type Attack } from './attacked-host.ts';
import { labPolicy } from './lab.ts';
import { everyType } from './relabelling.ts';

const isImage = ({ type }: EventToEncode): boolean => type === eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION;
const evilImage = (event: EventToEncode): EventToEncode => ({ ...event, digests: new Map([['sha256', hash('sha256', encodeUtf8('evil'))]]) }); // prettier-ignore
const noAction = (pcr: number, data: Uint8Array): EventToEncode => ({ pcr, type: eventTypes.EV_NO_ACTION, data });

/** The last event of a register, and one more after it. */
function appendTo(events: readonly EventToEncode[], added: EventToEncode): readonly EventToEncode[] {
  return [...events, added];
}

function assertRefused(attack: Attack, what: string): void {
  const { status } = judge(attack);
  assert.ok(status === 'none' || status === 'contraindicated', `${what}: ${status}`);
}

/** A boot that operators approved as it is: only facts can refuse it. */
function approved(measured: readonly EventToEncode[], more: Attack = {}): Attack {
  return { measured, ...more, trust: { goldens: goldensOf(measured), ...more.trust } };
}

function without(find: (event: EventToEncode) => boolean): readonly EventToEncode[] {
  return honest.filter((event) => !find(event));
}

function isSeparatorOf(pcr: number): (event: EventToEncode) => boolean {
  return (event) => event.type === eventTypes.EV_SEPARATOR && event.pcr === pcr;
}

/** Quoted in two banks, and judged in the stronger. */
function inBothBanks(attack: Attack = {}): Attack {
  return {
    ...attack,
    selections: (['sha256', 'sha384'] as const).map((bank) => ({ bank, pcrs: bootPcrs })),
    banks: ['sha256', 'sha384'],
    policy: { ...attack.policy, bank: 'sha384' },
    trust: { goldens: goldensOf(attack.measured ?? honest, 'sha384') },
  };
}

/** What a relying party sees of a verdict, without the log's own remarks and digest. */
function essence({ status, vector, layers }: Verdict): unknown {
  return { status, vector, layers };
}

describe('attack catalogue: event log', () => {
  it('attack 15: a strange event under another type, or under one that nobody knows', () => {
    const measured = changeEvent(isImage, (event) => [event, { ...evilImage(event) }]);
    const place = measured.findIndex(isImage) + 1;
    for (const type of everyType) {
      const shown = measured.map((event, index) => (index === place ? { ...event, type } : event));
      assertRefused({ measured, shown }, `type 0x${type.toString(16)}`);
    }
  });

  it('attack 16: honest data under the digest of another image, and other data under an honest one', () => {
    refuses({ measured: changeEvent(isImage, evilImage) }, 'BOOT_LOADER_DIVERGED');
    const shown = changeEvent(isImage, (event) => ({ ...event, data: encodeUtf8('\\EFI\\evil.efi') }));
    assert.deepEqual(essence(judge({ shown })), essence(judge()));
  });

  it('attack 17: EV_NO_ACTION that claims a start, a layout or a manifest', () => {
    const specId = parseEventLog(encodeEventLog([], { banks: ['sha1'] })).events[0]?.untrustedData ?? assert.fail();
    for (const injected of [
      noAction(0, concatBytes(encodeUtf8('StartupLocality\0'), Uint8Array.of(3))),
      noAction(0, concatBytes(encodeUtf8('StartupLocality\0'), Uint8Array.of(4))),
      noAction(4, concatBytes(encodeUtf8('StartupLocality\0'), Uint8Array.of(3))),
      noAction(0, specId),
      noAction(0, encodeUtf8('SP800-155 Event3\0https://evil.example/rim')),
      noAction(0xffffffff, encodeUtf8('H-CRTM CompMeas\0')),
    ]) {
      for (const place of [1, 20, honest.length]) {
        const shown = [...honest.slice(0, place), injected, ...honest.slice(place)];
        assert.deepEqual(essence(judge({ shown })), essence(judge()), `${injected.pcr} at ${place}`);
      }
    }
  });

  it('attack 18: a separator that is missing, repeated, or says that measuring failed', () => {
    const demand: Attack = { policy: { requireFacts: { separators: 'complete' } } };
    assert.equal(judge({ ...demand }).status, 'affirming');
    for (const pcr of [0, 2, 4, 7]) {
      const missing = without(isSeparatorOf(pcr));
      refuses({ measured: missing, shown: honest }, 'LOG_PCR_MISMATCH');
      const verdict = judge({ measured: missing });
      assert.notEqual(verdict.status, 'affirming', `PCR ${pcr}`);
      // This firmware measures nothing but the separator into PCR 2.
      refuses(approved(missing, demand), pcr === 2 ? 'FACT_NOT_PROVEN' : 'FACT_REFUSED');
      const repeated = changeEvent(isSeparatorOf(pcr), (event) => [event, event]);
      assert.notEqual(judge({ measured: repeated }).status, 'affirming', `PCR ${pcr}`);
      const failed = changeEvent(isSeparatorOf(pcr), () => separator(pcr, 1));
      refuses(approved(failed), 'FACT_MEASUREMENT_FAILED');
    }
  });

  it('attack 19: a bank that firmware left out, zero or capped', () => {
    const zero = (bank: 'sha256' | 'sha384') => (values: ClaimedPcrs): ClaimedPcrs =>
      new Map([...values].map(([name, all]) => [name, name === bank ? new Map([...all.keys()].map((pcr) => [pcr, new Uint8Array(digestSizes[bank])])) : all])); // prettier-ignore
    refuses({ held: zero('sha256') }, 'LOG_PCR_MISMATCH');
    refuses({ held: zero('sha256'), shown: [noAction(0, new Uint8Array())] }, 'EVENT_LOG_NO_MEASUREMENTS');
    assert.equal(judge(inBothBanks()).status, 'affirming');
    // A second bank that is attested must say the same: whoever forged one afterwards finds the other as firmware left it.
    refuses(inBothBanks({ held: zero('sha256') }), 'LOG_PCR_MISMATCH');
    const capped = bootPcrs.slice(0, 8).map((pcr) => separator(pcr));
    assert.notEqual(judge({ measured: capped }).status, 'affirming');
  });

  it('attack 20: a log that is cut, at an event or within one, or was full', () => {
    const whole = encodeEventLog(honest, { banks: ['sha256'] });
    const covered = coveredPcrs(labPolicy());
    const isCovered = ({ pcr, type }: EventToEncode): boolean =>
      type !== eventTypes.EV_NO_ACTION && covered.includes(pcr);
    for (let count = 0; count < honest.length; count += 1) {
      // What no layer uses (the hand-over in PCR 5) is not demanded either.
      if (honest.slice(count).some(isCovered)) assertRefused({ shown: honest.slice(0, count) }, `${count} events`);
    }
    refuses({ eventLog: whole.subarray(0, whole.length - 3) }, 'EVENT_LOG_TRUNCATED');
    for (const [place, event] of honest.entries()) {
      if (isCovered(event)) assertRefused({ shown: honest.filter((_, index) => index !== place) }, `without ${place}`);
    }
  });

  it('attack 21: firmware registers extended by the running system', () => {
    for (const pcr of [0, 2, 4, 7, 8, 9, 14]) {
      const added = { pcr, type: eventTypes.EV_IPL, data: encodeUtf8('later') };
      const measured = appendTo(honest, added);
      refuses({ measured, shown: honest }, 'LOG_PCR_MISMATCH');
      assert.notEqual(judge({ measured }).status, 'affirming', `PCR ${pcr}`);
    }
  });

  it('attack 23: EV_EFI_VARIABLE_BOOT with the name of another variable', () => {
    const isSecureBoot = ({ data }: EventToEncode): boolean => Buffer.from(data).includes(Buffer.from('SecureBoot', 'utf16le')); // prettier-ignore
    const on = encodeUefiVariable({ guid: guids.globalVariable, name: 'SecureBoot', data: Uint8Array.of(1) });
    const digests = new Map([['sha256', hash('sha256', Uint8Array.of(1))] as const]);
    // Measured: Secure Boot is off, and a byte 1 of some boot variable. Shown: that byte under the name SecureBoot.
    const off = variable('SecureBoot', Uint8Array.of(0));
    const bootVariable = { pcr: 7, type: eventTypes.EV_EFI_VARIABLE_BOOT, data: on, digests };
    const measured = changeEvent(isSecureBoot, () => [off, bootVariable]);
    const shown = changeEvent(isSecureBoot, () => [{ ...off, type: eventTypes.EV_EFI_VARIABLE_BOOT }, bootVariable]);
    const policy = { requireFacts: { secureBoot: 'enabled' } } as const;
    for (const log of [measured, shown]) {
      const verdict = judge(approved(measured, { shown: log, policy }));
      assert.ok(verdict.findings.some(({ code }) => code.startsWith('FACT_SECURE_BOOT_')));
      assert.notEqual(verdict.status, 'affirming');
    }
  });

  it('attack 24: banks of one event that do not measure the same', () => {
    const isSecureBoot = ({ type }: EventToEncode): boolean => type === eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG;
    const policy = { requireFacts: { secureBoot: 'enabled' } } as const;
    const measured = changeEvent(isSecureBoot, (event) => ({ ...event, digests: new Map([...event.digests ?? [], ['sha256', hash('sha256', encodeUtf8('other'))] as const]) })); // prettier-ignore
    assert.equal(judge(inBothBanks({ policy })).status, 'affirming');
    refuses(inBothBanks({ measured, policy }), 'FACT_SECURE_BOOT_UNKNOWN');
  });

  it('attack 25: debug and test firmware, keys for tests, validation switched off', () => {
    const demandless = approved(changeEvent(isSeparatorOf(7), (event) => [action(7, 'UEFI Debug Mode'), event]));
    refuses(demandless, 'FACT_DEBUG_MODE');
    const dma = changeEvent(isSeparatorOf(7), (event) => [action(7, 'DMA Protection Disabled'), event]);
    refuses(approved(dma, { policy: { requireFacts: { dmaProtection: 'not-disabled' } } }), 'FACT_REFUSED');
    const mok = appendTo(honest, authority('MokSBState', Uint8Array.of(1), guids.shimLock));
    refuses(approved(mok, { policy: { requireFacts: { secureBoot: 'enabled' } } }), 'FACT_SHIM_VALIDATION_DISABLED');
    const certificate = concatBytes(Uint8Array.of(0x30, 0x82, 0, 30), encodeUtf8('CN=DO NOT TRUST - AMI Test PK'));
    const testKey = encodeSignatureList({ typeGuid: guids.certX509, owner: guids.shimLock, signatures: [certificate] });
    const shipped = honest.map((event) => (isVariable(event, 'PK') ? variable('PK', testKey) : event));
    refuses(approved(shipped, { policy: { requireFacts: { testKeys: 'absent' } } }), 'FACT_REFUSED');
    const setup = honest.map((event) => (isVariable(event, 'PK') ? variable('PK', new Uint8Array()) : event));
    refuses(approved(setup, { policy: { requireFacts: { secureBootMode: ['user', 'deployed'] } } }), 'FACT_REFUSED');
  });

  it('attack 26: revocations and generations that are out of date', () => {
    const missing = Buffer.from(hash('sha256', encodeUtf8('revoked'))).toString('hex');
    refuses({ policy: { requireFacts: { dbx: { mustContain: [missing] } } } }, 'FACT_REFUSED');
    refuses({ policy: { requireFacts: { sbatLevel: { date: '2099123100' } } } }, 'FACT_REFUSED');
    refuses({ policy: { requireFacts: { sbatLevel: { generations: { shim: 99 } } } } }, 'FACT_REFUSED');
    const emptied = honest.map((event) => (isVariable(event, 'dbx') ? variable('dbx', hashes(1), guids.imageSecurityDatabase) : event)); // prettier-ignore
    refuses({ measured: emptied }, 'SECURE_BOOT_DIVERGED');
  });
});

function isVariable({ type, data }: EventToEncode, name: string): boolean {
  if (type !== eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG) return false;
  const encoded = encodeUefiVariable({ guid: guids.globalVariable, name, data: new Uint8Array() });
  return Buffer.from(data.subarray(32)).indexOf(Buffer.from(encoded.subarray(32))) === 0 && data[16] === name.length;
}
