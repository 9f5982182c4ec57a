// What the running system measures and says, held against registers: who is trusted, who is not, and what a liar gains.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { hash } from '../../../../src/core/crypto/index.ts';
import {
  digestsOfUserspace,
  encodeUtf16,
  type EventToEncode,
  type UserspaceToEncode,
} from '../../../../src/core/event-log/index.ts';
import { appraise } from '../../../../src/core/appraisal/index.ts';
import type { Finding, Verdict } from '../../../../src/core/verdict/index.ts';
import { measured, userspaceBytes } from '../../event-log/userspace/userspace.ts';
import { labPolicy } from '../lab.ts';
import { capturePaper, event, paperHost } from '../paper-host.ts';

const at = new Date('2026-11-25T12:00:00Z');
const loader = event(4, 'EV_EFI_BOOT_SERVICES_APPLICATION', 'systemd-boot', 'systemd-boot image');
const stub = event(4, 'EV_EFI_BOOT_SERVICES_APPLICATION', 'uki', 'uki image');
const section = (name: string, content: string): readonly EventToEncode[] => [
  event(11, 'EV_IPL', encodeUtf16(`${name}\0`), `${name}\0`),
  event(11, 'EV_IPL', encodeUtf16(`${name}\0`), content),
];
const commandLine = event(12, 'EV_IPL', encodeUtf16('quiet\0'), encodeUtf16('quiet'));
const credentials = event(12, 'EV_IPL', encodeUtf16('Credentials initrd\0'), 'a cpio archive');
const initrd = event(9, 'EV_IPL', '/boot/initrd.img', 'initrd bytes');
const boot = [loader, stub, ...section('.linux', 'kernel'), commandLine, credentials, initrd];
const goldens = capturePaper(boot);
const layers = ['boot-loader', 'kernel', 'kernel-command-line', 'initrd'];

const phases = ['enter-initrd', 'leave-initrd', 'sysinit', 'ready'].map((phase) => measured(11, phase));
const nvName = `000b${'ab'.repeat(32)}`;
const machineId = measured(15, `machine-id:${'4c'.repeat(16)}`, { eventType: 'machine-id' });
const volumeKey = measured(15, 'cryptsetup:root:uuid', {
  eventType: 'volume-key',
  digests: new Map([['sha256', hash('sha256', encodeUtf8('hmac'))]]),
});

interface Story {
  /** What firmware and boot loaders measured. */
  readonly firmware?: readonly EventToEncode[];
  /** What was extended after the boot. */
  readonly extended?: readonly UserspaceToEncode[];
  /** The firmware log, where it does not say what firmware measured. */
  readonly logged?: readonly EventToEncode[];
  /** The userspace log, where it does not say what was extended; `none`: the host sends none. */
  readonly told?: readonly UserspaceToEncode[] | Uint8Array | 'none';
  readonly demanded?: readonly string[];
}

function appraiseStory(story: Story): Verdict {
  const { firmware = boot, extended = phases, logged = firmware, told = extended, demanded = layers } = story;
  const later = extended.map((record): EventToEncode => {
    const { index } = record.register;
    return { pcr: index, type: 0xd, data: encodeUtf8('x'), digests: digestsOfUserspace(record, ['sha256']) };
  });
  const { evidence, trust } = paperHost([...firmware, ...later], goldens, logged);
  const bytes = told instanceof Uint8Array ? told : told === 'none' ? undefined : userspaceBytes(told);
  const given = bytes === undefined ? evidence : { ...evidence, userspaceLog: bytes };
  return appraise(given, trust, labPolicy({ layers: demanded }), at);
}

function codesOf({ findings }: Verdict): readonly string[] {
  return findings.map(({ code }) => code);
}

function only(verdict: Verdict, code: string): Finding {
  const found = verdict.findings.filter((finding) => finding.code === code);
  assert.equal(found.length, 1, codesOf(verdict).join(', '));
  return found[0] ?? assert.fail();
}

