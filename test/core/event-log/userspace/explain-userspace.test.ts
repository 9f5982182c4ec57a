// A userspace log behind a firmware log: what registers confirm, what they do not, and what a liar gains.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeHex, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { digestSizes, hash, type HashAlgorithm } from '../../../../src/core/crypto/index.ts';
import {
  annotateEventLog,
  appendUserspaceLog,
  digestsOfUserspace,
  encodeEventLog,
  parseEventLog,
  parseUserspaceLog,
  readFacts,
  replayEventLog,
  verifyEventLog,
  type EventToEncode,
  type ReplayedLog,
  type UserspaceToEncode,
} from '../../../../src/core/event-log/index.ts';
import { exitBootServicesActions } from '../../../../src/core/event-log/exit-boot-services.ts';
import type { AttestedPcrs, PcrValues } from '../../../../src/core/tpm/index.ts';
import { action, attest, labLog, refuses, section, separator } from '../logs.ts';
import { measured, readSystemd, systemdRuns, userspaceBytes } from './userspace.ts';

type Bank = HashAlgorithm;
const boot = [separator(0), separator(5), ...section('.linux', 'kernel')];
const records = [measured(11, 'enter-initrd'), measured(15, 'machine-id:x'), measured(11, 'ready')];

interface Story {
  readonly firmware?: readonly EventToEncode[];
  /** What was really extended after the boot. */
  readonly extended?: readonly UserspaceToEncode[];
  /** What the userspace log says. */
  readonly told?: readonly UserspaceToEncode[];
  /** What the firmware log says, where that is not what firmware measured. */
  readonly logged?: readonly EventToEncode[];
  readonly banks?: readonly Bank[];
  readonly locality?: 0 | 3;
}

/** Values after `firmware` and `extended`, in PCR 0 to 22: what a TPM would attest. */
function attestStory({ firmware = boot, extended = records, banks = ['sha256'], locality = 0 }: Story): AttestedPcrs {
  const log = parseEventLog(encodeEventLog(firmware, { banks, startupLocality: locality }));
  return attest(
    new Map(
      banks.map((bank) => {
        const values = new Map<number, Uint8Array>();
        for (let pcr = 0; pcr < 23; pcr += 1) {
          values.set(pcr, new Uint8Array(digestSizes[bank]).fill(pcr >= 17 ? 0xff : 0));
        }
        for (const [pcr, value] of replayEventLog(log, bank)) values.set(pcr, value);
        for (const record of extended) {
          const { index } = record.register;
          const digest = digestsOfUserspace(record, banks).get(bank);
          const value = values.get(index);
          if (digest !== undefined && value !== undefined) values.set(index, hash(bank, value, digest));
        }
        return [bank, values] as const;
      }),
    ),
  );
}

function tell(story: Story): ReplayedLog {
  const { firmware = boot, extended = records, told = extended, logged = firmware, banks = ['sha256'] } = story;
  const log = parseEventLog(encodeEventLog(logged, { banks }));
  return verifyEventLog(log, attestStory(story), parseUserspaceLog(userspaceBytes(told, banks)));
}

function statuses(log: ReplayedLog, ...pcrs: readonly number[]): readonly (string | undefined)[] {
  return pcrs.map((pcr) => log.pcrs.get(pcr));
}

