import assert from 'node:assert/strict';
import { concatBytes, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { hash } from '../../../../src/core/crypto/index.ts';
import {
  eventTypes,
  guids,
  readBootChain,
  readFacts,
  type EventToEncode,
  type ReplayedLog,
} from '../../../../src/core/event-log/index.ts';
import { authority, file, grub, image, separator, variable, verifyHonest, verifyLab, type LabRun } from '../logs.ts';

const on = [variable('SecureBoot', Uint8Array.of(1)), separator(7)];
const signer = (name: string, byte: number): EventToEncode =>
  authority(name, concatBytes(new Uint8Array(16), Uint8Array.of(0x30, 0x82, 0, 1, byte)));

/** Role, then the sources of the authorities that may have let it run. */
function chain(log: ReplayedLog): readonly string[] {
  const facts = readFacts(log);
  const sources = new Map(facts.authorities.map(({ value, event }) => [event, value.source]));
  return readBootChain(log, facts).map(({ value }) =>
    [value.untrustedRole, ...value.untrustedAuthorities.map((event) => sources.get(event))].join(' '),
  );
}

describe('the boot chain', () => {
  it('tells who let what run in the lab', () => {
    const expected: readonly (readonly [LabRun, readonly string[]])[] = [
      ['sb-on', ['shim db', 'grub MokListRT', 'kernel db MokListRT', 'kernel db MokListRT']],
      ['sb-off', ['shim', 'grub']],
      ['uki', ['unified-kernel-image db']],
      ['sdboot-uki', ['boot-loader db', 'unified-kernel-image db']],
    ];
    for (const [run, links] of expected) assert.deepEqual(chain(verifyLab(run)), links, run);
  });

  it('gives each image the authority measured beside it: before it, or after it by shims before 15.3', () => {
    assert.deepEqual(chain(verifyHonest([...on, signer('db', 1), image(4, 'a'), signer('Shim', 2), image(4, 'b')])), [
      'boot-loader db',
      'boot-loader Shim',
    ]);
    const old = [
      ...on,
      signer('db', 1),
      image(4, 'a'),
      image(4, 'b'),
      signer('Shim', 2),
      image(4, 'c'),
      signer('Shim', 2),
    ];
    assert.deepEqual(chain(verifyHonest(old)), ['boot-loader db', 'boot-loader Shim', 'boot-loader Shim']);
  });

  it('names all that came before where an image has none of its own', () => {
    const events = [
      ...on,
      signer('db', 1),
      image(4, 'a'),
      grub('grub_cmd', 'ls'),
      signer('vendor_db', 2),
      image(4, 'b'),
      image(4, 'c'),
    ];
    assert.deepEqual(chain(verifyHonest(events)).at(-1), 'kernel db vendor_db');
    assert.deepEqual(chain(verifyHonest([...on, image(4, 'a')])), ['boot-loader']);
  });

  it('has every image of PCR 2 and 4, under any type, with its digest', () => {
    const log = verifyHonest([...on, image(2, 'rom', 0x99), separator(2), image(4, 'x', 0x98)]);
    const links = readBootChain(log, readFacts(log));
    assert.deepEqual(
      links.map(({ value }) => [value.pcr, value.untrustedRole, value.image.value]),
      [
        [2, 'driver', hash('sha256', encodeUtf8('rom'))],
        [4, 'boot-loader', hash('sha256', encodeUtf8('x'))],
      ],
    );
  });

  it('knows an image by what only it measures, in the register where it does: neither elsewhere nor under another GUID', () => {
    const role = (trace: EventToEncode) => chain(verifyHonest([...on, image(4, 'a'), trace]));
    const mok = (pcr: number): EventToEncode => ({ pcr, type: eventTypes.EV_IPL, data: encodeUtf8('MokList\0') });
    const level = (guid: string) => authority('SbatLevel', encodeUtf8('sbat,1,2024040900\n'), guid);
    assert.deepEqual(role(mok(14)), ['shim']);
    assert.deepEqual(role(mok(9)), ['boot-loader']);
    assert.deepEqual(role(level(guids.shimLock)), ['shim']);
    assert.deepEqual(role(level(guids.globalVariable)), ['boot-loader']);
    assert.deepEqual(role(grub('grub_cmd', 'ls')), ['grub']);
    assert.deepEqual(role(file('/boot/vmlinuz', 'k')), ['boot-loader']);
  });

  it('takes no level of shim for an authority, whatever its length', () => {
    const level = authority(
      'SbatLevel',
      encodeUtf8('sbat,1,2024040900\nshim,4\ngrub,3\ngrub.peimage,12'),
      guids.shimLock,
    );
    assert.deepEqual(readFacts(verifyHonest([...on, level])).authorities, []);
  });

  it('rejects when there is nothing to verify: no image gives no chain', () => {
    assert.deepEqual(chain(verifyHonest(on)), []);
  });

  it('answers thousands of images and authorities in linear time and space', () => {
    const flood = Array.from({ length: 9000 }, (_, index) =>
      index % 2 === 0 ? signer('db', index % 250) : image(4, `${index}`),
    );
    const log = verifyHonest([...on, ...flood]);
    const links = readBootChain(log, readFacts(log));
    assert.equal(links.length, 4500);
    assert.ok(links.every(({ value }) => value.untrustedAuthorities.length <= 16));
  });
});
