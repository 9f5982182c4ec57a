import assert from 'node:assert/strict';
import { sendOneByOne } from '../../../src/cli/changes/one-by-one.ts';
import { CliError } from '../../../src/cli/errors.ts';

const named = (...names: readonly string[]) => names.map((name) => ({ name }));
type Named = ReturnType<typeof named>[number];
const refuse = ({ name }: Named): Promise<string> =>
  Promise.reject(new CliError('CLI_INPUT_UNRECOGNISED', `no ${name}`));
const refuseOnly = (wrong: string) => (thing: Named) =>
  thing.name === wrong ? refuse(thing) : Promise.resolve('taken');

describe('things that are sent one by one', () => {
  it('are all sent where the server takes them, and none where there is none', async () => {
    const send = ({ name }: Named) => Promise.resolve(name.toUpperCase());
    assert.deepEqual(await sendOneByOne(named('a', 'b'), send), { items: ['A', 'B'], notSent: [], refusal: undefined });
    assert.deepEqual(await sendOneByOne([], send), { items: [], notSent: [], refusal: undefined });
  });

  it('stop at the first that is refused, and the answer says what became of the others', async () => {
    const sent: string[] = [];
    const { items, notSent, refusal } = await sendOneByOne(named('a', 'b', 'c', 'd'), (thing) => {
      sent.push(thing.name);
      return refuseOnly('b')(thing);
    });
    assert.deepEqual([sent, items, notSent], [['a', 'b'], ['taken'], ['c', 'd']]);
    assert.equal(refusal?.code, 'CLI_INPUT_UNRECOGNISED');
    assert.equal(refusal.message, 'b: no b (1 before it was taken; not sent: c, d)');
  });

  it('name eight of many, and none where the last is refused', async () => {
    const letters = named('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k');
    const first = await sendOneByOne(letters, refuse);
    assert.match(first.refusal?.message ?? '', /^a: no a \(none before it; not sent: b, c, .*, i and 2 more\)$/);
    const last = await sendOneByOne(letters, refuseOnly('k'));
    assert.equal(last.refusal?.message, 'k: no k (10 before it were taken)');
  });

  it('are refused as they are where there is one alone', async () => {
    await assert.rejects(sendOneByOne(named('a'), refuse), { message: 'no a' });
  });

  it('end at a signal behind what is under way, and the answer says what became of the others', async () => {
    const ending = new AbortController();
    const sent: string[] = [];
    const send = ({ name }: Named): Promise<string> => {
      sent.push(name);
      if (name === 'b') ending.abort();
      return Promise.resolve(name.toUpperCase());
    };
    const { items, notSent, refusal } = await sendOneByOne(named('a', 'b', 'c', 'd'), send, ending.signal);
    assert.deepEqual(
      [sent, items, notSent],
      [
        ['a', 'b'],
        ['A', 'B'],
        ['c', 'd'],
      ],
    );
    assert.equal(refusal?.code, 'CLI_INTERRUPTED');
    assert.equal(refusal.message, 'ended by a signal (2 before it were taken; not sent: c, d)');
  });

  it('are all sent where the signal comes while the last is under way', async () => {
    const ending = new AbortController();
    const send = ({ name }: Named): Promise<string> => {
      if (name === 'b') ending.abort();
      return Promise.resolve(name);
    };
    const whole = { items: ['a', 'b'], notSent: [], refusal: undefined };
    assert.deepEqual(await sendOneByOne(named('a', 'b'), send, ending.signal), whole);
  });
});