describe('a userspace log behind a firmware log', () => {
  it('explains what the running system extended: bound, attributed, of no layer', () => {
    const log = tell({});
    assert.deepEqual(statuses(log, 0, 5, 11, 15), ['bound', 'bound', 'bound', 'bound']);
    assert.deepEqual(
      log.events.filter(({ untrustedOrigin }) => untrustedOrigin === 'userspace').map((event) => event.description),
      ['boot phase enter-initrd', 'machine-id:x', 'boot phase ready'],
    );
    assert.ok(log.events.every(({ layer, untrustedOrigin }) => untrustedOrigin !== 'userspace' || layer === undefined));
    const { before, ...counts } = log.userspace ?? assert.fail();
    assert.deepEqual(counts, { records: 3, confirmed: 3, later: 0, nvRecords: 0 });
    assert.deepEqual([...(before.get('sha256')?.keys() ?? [])], [11, 15]);
  });

  it('leaves registers that only it could explain unexplained when it is absent', () => {
    const log = verifyEventLog(parseEventLog(encodeEventLog(boot, { banks: ['sha256'] })), attestStory({}));
    assert.deepEqual(statuses(log, 0, 11, 15), ['bound', 'mismatch', 'unlogged']);
    assert.equal(log.userspace, undefined);
    assert.ok(log.events.every(({ pcr }) => pcr !== 11));
  });

  it('numbers its events behind those of firmware, by their place in it', () => {
    const first = parseEventLog(encodeEventLog(boot, { banks: ['sha256'] })).events.length;
    const nv: UserspaceToEncode = { register: { kind: 'nv', index: 0x1d10200 }, text: 'product-id:x', eventType: 'x' };
    const { events, userspace } = tell({ told: [nv, ...records] });
    assert.deepEqual(
      events.slice(-3).map(({ index }) => index),
      [first + 1, first + 2, first + 3],
    );
    assert.equal(userspace?.nvRecords, 1);
  });

  it('leaves out records at the end of a register that were not extended when it was quoted', () => {
    const log = tell({ told: [...records, measured(11, 'shutdown'), measured(12, 'unheard of')] });
    assert.deepEqual(statuses(log, 11, 12, 15), ['bound', 'bound', 'bound']);
    assert.deepEqual([log.userspace?.confirmed, log.userspace?.later], [3, 2]);
    assert.ok(!log.events.some(({ description }) => /shutdown|unheard/.test(description)));
  });

  it('takes the least number of records: one that was told and never extended adds nothing', () => {
    const log = tell({ extended: [], told: [measured(11, 'ready')] });
    assert.deepEqual(statuses(log, 11), ['bound']);
    assert.deepEqual([log.userspace?.confirmed, log.userspace?.later], [0, 1]);
  });

  const lies: Readonly<Record<string, readonly UserspaceToEncode[]>> = {
    'a record left out': records.slice(1),
    'a record added before another': [measured(11, 'sysinit'), ...records],
    'two records swapped': [...records].reverse(),
    'another text': [measured(11, 'leave-initrd'), ...records.slice(1)],
  };
  for (const [lie, told] of Object.entries(lies)) {
    it(`does not explain PCR 11 with ${lie}, and says nothing of its events`, () => {
      const log = tell({ told });
      assert.deepEqual(statuses(log, 11, 15), ['mismatch', 'bound']);
      assert.ok(!log.events.some(({ pcr }) => pcr === 11));
      assert.equal(log.userspace?.confirmed, 1);
    });
  }

  it('does not explain what was extended by hand and written nowhere', () => {
    const log = tell({ extended: [...records, measured(11, 'evil'), measured(4, 'evil')], told: records });
    assert.deepEqual(statuses(log, 4, 11, 15), ['unlogged', 'mismatch', 'bound']);
  });

  it('never binds text beside a digest of something else', () => {
    const key = new Map([['sha256' as const, hash('sha256', encodeUtf8('hmac under the volume key'))]]);
    const record = measured(15, 'cryptsetup:root:uuid', { eventType: 'volume-key', digests: key });
    const log = tell({ extended: [record] });
    const event = log.events.at(-1);
    assert.deepEqual(statuses(log, 15), ['bound']);
    assert.equal(event?.dataBound, false);
    assert.equal(event.description, '(unverified) volume-key cryptsetup:root:uuid');
    assert.equal(event.measurement, undefined);
  });

  it('comes after firmware in every register: what firmware is said to have measured cannot be put behind it', () => {
    const swapped = { firmware: [...boot, separator(9)], extended: [measured(9, 'os-separator')] };
    assert.deepEqual(statuses(tell(swapped), 9), ['bound']);
    const reversed = [{ ...separator(9), measured: encodeUtf8('os-separator') }];
    const lie = { ...swapped, logged: [...boot, ...reversed], told: [measured(9, '\0\0\0\0')] };
    assert.deepEqual(statuses(tell(lie), 9), ['mismatch']);
  });

  it('gives the registers as the kernel found them, for what it hashed when it started', () => {
    const story = {
      firmware: [...boot, action(9, 'file')],
      extended: [measured(9, 'os-separator'), measured(0, 'os-separator')],
    };
    const before = tell(story).userspace?.before.get('sha256');
    const kernel = replayEventLog(parseEventLog(encodeEventLog(story.firmware, { banks: ['sha256'] })), 'sha256');
    assert.deepEqual(before, new Map([9, 0].map((pcr) => [pcr, kernel.get(pcr)])));
  });

  it('finds a PCR 0 that started from a locality which the firmware log does not tell', () => {
    const log = tell({ locality: 3, extended: [measured(0, 'os-separator')] });
    assert.deepEqual(statuses(log, 0), ['bound']);
    assert.equal(log.startupLocality, 3);
    assert.deepEqual(
      log.quirks.map(({ id }) => id),
      ['startup-locality-found'],
    );
  });

  it('finds the end of boot services, which the firmware log lacks, before what the system measured', () => {
    const { invocation, failure, success } = exitBootServicesActions;
    const ends = [invocation, failure, success].map((data) => ({ ...separator(5), data }));
    const story = { firmware: [...boot, ...ends], logged: boot, extended: [measured(5, 'os-separator')] };
    const log = tell(story);
    assert.deepEqual(statuses(log, 5), ['bound']);
    assert.deepEqual(
      log.quirks.map(({ id }) => id),
      ['exit-boot-services-unlogged'],
    );
    assert.deepEqual(statuses(tell({ ...story, told: [measured(5, 'other')] }), 5), ['mismatch']);
  });

  it('leaves the registers of a dynamic launch alone: what it says of them was never extended', () => {
    const log = tell({ told: [...records, measured(17, 'x'), measured(22, 'x')] });
    assert.deepEqual(statuses(log, 17, 22), ['bound', 'bound']);
    assert.equal(log.userspace?.later, 2);
  });

  it('counts no record of a register that was not quoted as confirmed', () => {
    const { banks } = attestStory({});
    const quoted = new Map([...banks].map(([bank, values]) => [bank, without(values, 15)] as const));
    const log = verifyEventLog(
      parseEventLog(encodeEventLog(boot, { banks: ['sha256'] })),
      attest(quoted),
      parseUserspaceLog(userspaceBytes(records)),
    );
    assert.equal(log.pcrs.get(15), undefined);
    assert.deepEqual([log.userspace?.confirmed, log.userspace?.later], [2, 0]);
    assert.ok(!log.events.some(({ pcr }) => pcr === 15));
  });

  it('is held against every bank at once: a record that is right in one only explains nothing', () => {
    const banks = ['sha1', 'sha256'] as const;
    assert.deepEqual(statuses(tell({ banks }), 11, 15), ['bound', 'bound']);
    const right = digestsOfUserspace(records[0] ?? assert.fail(), banks);
    const halves = new Map([...right].map(([bank, value]) => [bank, bank === 'sha1' ? hash('sha1', value) : value]));
    const told = [{ ...(records[0] ?? assert.fail()), digests: halves }, ...records.slice(1)];
    assert.deepEqual(statuses(tell({ banks, told }), 11, 15), ['mismatch', 'bound']);
  });

  it('bears records that name no bank of the quote, and banks that a record does not name', () => {
    const only = (alg: Bank): ReadonlyMap<Bank, Uint8Array> => new Map([[alg, hash(alg, encodeUtf8('ready'))]]);
    const banks = ['sha1', 'sha256'] as const;
    const extended = [measured(11, 'ready', { digests: only('sha256') })];
    const log = tell({ banks, extended });
    assert.deepEqual(statuses(log, 11), ['bound']);
    assert.equal(log.events.at(-1)?.measurement?.kind, 'phase');
    const other = tell({ extended: [], told: [measured(11, 'ready', { digests: only('sha512') })] });
    assert.deepEqual(statuses(other, 11), ['bound']);
    assert.equal(other.userspace?.later, 1);
  });

  it('refuses to stand behind the log of a confidential guest', () => {
    const guest = {
      ...parseEventLog(encodeEventLog(boot, { banks: ['sha256'] })),
      registers: 'confidential-guest' as const,
    };
    const userspace = parseUserspaceLog(userspaceBytes(records));
    refuses('EVENT_LOG_REGISTERS_FOREIGN', () => appendUserspaceLog(guest, userspace));
    refuses('EVENT_LOG_REGISTERS_FOREIGN', () => verifyEventLog(guest, attestStory({}), userspace));
  });

  it('never makes a register bound that holds something else, whatever it says', () => {
    const texts = fc.constantFrom('enter-initrd', 'ready', 'os-separator', 'evil', 'x');
    const anything = fc.array(fc.tuple(fc.constantFrom(0, 4, 5, 9, 11, 15), texts), { maxLength: 8 });
    fc.assert(
      fc.property(anything, anything, (extended, told) => {
        const [really, claimed] = [extended, told].map((list) => list.map(([pcr, text]) => measured(pcr, text)));
        if (!really || !claimed || claimed.length === 0) return;
        const log = tell({ extended: really, told: claimed });
        for (const pcr of [0, 4, 5, 9, 11, 15]) {
          const textsOf = (list: readonly UserspaceToEncode[]): string[] =>
            list.filter(({ register }) => register.index === pcr).map(({ text }) => text);
          const isTrue: boolean = textsOf(really).every((text, place) => textsOf(claimed)[place] === text);
          assert.equal(log.pcrs.get(pcr) === 'bound', isTrue, `PCR ${pcr}`);
        }
      }),
    );
  });
});

