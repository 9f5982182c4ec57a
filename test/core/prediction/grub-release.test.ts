// One GRUB measures otherwise than another: held against boots of the distributions' own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { annotateEventLog, parseEventLog } from '../../../src/core/event-log/index.ts';
import { createPredictedStatements, predictBoot } from '../../../src/core/prediction/index.ts';
import { makePe } from './material.ts';

const words = 'console=ttyS0,115200 ima_policy=tcb ima_hash=sha256';
const text = { name: '.text', content: encodeUtf8('binary') };
const kernel = makePe([text]);
const banks = ['sha256'] as const;

interface SeenEvent {
  readonly pcr: number;
  readonly digest: string;
}

/** As the distributions name themselves in `.sbat`. */
const guests = [
  {
    name: 'debian-13',
    sbat: ['grub,7,Free Software Foundation,grub,2.12,', 'grub.debian,5,Debian,grub2,2.12-9+deb13u4,'],
  },
  {
    name: 'ubuntu-24.04',
    sbat: ['grub,5,Free Software Foundation,grub,2.12,', 'grub.ubuntu,2,Ubuntu,grub2,2.12-1ubuntu7.3,'],
  },
  {
    name: 'ubuntu-22.04',
    sbat: ['grub,5,Free Software Foundation,grub,2.06,', 'grub.ubuntu,1,Ubuntu,grub2,2.06-2ubuntu14.8,'],
  },
] as const;

/** grub.cfg of the lab's guests. */
function configurationFor(sbat: readonly string[], initrds = '/boot/initrd'): string {
  const suffix = sbat.some((line) => line.includes(',2.12,')) ? '' : 'efi';
  return `set timeout=0
menuentry 'lab' {
  search --no-floppy --set=root --file /boot/vmlinuz
  linux${suffix} /boot/vmlinuz ${words}
  initrd${suffix} ${initrds}
}
`;
}

function grubWith(sbat: readonly string[]): Uint8Array {
  return makePe([text, { name: '.sbat', content: encodeUtf8(`sbat,1,SBAT Version,sbat,1,\n${sbat.join('\n')}\n`) }]);
}

function predict(sbat: readonly string[], initrds: readonly Uint8Array[] = [encodeUtf8('initrd')]) {
  const family = sbat.some((line) => line.startsWith('grub.ubuntu')) ? 'ubuntu' : 'debian';
  const prefix = `(hd0,gpt1)/EFI/${family}`;
  return predictBoot({
    banks,
    loaders: [kernel, grubWith(sbat)],
    grub: {
      configuration: configurationFor(sbat, initrds.map(() => '/boot/initrd').join(' ')),
      prefix,
      kernel,
      initrds,
    },
  });
}

function predictedEvents(sbat: readonly string[]): readonly SeenEvent[] {
  return createPredictedStatements(predict(sbat), { banks }).statements.flatMap(({ events }) =>
    events.map(({ pcr, digests }) => ({ pcr, digest: encodeHex(digests.get('sha256') ?? new Uint8Array()) })),
  );
}

function measuredEvents(name: string): readonly SeenEvent[] {
  const path = join(import.meta.dirname, '../../fixtures/lab/other-guests', name, 'binary_bios_measurements');
  const { events } = annotateEventLog(parseEventLog(new Uint8Array(readFileSync(path))), 'sha256');
  return events.map(({ pcr, digest }) => ({ pcr, digest: encodeHex(digest.value) }));
}

function digestsOf(events: readonly SeenEvent[], pcr: number): readonly string[] {
  return events.filter((event) => event.pcr === pcr).map(({ digest }) => digest);
}

describe('the prediction of a distribution’s GRUB', () => {
  for (const { name, sbat } of guests) {
    it(`equals what ${name} measured of commands and command line, in order`, () => {
      const [predicted, measured] = [predictedEvents(sbat), measuredEvents(name)];
      assert.deepEqual(digestsOf(predicted, 8), digestsOf(measured, 8));
    });

    it(`reads and verifies files as often as ${name} did, and hands over the same load options`, () => {
      const [predicted, measured] = [predictedEvents(sbat), measuredEvents(name)];
      for (const pcr of [4, 9]) {
        const [ours, theirs] = [digestsOf(predicted, pcr), digestsOf(measured, pcr)];
        assert.equal(ours.length, theirs.length, `PCR ${pcr}`);
      }
      // Kernel and initrd are not at hand here: the configuration and the load options are.
      const known = new Set(digestsOf(measured, 9));
      const same = digestsOf(predicted, 9).filter((digest) => known.has(digest));
      assert.equal(same.length, sbat[0].includes(',2.12,') ? 3 : 1);
    });
  }

  it('joins initrds as GRUB 2.12 hands them to the kernel, each at a multiple of four', () => {
    const events = predict(guests[0].sbat, [encodeUtf8('first'), encodeUtf8('second')]);
    assert.deepEqual(events.at(-1)?.measured, encodeUtf8('first\0\0\0second'));
  });

  it('takes a binary without SBAT for Debian’s 2.06', () => {
    const plan = { configuration: configurationFor([]), prefix: '(hd0,gpt1)/EFI/debian', kernel, initrds: [kernel] };
    const bare = predictBoot({ banks, loaders: [kernel, kernel], grub: plan });
    const named = predictBoot({
      banks,
      loaders: [kernel, grubWith(['grub,5,Free Software Foundation,grub,2.06,', 'grub.debian12,1,Debian,grub2,2.06,'])],
      grub: plan,
    });
    const others = (events: typeof bare) => events.filter(({ pcr }) => pcr !== 4);
    assert.deepEqual(others(bare), others(named));
    assert.equal(bare.length, named.length);
  });
});
