// What is made of the codes that PostgreSQL answers with.
import assert from 'node:assert/strict';
import { ServerError } from '../../../src/server/errors.ts';
import { postgresError } from '../../../src/server/storage/postgres/postgres-error.ts';

describe('what PostgreSQL answers', () => {
  const codes = {
    STORAGE_UNAVAILABLE: ['53100', '58030', '25006'],
    STORAGE_UNREACHABLE: ['08006', '53300', '57P01', '25P03', '40001', '55P03', '57014'],
    STORAGE_REFUSED: ['28P01', '3D000', '42501'],
    STORAGE_DAMAGED: ['XX001'],
  } as const;
  for (const [said, answers] of Object.entries(codes)) {
    it(`is ${said} for ${answers.join(', ')}`, () => {
      for (const code of answers) {
        const error = postgresError(Object.assign(new Error('its own words'), { severity: 'ERROR', code }));
        assert.ok(error instanceof ServerError);
        assert.deepEqual([error.code, error.message], [said, `PostgreSQL: ${code}`]);
        const isPassing = said === 'STORAGE_UNAVAILABLE' || said === 'STORAGE_UNREACHABLE';
        assert.equal(error.headers['retry-after'], isPassing ? '5' : undefined);
      }
    });
  }

  it('is passed on where a statement is wrong', () => {
    const error = Object.assign(new Error('syntax'), { severity: 'ERROR', code: '42601' });
    assert.equal(postgresError(error), error);
  });
});
