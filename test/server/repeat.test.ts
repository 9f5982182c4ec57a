import assert from 'node:assert/strict';
import { ServerError } from '../../src/server/errors.ts';
import { databaseAway } from '../../src/server/outage/database-away.ts';
import { startRepeating } from '../../src/server/repeat.ts';

describe('work that is done again and again', () => {
  const linesOf = async (error: Error): Promise<readonly unknown[]> => {
    const lines: unknown[] = [];
    const log = { error: (about: object, message: string) => lines.push([about, message]) } as never;
    await startRepeating(() => Promise.reject(error), { seconds: 3600, log, failure: 'it failed' }).stop();
    return lines;
  };

  it('tells of each failure', async () => {
    for (const error of [new TypeError('a defect'), new ServerError('STORAGE_DAMAGED')]) {
      assert.deepEqual(await linesOf(error), [[{ err: error }, 'it failed']]);
    }
  });

  it('says nothing of a database that is away, or takes nothing: it would say so each second', async () => {
    for (const error of [databaseAway(), new ServerError('STORAGE_UNAVAILABLE')]) {
      assert.deepEqual(await linesOf(error), []);
    }
  });

  it('is never done where it has no time', async () => {
    const work = (): never => assert.fail('done');
    await startRepeating(work, { seconds: undefined, log: undefined as never, failure: '' }).stop();
  });
});