describe('logs that systemd wrote', () => {
  for (const { run, boot: captured } of systemdRuns) {
    const pcrs = attest(new Map([['sha256', fixturePcrs(run)]]));
    const log = verifyEventLog(
      parseEventLog(labLog(captured)),
      pcrs,
      parseUserspaceLog(readSystemd(run, 'tpm2-measure.json-seq')),
    );

    it(`${run}: every register that the boot and systemd extended is explained`, () => {
      const unexplained = [...log.pcrs].filter(([, status]) => status !== 'bound').map(([pcr]) => pcr);
      // The kernel's list explains PCR 10.
      assert.deepEqual(
        unexplained.filter((pcr) => pcr !== 10),
        [],
      );
      const { records: total, confirmed, later, nvRecords } = log.userspace ?? assert.fail();
      assert.equal(later, 0);
      assert.equal(confirmed + nvRecords, total);
    });

    it(`${run}: tells the facts of the boot as without systemd, and the phases besides`, () => {
      const firmware = parseEventLog(labLog(captured));
      const alone = readFacts(verifyEventLog(firmware, attest(new Map([['sha256', bootPcrs(captured)]]))));
      const { bootPhases, ...facts } = readFacts(log);
      for (const name of Object.keys(facts) as (keyof typeof facts)[]) assert.deepEqual(facts[name], alone[name], name);
      assert.deepEqual(
        bootPhases.map(({ value }) => value),
        ['enter-initrd', 'leave-initrd', 'sysinit', 'ready'],
      );
    });

    it(`${run}: explains nothing of them without the log`, () => {
      const silent = verifyEventLog(parseEventLog(labLog(captured)), pcrs);
      assert.equal(silent.pcrs.get(11), 'mismatch');
      assert.equal(silent.pcrs.get(15), 'unlogged');
    });
  }

  it('are merged for inspection without any attested value', () => {
    const merged = appendUserspaceLog(
      parseEventLog(labLog('sdboot-uki')),
      parseUserspaceLog(readSystemd('systemd-262', 'tpm2-measure.json-seq')),
    );
    const { events, replayed } = annotateEventLog(merged, 'sha256');
    assert.deepEqual(replayed.get(11), fixturePcrs('systemd-262').get(11));
    assert.deepEqual(
      [...new Set(events.map(({ untrustedOrigin }) => untrustedOrigin))],
      ['firmware', 'loader', 'stub', 'userspace'],
    );
  });
});

function without(values: PcrValues, left: number): PcrValues {
  return new Map([...values].filter(([pcr]) => pcr !== left));
}

/** As the TPM showed them after systemd ran. */
function fixturePcrs(run: string): PcrValues {
  const banks = JSON.parse(new TextDecoder().decode(readSystemd(run, 'pcrs.json'))) as Record<
    string,
    Record<string, string>
  >;
  const values = Object.entries(banks['sha256'] ?? {}).map(([pcr, value]) => [Number(pcr), decodeHex(value)] as const);
  return new Map(values.filter(([pcr]) => pcr !== 16 && pcr !== 23));
}

function bootPcrs(captured: 'uki' | 'sdboot-uki'): PcrValues {
  return replayEventLog(parseEventLog(labLog(captured)), 'sha256');
}
