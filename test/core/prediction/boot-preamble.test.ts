import assert from 'node:assert/strict';
import { encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  annotateEventLog,
  encodeEventLog,
  encodeUefiVariable,
  eventTypes,
  guids,
  parseEventLog,
  type EventToEncode,
} from '../../../src/core/event-log/index.ts';
import { predictBoot, readBootPreamble, readSecureBootVariables } from '../../../src/core/prediction/index.ts';
import { certificateOf, labBootLog, makePe, makeShim, measuredDigests, measuredVariables, signPe } from './material.ts';

const authority = (data: Uint8Array): EventToEncode => ({
  pcr: 7,
  type: eventTypes.EV_EFI_VARIABLE_AUTHORITY,
  data: encodeUefiVariable({ guid: guids.imageSecurityDatabase, name: 'db', data }),
});
const byFirmware = measuredVariables('sb-on', 'db')[1] ?? new Uint8Array();
const vendor = certificateOf(measuredVariables('sb-on', 'MokListRT')[0]);
const shim = signPe(makeShim(vendor, 'sbat,1,1\n'), [certificateOf(byFirmware)]);
const grub = signPe(makePe([{ name: '.text', content: encodeUtf8('grub') }]), [vendor]);

/** The log of boot sb-on with events before the first loader: an application of the firmware, and authorities. */
function logWith(...more: readonly EventToEncode[]) {
  const events = labBootLog('sb-on').events.filter(({ untrustedType }) => untrustedType !== 3);
  const copies = events.map(({ pcr, untrustedType, untrustedData, digests }): EventToEncode => ({ pcr, type: untrustedType, data: untrustedData, digests })); // prettier-ignore
  const start = copies.findIndex(({ pcr }) => pcr === 4);
  return parseEventLog(encodeEventLog([...copies.slice(0, start), ...more, ...copies.slice(start)], { banks: ['sha256'] })); // prettier-ignore
}

function predicted(log: ReturnType<typeof logWith>, pcr: number): readonly string[] {
  const configuration = 'menuentry x {\nlinux /vmlinuz\n}\n';
  const plan = predictBoot({
    banks: ['sha256'],
    preamble: readBootPreamble(log),
    secureBoot: readSecureBootVariables(log),
    loaders: [shim, grub],
    grub: { configuration, prefix: '(hd0)', kernel: grub, initrds: [] },
  });
  const { events } = annotateEventLog(parseEventLog(encodeEventLog(plan, { banks: ['sha256'] })));
  return events.filter((event) => event.pcr === pcr).map(({ digest }) => encodeHex(digest.value));
}

describe('what firmware measures before the first loader', () => {
  it('is, in the lab, the attempt and a separator', () => {
    for (const run of ['sb-on', 'sb-off', 'uki', 'sdboot-uki']) {
      const { attempt, authorities } = readBootPreamble(labBootLog(run));
      const digests = attempt.map((event) => encodeHex(event.digests?.get('sha256') ?? new Uint8Array()));
      assert.deepEqual(digests, measuredDigests(run, 4).slice(0, 2));
      assert.deepEqual(authorities, []);
    }
  });

  it('includes applications of the firmware, and who admitted the drivers of devices', () => {
    const tool = { pcr: 4, type: eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION, data: encodeUtf8('recovery agent') };
    const other = authority(encodeUtf8('maker of a network card'));
    const log = logWith(tool, other);
    const { attempt, authorities } = readBootPreamble(log);
    assert.equal(attempt.length, 3);
    assert.deepEqual(
      authorities.map(({ data }) => data),
      [other.data],
    );
    assert.equal(predicted(log, 4).length, predicted(logWith(), 4).length + 1);
    assert.equal(predicted(log, 7).length, predicted(logWith(), 7).length + 1);
  });

  it('is measured once, when drivers and shim have one authority; shim measures its own again', () => {
    assert.deepEqual(predicted(logWith(authority(byFirmware)), 7), predicted(logWith(), 7));
    const twice = new Set(predicted(logWith(authority(measuredVariables('sb-on', 'MokListRT')[0] ?? vendor)), 7));
    assert.equal(twice.size, predicted(logWith(), 7).length + 1);
  });

  it('is the plain one where the log tells of no boot attempt', () => {
    const log = parseEventLog(encodeEventLog([{ pcr: 0, type: 8, data: encodeUtf8('v') }], { banks: ['sha256'] }));
    assert.equal(readBootPreamble(log).attempt.length, 2);
  });
});
