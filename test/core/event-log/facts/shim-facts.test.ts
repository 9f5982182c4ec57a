import assert from 'node:assert/strict';
import { concatBytes, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { eventTypes, guids, readFacts, type EventToEncode } from '../../../../src/core/event-log/index.ts';
import { parseSbatLevel } from '../../../../src/core/event-log/facts/shim-facts.ts';
import { action, authority, separator, variable, verifyHonest, verifyLab } from '../logs.ts';

const on = variable('SecureBoot', Uint8Array.of(1));
const mok = authority('MokSBState', Uint8Array.of(1), guids.shimLock);

describe('shim facts', () => {
  it('reads the SBAT level and the MOK variables of a lab boot', () => {
    const { shim } = readFacts(verifyLab('sb-on'));
    assert.deepEqual(shim.sbatLevel?.value.generations, { shim: 4, grub: 5 });
    assert.equal(shim.sbatLevel.value.date, '2025021800');
    assert.deepEqual(
      shim.mokLists.map(({ value }) => value.untrustedName),
      ['MokList', 'MokListX', 'MokListTrusted'],
    );
    assert.equal(shim.mokSbState.value, 'not-reported');
  });

  it('reports switched-off validation, and does not trust silence beside an unreadable event', () => {
    assert.equal(readFacts(verifyHonest([on, separator(7), mok])).shim.mokSbState.value, 'disabled');
    const hidden = { ...mok, type: eventTypes.EV_IPL, data: new Uint8Array(1), measured: mok.data };
    assert.equal(readFacts(verifyHonest([on, separator(7), hidden])).shim.mokSbState.value, 'unknown');
    assert.equal(readFacts(verifyHonest([on])).shim.mokSbState.value, 'unknown');
  });

  it('believes silence about validation beside texts of the firmware: a known preimage hides nothing', () => {
    const state = (...events: readonly EventToEncode[]): unknown => readFacts(verifyHonest(events)).shim.mokSbState;
    const quiet = { value: 'not-reported', event: undefined };
    assert.deepEqual(state(on, separator(7)), quiet, 'no shim at all');
    const text = action(7, 'Security Level is Downgraded to 0');
    assert.deepEqual(state(on, separator(7), text), quiet, 'as HP writes it');
    assert.deepEqual(state(on, separator(7), { ...text, type: eventTypes.EV_IPL }), quiet);
    assert.deepEqual(state(on, text, separator(7)), quiet);
  });

  it('names the event that may be the variable in disguise', () => {
    const shown = (data: Uint8Array, measured: Uint8Array): unknown =>
      readFacts(verifyHonest([on, separator(7), { ...action(7, ''), data, measured }])).shim.mokSbState;
    const hidden = { value: 'unknown', event: 3 };
    assert.deepEqual(shown(encodeUtf8('Boot Guard'), mok.data), hidden, 'other words beside its digest');
    const tail = concatBytes(mok.data, Uint8Array.of(0));
    assert.deepEqual(shown(tail, tail), hidden, 'an old shim that measured too much');
    assert.deepEqual(
      shown(mok.data.subarray(0, -1), mok.data.subarray(0, -1)),
      hidden,
      'and one that measured too little',
    );
    const grub = concatBytes(encodeUtf8('grub_cmd: '), mok.data);
    assert.equal(
      readFacts(verifyHonest([on, separator(7), { pcr: 7, type: eventTypes.EV_IPL, data: grub, measured: mok.data }]))
        .shim.mokSbState.value,
      'unknown',
    );
  });

  it('believes neither where one event before it may be the real one, whatever else stands there or follows', () => {
    const level = authority('SbatLevel', encodeUtf8('sbat,1,2021030218\nshim,4\n'), guids.shimLock);
    const enabled = authority('MokSBState', Uint8Array.of(0), guids.shimLock);
    const shim = (...events: readonly EventToEncode[]) => readFacts(verifyHonest([on, separator(7), ...events])).shim;
    const hidden = (event: EventToEncode): EventToEncode => {
      return { ...event, type: eventTypes.EV_IPL, data: new Uint8Array(1), measured: event.data };
    };
    const text = action(7, 'Boot Guard');
    assert.equal(shim(text, hidden(level), text, level).sbatLevel, undefined);
    assert.equal(shim(text, hidden(mok), text, enabled).mokSbState.value, 'unknown');
    assert.equal(shim(text, level, hidden(level)).sbatLevel?.value.date, '2021030218');
    assert.equal(shim(text, enabled, hidden(mok)).mokSbState.value, 'enabled');
  });

  it('takes no variable of somebody else for one of shim', () => {
    const others = [
      authority('MokSBState', Uint8Array.of(1), guids.globalVariable),
      authority('SbatLevel', encodeUtf8('sbat,1,2021030218\nshim,4\n'), guids.globalVariable),
    ];
    const { shim } = readFacts(verifyHonest([on, separator(7), ...others]));
    assert.deepEqual([shim.mokSbState.value, shim.sbatLevel], ['not-reported', undefined]);
  });

  it('hears the first SBAT level: a later one may come from the operating system', () => {
    const level = (date: string) => authority('SbatLevel', encodeUtf8(`sbat,1,${date}\nshim,4\n`), guids.shimLock);
    const facts = readFacts(verifyHonest([on, separator(7), level('2021030218'), level('2030010100')]));
    assert.equal(facts.shim.sbatLevel?.value.date, '2021030218');
  });

  it('refuses levels of another form', () => {
    for (const text of [
      '',
      'sbat,2,2021030218',
      'sbat,1,x',
      'sbat,1,2021030218\nshim',
      'sbat,1,2021030218\nshim,1\nshim,2',
    ]) {
      assert.equal(parseSbatLevel(text), undefined, text);
    }
    assert.deepEqual(parseSbatLevel('sbat,1,2021030218\n__proto__,3\n')?.date, '2021030218');
  });
});
