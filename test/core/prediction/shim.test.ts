import assert from 'node:assert/strict';
import { encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { encodeEventLog, annotateEventLog, parseEventLog } from '../../../src/core/event-log/index.ts';
import { predictBoot, createSecureBootVariables, type BootPlan } from '../../../src/core/prediction/index.ts';
import { outcomeOf } from '../../support/hostile-bytes.ts';
import { makeRoot } from '../../support/pki.ts';
import { certificateOf, makePe, makeShim, measuredDigests, measuredVariables, patched, u32 } from './material.ts';

const none = new Uint8Array();
const off = createSecureBootVariables({ pk: none, kek: none, db: none, dbx: none });
const vendor = certificateOf(measuredVariables('sb-on', 'MokListRT')[0]);
const grub = makePe([{ name: '.text', content: encodeUtf8('grub') }]);

function plan(shim: Uint8Array, secureBoot = off): BootPlan {
  const configuration = 'menuentry x {\nlinux /vmlinuz\n}\n';
  return { banks: ['sha256'], secureBoot, loaders: [shim, grub], grub: { configuration, prefix: '(hd0)', kernel: grub, initrds: [] } }; // prettier-ignore
}

function digests(of: BootPlan, pcr: number): readonly string[] {
  const { events } = annotateEventLog(parseEventLog(encodeEventLog(predictBoot(of), { banks: ['sha256'] })));
  return events.filter((event) => event.pcr === pcr).map(({ digest }) => encodeHex(digest.value));
}

describe('the prediction of shim', () => {
  it('equals MokList and MokListTrusted in PCR 14, and PCR 7 without Secure Boot, as boot sb-off measured them', () => {
    const predicted = plan(makeShim(vendor, 'sbat,1,2025021800\nshim,4\n'));
    const [list, revoked, trusted] = digests(predicted, 14);
    assert.deepEqual([list, trusted], [measuredDigests('sb-off', 14)[0], measuredDigests('sb-off', 14)[2]]);
    assert.notEqual(revoked, undefined);
    assert.deepEqual(digests(predicted, 7), measuredDigests('sb-off', 7));
  });

  it('measures what the vendor revoked', () => {
    const [, empty] = digests(plan(makeShim(vendor, 'sbat,1,1\n')), 14);
    const [, some] = digests(plan(makeShim(vendor, 'sbat,1,1\n', encodeUtf8('revoked'))), 14);
    assert.notEqual(empty, some);
  });

  it('is that of a plain loader where the section of the vendor is missing', () => {
    assert.deepEqual(digests(plan(grub), 14), []);
  });

  it('refuses offsets and sizes that lie, a vendor without certificate, and levels without end', () => {
    const image = makeShim(vendor, 'sbat,1,1\n');
    const text = new TextDecoder('latin1').decode(image);
    const vendorAt = text.indexOf('0\x82', 512 + 512) - 16;
    const levelAt = text.indexOf('sbat,1,1') - 12;
    const refuses = (bytes: Uint8Array) =>
      assert.equal(outcomeOf(() => predictBoot(plan(bytes)))?.code, 'PREDICTION_SHIM_INVALID');
    for (const [offset, value] of [
      [0, 0xffffffff],
      [4, 0xffffffff],
      [8, 0xffffffff],
      [12, 0xffffffff],
      [8, 17],
    ] as const) {
      refuses(patched(image, vendorAt + offset, u32(value)));
    }
    refuses(patched(image, levelAt, u32(1)));
    refuses(patched(image, levelAt + 4, u32(0xffffffff)));
    refuses(makeShim(vendor, ''));
    const root = makeRoot({ name: 'Owner' });
    assert.equal(
      outcomeOf(() => predictBoot(plan(makeShim(root.der, 'sbat,1,1\n')))),
      undefined,
    );
  });
});