describe('what the running system measured', () => {
  it('is explained by its log: the layers are those of the boot, and nothing is left to say', () => {
    const verdict = appraiseStory({ extended: [...phases, machineId, volumeKey] });
    assert.deepEqual(codesOf(verdict), []);
    assert.equal(verdict.status, 'affirming');
  });

  it('is unexplained without the log: a boot phase leaves the layers of PCR 11 unproved, and the remedy is said', () => {
    const verdict = appraiseStory({ told: 'none' });
    assert.equal(verdict.status, 'none');
    const { pcr, message, remedy } = only(verdict, 'LOG_PCR_MISMATCH');
    assert.equal(pcr, 11);
    assert.match(message, /PCR 11, so these layers are unproved: kernel, kernel-command-line, initrd\.$/);
    assert.match(remedy, /userspace log/);
    assert.deepEqual(Object.keys(verdict.layers), ['boot-loader']);
  });

  it('is decided by layer: what no demanded layer uses may stay unexplained, and is named', () => {
    const story = { extended: [...phases, machineId], told: 'none', demanded: ['boot-loader'] } as const;
    const verdict = appraiseStory({ ...story, firmware: [loader], logged: [loader] });
    assert.equal(verdict.status, 'affirming');
    assert.deepEqual(
      verdict.findings.map(({ code, severity, pcr }) => [code, severity, pcr]),
      [
        ['LOG_PCR_UNEXPLAINED', 'info', 11],
        ['LOG_PCR_UNEXPLAINED', 'info', 15],
      ],
    );
    const all = appraiseStory({ ...story, firmware: [loader, ...section('.linux', 'kernel')] });
    assert.ok(codesOf(all).includes('LOG_PCR_MISMATCH_UNDEMANDED'));
  });

  it('may close the registers of the boot: the separator belongs to no layer', () => {
    const pcrs = [0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14];
    const separators = pcrs.map((pcr) => measured(pcr, 'os-separator', { eventType: 'os-separator' }));
    const verdict = appraiseStory({ extended: [...separators, ...phases] });
    assert.deepEqual(codesOf(verdict), []);
    assert.equal(verdict.status, 'affirming');
    assert.equal(appraiseStory({ extended: [...separators, ...phases], told: phases }).status, 'none');
  });

  it('may tell its NvPCRs in PCR 9, among the files of the boot', () => {
    const nvPcrs = [
      measured(9, `nvpcr-init:hardware:0x1d10200:${nvName}`),
      measured(9, 'nvpcr-separator'),
      { ...measured(0, 'product-id:missing'), register: { kind: 'nv', index: 0x1d10200 } as const },
    ];
    const verdict = appraiseStory({ extended: nvPcrs.slice(0, 2), told: nvPcrs });
    assert.deepEqual(codesOf(verdict), []);
    assert.equal(verdict.status, 'affirming');
  });

  it('says who the host is in PCR 15, which no layer uses: the verdict is the same with and without', () => {
    const extended = [...phases, machineId, volumeKey];
    assert.equal(appraiseStory({ extended }).status, 'affirming');
    const silent = appraiseStory({ extended, told: phases });
    assert.equal(silent.status, 'affirming');
    assert.equal(only(silent, 'LOG_PCR_UNEXPLAINED').pcr, 15);
    const lie = appraiseStory({ extended, told: [...phases, measured(15, 'machine-id:forged')] });
    assert.equal(lie.status, 'affirming');
    assert.equal(only(lie, 'LOG_PCR_MISMATCH_UNDEMANDED').pcr, 15);
  });

  it('belongs to nobody where systemd has no mark for it: configuration that came later is refused', () => {
    const verdict = appraiseStory({ extended: [...phases, measured(12, 'imds-userdata:...')] });
    assert.equal(verdict.status, 'none');
    const finding = only(verdict, 'LOG_EVENT_UNCLAIMED');
    assert.deepEqual([finding.pcr, finding.observed], [12, 'imds-userdata:...']);
    const custom = appraiseStory({ extended: [...phases, measured(11, 'a phase of our own')] });
    assert.equal(only(custom, 'LOG_EVENT_UNCLAIMED').pcr, 11);
  });

  it('never passes for command line or credentials of the boot: those are of layer kernel-command-line', () => {
    assert.deepEqual(
      boot.filter(({ pcr }) => pcr === 12),
      [commandLine, credentials],
    );
    const late = [measured(12, 'Credentials initrd', { digests: digestOf(credentials) })];
    const verdict = appraiseStory({ firmware: boot.filter((e) => e !== credentials), extended: late });
    assert.deepEqual(codesOf(verdict), ['LOG_EVENT_UNCLAIMED', 'KERNEL_COMMAND_LINE_DIVERGED']);
    assert.equal(verdict.status, 'contraindicated');
  });
});

