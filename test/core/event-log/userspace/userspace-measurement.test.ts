import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { hash, type HashAlgorithm } from '../../../../src/core/crypto/index.ts';
import { bootPhases, isSystemMark, type UserspaceMeasurement } from '../../../../src/core/event-log/index.ts';
import { describeMeasurement } from '../../../../src/core/event-log/userspace/describe-measurement.ts';
import { readMeasurement } from '../../../../src/core/event-log/userspace/userspace-measurement.ts';

const uuid = '11111111-2222-3333-4444-555555555555';
const nvName = `000b${'ab'.repeat(32)}`;
const texts = {
  nvPcr: `nvpcr-init:hardware:0x1d10200:${nvName}`,
  machineId: `machine-id:${'4c'.repeat(16)}`,
  fileSystem: `file-system:ext4:${uuid}:root:${uuid}:${uuid}:Linux root`,
};

function digestOf(text: string, alg: HashAlgorithm = 'sha256') {
  return { alg, value: hash(alg, encodeUtf8(text)) };
}

/** An event whose digest covers the text, or, without `covered`, does not: then nothing but the digest is known. */
function read(text: string, covered = true): UserspaceMeasurement | undefined {
  const digest = digestOf(text);
  return readMeasurement(covered ? { digest, boundContent: encodeUtf8(text) } : { digest });
}

function isMark(pcr: number, text: string, covered = true): boolean {
  const measurement = read(text, covered);
  return isSystemMark({ pcr, digest: digestOf(text), ...(measurement ? { measurement } : {}) });
}

describe('readMeasurement', () => {
  for (const alg of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
    it(`tells each boot phase and separator by its digest in bank ${alg}, whatever stands beside it`, () => {
      const phases = bootPhases.map((phase) => readMeasurement({ digest: digestOf(phase, alg) }));
      assert.deepEqual(
        phases,
        bootPhases.map((phase) => ({ kind: 'phase', phase })),
      );
      for (const kind of ['os-separator', 'nvpcr-separator'] as const) {
        const boundContent = encodeUtf8('something else');
        assert.deepEqual(readMeasurement({ digest: digestOf(kind, alg), boundContent }), { kind });
      }
    });
  }

  it('reads NvPCRs, machine ids and file systems from text that the digest covers', () => {
    assert.deepEqual(read(texts.nvPcr), { kind: 'nvpcr-init', name: 'hardware', nvIndex: 0x1d10200, nvName });
    assert.deepEqual(read(texts.machineId), { kind: 'machine-id', machineId: '4c'.repeat(16) });
    assert.deepEqual(read(texts.fileSystem), {
      kind: 'file-system',
      type: 'ext4',
      uuid,
      label: 'root',
      partition: uuid,
      partitionType: uuid,
      partitionLabel: 'Linux root',
    });
  });

  it('knows nothing of text that no digest covers', () => {
    for (const text of Object.values(texts)) assert.equal(read(text, false), undefined);
  });

  const others = [
    '',
    'Ready',
    'ready\0',
    'a phase of our own',
    `cryptsetup:root:${uuid}`,
    `nvpcr-init:hardware:0x1d10200:${nvName}:more`,
    `nvpcr-init::0x1d10200:${nvName}`,
    `nvpcr-init:../x:0x1d10200:${nvName}`,
    `nvpcr-init:hardware:1d10200:${nvName}`,
    `nvpcr-init:hardware:0x1d10200:${nvName.toUpperCase()}`,
    `nvpcr-init:hardware:0x1d10200:${nvName}\n`,
    'nvpcr-init:hardware:0x1d10200:000b',
    'machine-id:4c',
    `machine-id:${'4C'.repeat(16)}`,
    `${texts.fileSystem}:seventh`,
    'file-system:ext4:uuid',
    `machine-id:${'4c'.repeat(16)}${' '.repeat(3000)}`,
  ];
  for (const text of others) {
    it(`takes ${JSON.stringify(text.slice(0, 60))} for nothing that systemd measures`, () => {
      assert.equal(read(text), undefined);
    });
  }

  it('bears bytes that are no text, and any text', () => {
    const boundContent = Uint8Array.of(0xff, 0xfe, 0xc0);
    assert.equal(readMeasurement({ digest: digestOf('x'), boundContent }), undefined);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const found = read(`file-system:${text}`);
        assert.ok(found === undefined || found.kind === 'file-system');
      }),
    );
  });
});

describe('isSystemMark', () => {
  const all = Array.from({ length: 24 }, (_, pcr) => pcr);
  const pcrsOf = (text: string, covered = true): number[] => all.filter((pcr) => isMark(pcr, text, covered));

  it('holds for each mark in the PCRs that systemd extends with it, and in no other', () => {
    for (const phase of bootPhases) assert.deepEqual(pcrsOf(phase, false), [11]);
    assert.deepEqual(pcrsOf('os-separator', false), [0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14]);
    assert.deepEqual(pcrsOf('nvpcr-separator', false), [9]);
    assert.deepEqual(pcrsOf(texts.nvPcr), [9]);
  });

  it('does not hold for what says something about the host, nor for what is not covered', () => {
    for (const text of [texts.machineId, texts.fileSystem, 'a phase of our own']) assert.deepEqual(pcrsOf(text), []);
    assert.deepEqual(pcrsOf(texts.nvPcr, false), []);
  });
});

describe('describeMeasurement', () => {
  const describeText = (text: string, covered = true): string =>
    describeMeasurement(read(text, covered), { string: text, eventType: 'volume-key' }, covered);

  it('says what the digest proves', () => {
    assert.equal(describeText('ready', false), 'boot phase ready');
    assert.equal(describeText('os-separator', false), 'separator of the operating system');
    assert.equal(describeText('nvpcr-separator', false), 'separator behind the NvPCRs');
    assert.equal(describeText(texts.nvPcr), `NvPCR hardware at 0x1d10200, name ${nvName}`);
    assert.equal(describeText(texts.machineId), `machine id ${'4c'.repeat(16)}`);
    assert.equal(describeText(texts.fileSystem), `file system ext4 ${uuid} "root"`);
  });

  it('says the text alone where the digest covers the text: the type is never covered', () => {
    assert.equal(describeText('a phase of our own'), 'a phase of our own');
  });

  it('says that everything else is not verified', () => {
    assert.equal(describeText(`cryptsetup:root:${uuid}`, false), `(unverified) volume-key cryptsetup:root:${uuid}`);
    assert.equal(describeMeasurement(undefined, {}, false), '(unverified) no description');
  });

  it('is printable, whatever the host wrote', () => {
    const text = 'two\nlines \u001b[31mand a \u202ecolour';
    for (const covered of [true, false]) assert.doesNotMatch(describeText(text, covered), /\p{C}/u);
  });
});
