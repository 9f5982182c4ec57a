import assert from 'node:assert/strict';
import { createLogOutlet, type LogOutlet } from '../../../src/server/telemetry/log-outlet.ts';

describe('an outlet of the log', () => {
  let room: number;
  let failure: string | undefined;
  let taken: string;
  let later: (() => void)[];
  let outlet: LogOutlet;
  beforeEach(() => {
    [room, failure, taken, later] = [Infinity, undefined, '', []];
    const take = (bytes: Uint8Array): number => {
      const code = failure ?? (room === 0 ? 'EAGAIN' : undefined);
      if (code !== undefined) throw Object.assign(new Error(code), { code });
      const part = bytes.subarray(0, room);
      room -= part.length;
      taken += Buffer.from(part).toString();
      return part.length;
    };
    const sayLost = (lines: number): string => `lost ${lines}\n`;
    outlet = createLogOutlet({ take, later: (work) => void later.push(work), sayLost });
  });
  const goOn = (): void => later.splice(0).forEach((work) => work());

  it('hands on what is taken, at once', () => {
    outlet.write('one\n');
    outlet.write('two\n');
    assert.equal(taken, 'one\ntwo\n');
    assert.equal(later.length, 0);
  });

  it('keeps what is not taken now, whole and in order, and tries one time at once', () => {
    room = 2;
    for (const line of ['one\n', 'two\n', 'three\n']) outlet.write(line);
    assert.equal(taken, 'on');
    assert.equal(later.length, 1);
    room = 4;
    goOn();
    assert.equal(taken, 'one\ntw');
    assert.equal(later.length, 1);
    room = Infinity;
    goOn();
    outlet.write('four\n');
    assert.equal(taken, 'one\ntwo\nthree\nfour\n');
    assert.equal(later.length, 0);
    assert.equal(outlet.linesLost(), 0);
  });

  it('keeps a megabyte and no more, and says what was lost behind what was kept', () => {
    room = 0;
    const line = `${'x'.repeat(1023)}\n`;
    for (let count = 0; count < 1030; count += 1) outlet.write(line);
    assert.equal(outlet.linesLost(), 6);
    room = Infinity;
    goOn();
    outlet.write('again\n');
    outlet.write('and again\n');
    assert.equal(taken, `${line.repeat(1024)}lost 6\nagain\nand again\n`);
  });

  it('loses what nobody can take, keeps nothing of it, and says so when somebody can', () => {
    for (const code of ['EPIPE', 'ENOSPC']) {
      failure = code;
      for (let count = 0; count < 1000; count += 1) outlet.write('gone\n');
      failure = undefined;
      assert.equal(later.length, 0);
      outlet.write('here\n');
    }
    assert.equal(outlet.linesLost(), 2000);
    assert.equal(taken, 'lost 1000\nhere\n'.repeat(2));
  });

  it('forgets no loss whose notice was lost with its line', () => {
    failure = 'EPIPE';
    outlet.write('one\n');
    failure = undefined;
    room = 0;
    outlet.write('two\n');
    failure = 'EPIPE';
    goOn();
    failure = undefined;
    room = Infinity;
    outlet.write('three\n');
    assert.equal(taken, 'lost 2\nthree\n');
    assert.equal(outlet.linesLost(), 2);
  });
});