describe('somebody who extends a register by hand after the boot', () => {
  const evil = measured(11, 'evil');

  it('is refused where he writes it down nowhere', () => {
    const verdict = appraiseStory({ extended: [...phases, evil], told: phases });
    const { message, remedy } = only(verdict, 'LOG_PCR_MISMATCH');
    assert.match(message, /^Event log and userspace log together do not lead to the attested value of PCR 11/);
    assert.doesNotMatch(remedy, /have the agent send/);
    assert.equal(verdict.status, 'none');
  });

  it('is refused where he writes it into the userspace log', () => {
    const verdict = appraiseStory({ extended: [...phases, evil] });
    assert.equal(only(verdict, 'LOG_EVENT_UNCLAIMED').observed, 'evil');
    assert.equal(verdict.status, 'none');
  });

  it('is refused where he calls it what a layer lacks', () => {
    const [name, content] = section('.linux', 'kernel');
    const firmware = boot.filter(({ pcr }) => pcr !== 11);
    const parts = [name, content].map((part) => measured(11, '.linux', { digests: digestOf(part ?? assert.fail()) }));
    const verdict = appraiseStory({ firmware, extended: [...parts, ...phases] });
    const codes = codesOf(verdict);
    assert.equal(codes.filter((code) => code === 'LOG_EVENT_UNCLAIMED').length, 2);
    assert.ok(codes.includes('LAYER_NOT_OBSERVED'), codes.join());
    assert.deepEqual(Object.keys(verdict.layers), ['kernel-command-line', 'initrd']);
    assert.equal(verdict.status, 'contraindicated');
  });

  it('is refused where he writes it into the firmware log, behind what the system measured before', () => {
    const firmware = boot.filter(({ pcr }) => pcr !== 11);
    const mark = event(11, 'EV_IPL', encodeUtf16('.osrel\0'), 'enter-initrd');
    const logged = [...firmware, mark, ...section('.linux', 'kernel')];
    const parts = section('.linux', 'kernel').map((part) => measured(11, 'x', { digests: digestOf(part) }));
    const extended = [measured(11, 'enter-initrd'), ...parts];
    const verdict = appraiseStory({ firmware, extended, logged, told: 'none' });
    assert.deepEqual(Object.keys(verdict.layers), layers);
    const finding = only(verdict, 'LOG_LAYER_AFTER_SYSTEM');
    assert.deepEqual([finding.pcr, finding.event], [11, logged.length - 1]);
    assert.equal(verdict.status, 'contraindicated');
  });

  it('is refused in each register that the separator of the system has closed', () => {
    const separator = measured(4, 'os-separator');
    const late = measured(4, 'x', { digests: digestOf(stub) });
    const firmware = boot.filter((each) => each !== stub);
    const logged = [loader, event(4, 'EV_SEPARATOR', 'junk', 'os-separator'), stub, ...boot.slice(2)];
    const verdict = appraiseStory({ firmware, extended: [separator, late, ...phases], logged, told: phases });
    assert.deepEqual(codesOf(verdict), ['LOG_LAYER_AFTER_SYSTEM']);
    assert.equal(verdict.status, 'contraindicated');
  });

  it('is refused where no system has run yet either: the firmware log holds one event more than anybody signed', () => {
    const logged = [...boot, event(11, 'EV_IPL', encodeUtf16('.linux\0'), 'evil')];
    const verdict = appraiseStory({ extended: [evil], logged, told: 'none' });
    assert.ok(codesOf(verdict).includes('KERNEL_DIVERGED'));
  });

  it('gets a short answer, however much he measures', () => {
    const many = Array.from({ length: 300 }, (_, index) => measured(11, `evil ${index}`));
    const verdict = appraiseStory({ extended: many });
    const found = verdict.findings.filter(({ code }) => code === 'LOG_EVENT_UNCLAIMED');
    assert.equal(found.length, 20);
    assert.match(found.at(-1)?.message ?? '', /\(and 280 more events\)\.$/);
    assert.ok(found.slice(0, -1).every(({ message }) => !message.includes('more events')));
  });
});

