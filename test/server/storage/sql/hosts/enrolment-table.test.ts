import assert from 'node:assert/strict';
import { openEnrolmentTable } from '../../../../../src/server/storage/sql/hosts/enrolment-table.ts';
import type { Database } from '../../../../../src/server/storage/sql/sql.ts';

describe('enrolments between their two requests', () => {
  it('cost no transaction where somebody answers one that is not there', async () => {
    const database = { get: () => Promise.resolve(undefined), returning: () => assert.fail('a transaction was made') };
    const { takeEnrolment } = openEnrolmentTable(database as unknown as Database);
    assert.equal(await takeEnrolment('enr_bogus'), undefined);
  });

  it('are taken by whoever finds and removes them, and not by who only found them', async () => {
    const database = { get: () => Promise.resolve({}), returning: () => Promise.resolve([]) };
    const { takeEnrolment } = openEnrolmentTable(database as unknown as Database);
    assert.equal(await takeEnrolment('enr_1'), undefined);
  });
});
