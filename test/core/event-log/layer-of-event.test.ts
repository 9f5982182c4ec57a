import assert from 'node:assert/strict';
import { layers, layersOfPcr, pcrsOfLayer, type Layer } from '../../../src/core/event-log/index.ts';
import { action, file, grub, image, section, separator, verifyHonest, verifyLab, type LabRun } from './logs.ts';

function placed(run: LabRun, pcr: number): readonly (Layer | undefined)[] {
  return verifyLab(run)
    .events.filter((event) => event.pcr === pcr)
    .map(({ layer }) => layer);
}

describe('layers', () => {
  it('puts no event in a layer its PCR cannot hold', () => {
    for (const event of verifyLab('sb-on').events) {
      assert.ok(event.layer === undefined || layersOfPcr(event.pcr).includes(event.layer));
    }
    for (const layer of layers) for (const pcr of pcrsOfLayer(layer)) assert.ok(layersOfPcr(pcr).includes(layer));
  });

  it('gives every event of PCR 0, 2, 4, 7, 8, 9, 12 and 14 a layer', () => {
    for (const run of ['sb-on', 'uki', 'sdboot-uki'] as const) {
      for (const pcr of [0, 2, 4, 7, 8, 9, 12, 14]) assert.ok(!placed(run, pcr).includes(undefined), `${run} ${pcr}`);
    }
  });

  it('splits PCR 4 at the first command of GRUB', () => {
    const [call, sep, ...images] = placed('sb-on', 4);
    assert.deepEqual([call, sep], ['boot-loader', 'boot-loader']);
    assert.deepEqual(images, ['boot-loader', 'boot-loader', 'kernel', 'kernel']);
  });

  it('takes the image before the first section as the kernel of a unified image', () => {
    assert.deepEqual(placed('sdboot-uki', 4).slice(2), ['boot-loader', 'kernel']);
    assert.deepEqual(placed('uki', 4).slice(2), ['kernel']);
  });

  it('splits PCR 9 by file and PCR 11 by section', () => {
    assert.deepEqual(placed('sb-on', 9), ['kernel-command-line', 'kernel', 'kernel', 'initrd']);
    assert.deepEqual(placed('sdboot-uki', 9), ['kernel-command-line', 'initrd']);
    assert.deepEqual(placed('uki', 11), [
      'kernel',
      'kernel',
      'kernel',
      'kernel',
      'kernel-command-line',
      'kernel-command-line',
      'initrd',
      'initrd',
    ]);
  });

  it('leaves boot phases, IMA and host noise without a layer', () => {
    const phase = { ...action(11, 'ready'), type: 0xd };
    const events = verifyHonest([...section('.linux', 'x'), phase, separator(1), action(5, 'x')]).events;
    assert.deepEqual(
      events.map(({ layer }) => layer),
      ['kernel', 'kernel', undefined, undefined, undefined],
    );
  });

  it('never loses an event to a label: each stays in a layer of its PCR', () => {
    const events = [image(4, 'shim'), grub('grub_cmd', 'linux /vmlinuz'), image(4, 'kernel'), file('/initrd.img', 'i')];
    for (const type of [0x1, 0xd, 0x80000003, 0x12345]) {
      const relabelled = verifyHonest(events.map((event) => ({ ...event, type })));
      assert.equal(relabelled.events.length, events.length);
      assert.ok(relabelled.events.every(({ layer, pcr }) => layer !== undefined && layersOfPcr(pcr).includes(layer)));
    }
  });
});