describe('a userspace log', () => {
  it('that cannot be read is left aside and named; nothing else is worse for it', () => {
    const verdict = appraiseStory({ extended: [], told: encodeUtf8('no such log') });
    assert.equal(verdict.status, 'affirming');
    const { severity, observed, message } = only(verdict, 'LOG_USERSPACE_UNREADABLE');
    assert.deepEqual([severity, observed], ['info', 'EVENT_LOG_USERSPACE_INVALID']);
    assert.match(message, /^The userspace log is left aside: .*record separator/);
    const needed = appraiseStory({ told: encodeUtf8('no such log') });
    assert.deepEqual(codesOf(needed), ['LOG_USERSPACE_UNREADABLE', 'LOG_PCR_MISMATCH']);
  });

  it('that is empty is no log', () => {
    assert.deepEqual(codesOf(appraiseStory({ extended: [], told: new Uint8Array() })), []);
  });

  it('that goes on after the quote is used as far as the quote goes, and that is said', () => {
    const verdict = appraiseStory({ told: [...phases, measured(11, 'shutdown'), measured(12, 'evil')] });
    assert.equal(verdict.status, 'affirming');
    assert.match(only(verdict, 'LOG_USERSPACE_LATER').message, /: 2 were left out\.$/);
  });

  it('is not even read where the quote does not hold', () => {
    const { evidence, trust } = paperHost(boot, goldens);
    const signature = evidence.signature.map((byte, index) =>
      index === evidence.signature.length - 1 ? byte ^ 1 : byte,
    );
    const broken = { ...evidence, signature, userspaceLog: encodeUtf8('no such log') };
    const verdict = appraise(broken, trust, labPolicy({ layers }), at);
    assert.ok(!codesOf(verdict).includes('LOG_USERSPACE_UNREADABLE'));
  });

  it('is nothing without a firmware log: an empty one is refused, whatever the system says', () => {
    const { evidence, trust } = paperHost(boot, goldens);
    for (const eventLog of [undefined, new Uint8Array()]) {
      const verdict = appraise(
        { ...evidence, eventLog, userspaceLog: userspaceBytes(phases) },
        trust,
        labPolicy({ layers }),
        at,
      );
      assert.equal(verdict.status, 'none');
      assert.deepEqual(verdict.layers, {});
    }
  });

  it('never makes a tampered boot good, nor a good one bad, whatever its bytes are', () => {
    const [tampered, untouched] = [
      { firmware: [...boot.slice(0, -1), event(9, 'EV_IPL', '/boot/initrd.img', 'evil initrd')], extended: [] },
      { extended: [] },
    ];
    const texts = fc.constantFrom(
      'enter-initrd',
      'os-separator',
      'nvpcr-separator',
      'initrd bytes',
      'evil initrd',
      'x',
    );
    const records = fc
      .array(fc.tuple(fc.constantFrom(4, 9, 11, 12, 15), texts), { minLength: 1, maxLength: 6 })
      .map((list) => userspaceBytes(list.map(([pcr, text]) => measured(pcr, text))));
    fc.assert(
      fc.property(fc.oneof(records, fc.uint8Array({ maxLength: 100 })), (told) => {
        assert.equal(appraiseStory({ ...tampered, told }).status, 'contraindicated');
        assert.equal(appraiseStory({ ...untouched, told }).status, 'affirming');
      }),
      { numRuns: 40 },
    );
  });
});

function digestOf({ measured: bytes, data }: EventToEncode): ReadonlyMap<'sha256', Uint8Array> {
  return new Map([['sha256', hash('sha256', bytes ?? data)]]);
}
