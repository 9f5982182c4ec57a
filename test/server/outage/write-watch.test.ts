import assert from 'node:assert/strict';
import { ServerError } from '../../../src/server/errors.ts';
import { checkWrites, createWriteWatch } from '../../../src/server/outage/write-watch.ts';

describe('whether the store takes what is written', () => {
  const setUp = () => {
    const events: unknown[] = [];
    const hear = ({ event }: { readonly event: string }): void => void events.push(event);
    return { events, writes: createWriteWatch({ error: hear, info: hear } as never) };
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
