import assert from 'node:assert/strict';
import { ServerError } from '../../../src/server/errors.ts';
import { checkWrites, createWriteWatch } from '../../../src/server/outage/write-watch.ts';

describe('whether the store takes what is written', () => {
  const setUp = (heedRequestsMs?: number) => {
    const events: unknown[] = [];
    let time = 0;
    const hear = ({ event }: { readonly event: string }): void => void events.push(event);
    const log = { error: hear, info: hear } as never;
    const writes = createWriteWatch({ log, now: () => new Date(time), heedRequestsMs });
    return { events, writes, advance: (ms: number) => void (time += ms) };
  };
  const taken = (): Promise<void> => Promise.resolve();
  const full = (): Promise<void> => Promise.reject(new ServerError('STORAGE_UNAVAILABLE', 'SQLITE_FULL'));

  it('is said once when it begins to refuse, and once when it takes again', async () => {
    const { events, writes } = setUp();
    for (const write of [taken, taken, full, full]) await writes.attempt(write);
    assert.equal(writes.refusal(), 'SQLITE_FULL');
    assert.deepEqual(events, ['storage.read-only']);
    for (const write of [taken, taken]) await writes.attempt(write);
    assert.equal(writes.refusal(), undefined);
    assert.deepEqual(events, ['storage.read-only', 'storage.writable']);
  });

  it('is told by requests where an attempt fits in what a full database has, until none was refused for a while', async () => {
    const { events, writes, advance } = setUp(60_000);
    const full53100 = new ServerError('STORAGE_UNAVAILABLE', 'PostgreSQL: 53100');
    for (const other of [new ServerError('STORAGE_UNREACHABLE'), new ServerError('HOST_NOT_FOUND'), new TypeError('a')])
      writes.note(other);
    assert.equal(writes.refusal(), undefined);
    writes.note(full53100);
    await writes.attempt(taken);
    assert.equal(writes.refusal(), 'PostgreSQL: 53100');
    advance(50_000);
    writes.note(full53100);
    advance(59_999);
    await writes.attempt(taken);
    assert.notEqual(writes.refusal(), undefined);
    advance(1);
    assert.notEqual(writes.refusal(), undefined, 'nobody tried yet');
    await writes.attempt(taken);
    assert.deepEqual([writes.refusal(), ...events], [undefined, 'storage.read-only', 'storage.writable']);
  });

  it('is what an attempt says where requests are not heeded', async () => {
    const { events, writes } = setUp();
    writes.note(new ServerError('STORAGE_UNAVAILABLE', 'SQLITE_FULL'));
    assert.deepEqual([writes.refusal(), events], [undefined, []]);
    await writes.attempt(full);
    await writes.attempt(taken);
    assert.equal(writes.refusal(), undefined);
  });

  it('is not what a database says that is away', async () => {
    const { events, writes } = setUp();
    const away = writes.attempt(() => Promise.reject(new ServerError('STORAGE_UNREACHABLE')));
    await assert.rejects(away, { code: 'STORAGE_UNREACHABLE' });
    assert.equal(writes.refusal(), undefined);
    assert.deepEqual(events, []);
  });

  it('is among what a start says, with what was refused', async () => {
    const { writes } = setUp();
    assert.equal(checkWrites(writes).ok, true);
    await writes.attempt(full);
    const { ok, message } = checkWrites(writes);
    assert.equal(ok, false);
    assert.match(message, /SQLITE_FULL/);
  });
});
