import assert from 'node:assert/strict';
import { encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { annotateEventLog, encodeEventLog, isSystemMark, parseEventLog } from '../../../src/core/event-log/index.ts';
import {
  authenticodeDigest,
  createPredictedStatements,
  parsePortableExecutable,
  predictBoot,
  readPredictionGaps,
  type BootPlan,
} from '../../../src/core/prediction/index.ts';
import { labBootLog, makePe, makeUnifiedKernel, measuredDigests } from './material.ts';

const labSections = {
  '.linux': 'kernel',
  '.osrel': 'NAME="Lab OS"\nID=labos\nVERSION_ID=1\nPRETTY_NAME="Lab OS 1"\n',
  '.cmdline': 'console=ttyS0,115200 ima_policy=tcb ima_hash=sha256 rootfstype=ramfs lab.bridge=1',
  '.initrd': 'initrd',
};
const evil = { ...labSections, '.cmdline': `${labSections['.cmdline']} lab.evil=1` };
const boot = makePe([
  { name: '.text', content: encodeUtf8('boot loader') },
  { name: '.sdmagic', content: encodeUtf8('#### LoaderInfo: systemd-boot 252.1 ####\0') },
]);

function plan(version: number, sections: Readonly<Record<string, string>>, more: Partial<BootPlan> = {}): BootPlan {
  return { banks: ['sha256'], loaders: [], unifiedKernel: makeUnifiedKernel(version, sections), ...more };
}

function digests(of: BootPlan, pcr: number): readonly string[] {
  const { events } = annotateEventLog(parseEventLog(encodeEventLog(predictBoot(of), { banks: ['sha256'] })));
  return events.filter((event) => event.pcr === pcr).map(({ digest }) => encodeHex(digest.value));
}

function names(of: BootPlan): readonly string[] {
  const measured = predictBoot(of).filter(({ pcr }) => pcr === 11);
  const text = measured.map((event) => new TextDecoder().decode(event.measured));
  return text.filter((name) => name.startsWith('.')).map((name) => name.slice(0, -1));
}

describe('the prediction of a unified kernel', () => {
  for (const [run, sections] of [
    ['uki', labSections],
    ['sdboot-uki', labSections],
    ['uki-evil', evil],
  ] as const) {
    it(`equals PCR 11 and 9 of boot ${run} in all but the kernel and initrd that we do not have here`, () => {
      const [measured, predicted] = [measuredDigests(run, 11), digests(plan(252, sections), 11)];
      assert.equal(predicted.length, measured.length);
      // The contents of .linux and .initrd are the second and the last.
      const known = (all: readonly string[]) => all.filter((_, index) => index !== 1 && index !== 7);
      assert.deepEqual(known(predicted), known(measured));
      assert.equal(digests(plan(252, sections), 9)[0], measuredDigests(run, 9)[0]);
      assert.equal(digests(plan(252, sections), 9).length, measuredDigests(run, 9).length);
    });
  }

  it('equals PCR 12 when systemd-boot starts it', () => {
    const started = plan(252, labSections, { loaders: [boot] });
    assert.deepEqual(digests(started, 12), measuredDigests('sdboot-uki', 12));
    assert.deepEqual(digests(plan(252, labSections), 12), []);
  });

  it('measures the image as a whole into PCR 4, after what started it', () => {
    const started = plan(252, labSections, { loaders: [boot] });
    const image = (bytes: Uint8Array) => encodeHex(authenticodeDigest(parsePortableExecutable(bytes), 'sha256'));
    const unified = started.unifiedKernel ?? new Uint8Array();
    assert.deepEqual(digests(started, 4).slice(-2), [image(boot), image(unified)]);
    assert.deepEqual(digests(started, 4).slice(0, 2), measuredDigests('uki', 4).slice(0, 2));
  });

  it('measures sections in the order of the stub, whatever theirs in the file, and by its version', () => {
    const all = { '.sbat': 's', '.uname': 'u', '.dtb': 'd', '.splash': 'p', '.ucode': 'm', ...labSections };
    assert.deepEqual(names(plan(256, all)), ['.linux', '.osrel', '.cmdline', '.initrd', '.ucode', '.splash', '.dtb', '.uname', '.sbat']); // prettier-ignore
    assert.deepEqual(names(plan(252, all)), ['.linux', '.osrel', '.cmdline', '.initrd', '.splash', '.dtb']);
    assert.ok(!names(plan(252, { ...all, '.pcrsig': 'signature' })).includes('.pcrsig'));
  });

  it('adds the phases of the system to PCR 11, each a mark of systemd that no layer holds', () => {
    const phases = ['enter-initrd', 'leave-initrd', 'sysinit', 'ready'];
    const events = predictBoot(plan(252, labSections, { phases }));
    const annotated = annotateEventLog(parseEventLog(encodeEventLog(events, { banks: ['sha256'] }))).events;
    const last = annotated.filter(({ pcr }) => pcr === 11).slice(-4);
    assert.deepEqual(last.map((event) => [isSystemMark(event), event.layer]), phases.map(() => [true, undefined])); // prettier-ignore
    const pcr11 = (of: BootPlan) => createPredictedStatements(predictBoot(of), { banks: ['sha256'] }).pcrs.get(11);
    assert.notDeepEqual(pcr11(plan(252, labSections, { phases })), pcr11(plan(252, labSections)));
    const layers = (of: BootPlan) => createPredictedStatements(predictBoot(of), { banks: ['sha256'] }).statements;
    assert.deepEqual(layers(plan(252, labSections, { phases })), layers(plan(252, labSections)));
  });

  it('gives up layer initrd where the stub adds to the initrd', () => {
    const keys = readPredictionGaps(plan(252, labSections));
    assert.deepEqual(keys.map(({ layer }) => layer), ['secure-boot']); // prettier-ignore
    for (const extended of [plan(252, { ...labSections, '.pcrsig': '{}' }), plan(257, labSections)]) {
      const gaps = readPredictionGaps(extended);
      assert.deepEqual(
        gaps.map(({ layer }) => layer),
        ['secure-boot', 'initrd'],
      );
      const { statements, pcrs } = createPredictedStatements(predictBoot(extended), { banks: ['sha256'], gaps });
      assert.ok(!statements.some(({ layer }) => layer === 'initrd'));
      assert.ok(statements.some(({ layer }) => layer === 'kernel-command-line'));
      assert.equal(pcrs.has(9), false);
    }
  });

  it('refuses an image without kernel, mark or command line, and one whose parts the machine chooses', () => {
    const refuses = (of: BootPlan, code: string) => assert.throws(() => predictBoot(of), { code });
    refuses(plan(252, { '.cmdline': 'a' }), 'PREDICTION_UKI_INVALID');
    refuses(plan(252, { '.linux': 'a' }), 'PREDICTION_PLAN_INVALID');
    refuses({ ...plan(252, {}), unifiedKernel: makePe([{ name: '.linux', content: encodeUtf8('a') }]) }, 'PREDICTION_UKI_INVALID'); // prettier-ignore
    for (const name of ['.profile', '.dtbauto', '.hwids', '.efifw']) {
      refuses(plan(257, { ...labSections, [name]: 'a' }), 'PREDICTION_UKI_INVALID');
    }
  });

  it('refuses plans that are no one boot', () => {
    const refuses = (of: BootPlan) => assert.throws(() => predictBoot(of), { code: 'PREDICTION_PLAN_INVALID' });
    const log = labBootLog('uki');
    refuses({ banks: ['sha256'], loaders: [] });
    refuses({ banks: ['sha256'], loaders: [boot] });
    refuses({ banks: ['sha256'], loaders: [], keepAuthoritiesOf: log });
    refuses(plan(252, labSections, { keepAuthoritiesOf: log }));
    refuses({ banks: ['sha256'], loaders: [], grub: { configuration: '', prefix: '/', kernel: boot, initrds: [] } });
    refuses({ ...plan(252, labSections), unifiedKernel: undefined as never, phases: ['ready'], loaders: [boot] });
  });
});
