import assert from 'node:assert/strict';
import { encodeHex } from '../../../../src/core/encoding/index.ts';
import {
  encodeUefiVariable,
  eventTypes,
  guids,
  readFacts,
  type BootFacts,
  type EventToEncode,
} from '../../../../src/core/event-log/index.ts';
import { encodeUtf16 } from '../../../../src/core/event-log/events/text.ts';
import { action, image, separator, verifyHonest, verifyLab } from '../logs.ts';

const all = [0, 1, 2, 3, 4, 5, 6, 7];

function factsOf(events: readonly EventToEncode[]): BootFacts {
  return readFacts(verifyHonest(events));
}

describe('firmware facts', () => {
  it('reads images, disk, boot entries, separators and the hand-over of a lab boot', () => {
    const facts = readFacts(verifyLab('sb-on'));
    assert.equal(facts.bootApplications.length, 4);
    assert.equal(facts.drivers.length, 0);
    assert.equal(facts.partitionTable?.value.diskGuid, '11111111-2222-3333-4444-555555555555');
    assert.deepEqual(
      facts.bootEntries.map(({ value }) => [value.name, value.description]),
      [
        [undefined, 'UEFI Misc Device'],
        [undefined, 'UiApp'],
        [undefined, 'EFI Internal Shell'],
      ],
    );
    assert.equal(facts.separators.value, 'complete');
    assert.equal(facts.exitBootServices.value, 'success');
    assert.equal(facts.firmwareVersion?.value, '');
    assert.equal(facts.bootOrder, undefined);
  });

  it('shows the digests of two boots to differ where the kernel does, and only there', () => {
    const [one, two] = (['sb-on', 'kernel-cloud'] as const).map((run) =>
      readFacts(verifyLab(run)).bootApplications.map(({ value }) => encodeHex(value.value)),
    );
    assert.deepEqual(one?.slice(0, 2), two?.slice(0, 2));
    assert.notDeepEqual(one?.slice(2), two?.slice(2));
  });

  it('T18: takes an image under any type for an image', () => {
    for (const type of [eventTypes.EV_EFI_ACTION, eventTypes.EV_SEPARATOR, eventTypes.EV_IPL, 0x4242]) {
      assert.equal(
        factsOf([action(4, 'Calling EFI Application from Boot Option'), separator(4), image(4, 'evil', type)])
          .bootApplications.length,
        1,
      );
      assert.equal(factsOf([image(2, 'rom', type), separator(2)]).drivers.length, 1);
    }
  });

  it('finds a missing and an error separator whatever the types say', () => {
    assert.equal(factsOf(all.map((pcr) => separator(pcr))).separators.value, 'complete');
    assert.equal(factsOf(all.map((pcr) => ({ ...separator(pcr), type: 0xd }))).separators.value, 'complete');
    assert.equal(factsOf(all.slice(1).map((pcr) => separator(pcr))).separators.value, 'unknown');
    assert.equal(factsOf([...all.slice(1).map((pcr) => separator(pcr)), action(0, 'x')]).separators.value, 'missing');
    const error = { ...separator(3, 1), type: 0xd, data: new Uint8Array(4), measured: Uint8Array.of(1, 0, 0, 0) };
    assert.equal(factsOf([...all.map((pcr) => separator(pcr)), error]).separators.value, 'error');
  });

  it('takes the last word of the hand-over', () => {
    const step = (text: string): EventToEncode => action(5, `Exit Boot Services ${text}`);
    const [invocation, failure, success] = [
      step('Invocation'),
      step('Returned with Failure'),
      step('Returned with Success'),
    ];
    assert.equal(factsOf([invocation, failure]).exitBootServices.value, 'failure');
    assert.equal(factsOf([invocation, failure, invocation, success]).exitBootServices.value, 'success');
    assert.equal(factsOf([separator(5)]).exitBootServices.value, 'not-logged');
    assert.equal(factsOf([separator(0)]).exitBootServices.value, 'unknown');
  });

  it('reads the version that firmware measured before its separator', () => {
    const version = (text: string): EventToEncode => ({
      pcr: 0,
      type: eventTypes.EV_S_CRTM_VERSION,
      data: encodeUtf16(`${text}\0`),
    });
    assert.equal(factsOf([version('1.2'), version('9.9'), separator(0)]).firmwareVersion?.value, '1.2');
    assert.equal(factsOf([separator(0), version('9.9')]).firmwareVersion, undefined);
    assert.equal(
      factsOf([{ ...version('9.9'), measured: new Uint8Array(7) }, separator(0)]).firmwareVersion,
      undefined,
    );
  });

  it('believes the boot order only where its name is covered', () => {
    const data = encodeUefiVariable({ guid: guids.globalVariable, name: 'BootOrder', data: Uint8Array.of(3, 0, 1, 0) });
    const event = { pcr: 1, type: eventTypes.EV_EFI_VARIABLE_BOOT, data };
    assert.deepEqual(factsOf([event]).bootOrder?.value, [3, 1]);
    assert.equal(factsOf([{ ...event, measured: Uint8Array.of(3, 0, 1, 0) }]).bootOrder, undefined);
  });
});
