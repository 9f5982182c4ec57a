// What is made of the codes that PostgreSQL answers with.
import assert from 'node:assert/strict';
import { ServerError } from '../../../src/server/errors.ts';
import {
  DatabaseFailure,
  isGoing,
  isWorthAnotherTry,
  postgresError,
} from '../../../src/server/storage/postgres/postgres-error.ts';

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

  const answer = (code: string, message: string, more: object = {}) =>
    Object.assign(new Error(message), { severity: 'ERROR', code, ...more });
  const said = (error: Error): string => {
    const told = postgresError(error);
    return told instanceof ServerError ? told.code : 'passed on';
  };

  it('is STORAGE_UNAVAILABLE where a primary became a standby, in whatever language, and no other 0A000 is', () => {
    const english = 'cannot set transaction read-write mode during recovery';
    assert.equal(said(answer('0A000', english)), 'STORAGE_UNAVAILABLE');
    const translated = 'kann den Read/Write-Modus einer Transaktion nicht während der Wiederherstellung setzen';
    assert.equal(said(answer('0A000', translated, { routine: 'call_bool_check_hook' })), 'STORAGE_UNAVAILABLE');
    const others = ['cached plan must not change result type', 'LISTEN is not supported here'];
    for (const other of others) assert.equal(said(answer('0A000', other, { routine: 'other' })), 'passed on');
    assert.equal(said(answer('42601', english, { routine: 'call_bool_check_hook' })), 'passed on');
    assert.ok(isGoing(new DatabaseFailure('it failed', { cause: answer('0A000', english) })));
    assert.ok(!isGoing(new DatabaseFailure('it failed', { cause: answer('0A000', 'another') })));
  });

  it('is STORAGE_UNAVAILABLE where a quota is used up or the file system is read-only', () => {
    const quota = answer('XX000', 'could not extend file "base/5/1259": Disk quota exceeded');
    const mounted = answer('42501', 'could not open file "base/5/1259": Read-only file system');
    assert.deepEqual([said(quota), said(mounted)], ['STORAGE_UNAVAILABLE', 'STORAGE_UNAVAILABLE']);
    const damaged = answer('XX000', 'could not read blocks 1..1 in file "base/5/1259"');
    const refused = answer('42501', 'permission denied for table "Read-only file system"');
    assert.deepEqual([said(damaged), said(refused)], ['STORAGE_DAMAGED', 'STORAGE_REFUSED']);
    const [ofTable, ofRead] = [
      answer('42501', 'keine Berechtigung für Tabelle t', { file: 'aclchk.c', routine: 'aclcheck_error' }),
      answer('XX000', 'konnte Block 1 nicht lesen', { file: 'md.c', routine: 'mdreadv' }),
    ];
    assert.deepEqual([said(ofTable), said(ofRead)], ['STORAGE_REFUSED', 'STORAGE_DAMAGED']);
  });

  it('is STORAGE_UNREACHABLE where a pooler waits for its database or has no room, which passes', () => {
    for (const words of ['query_wait_timeout', 'no more connections allowed (max_client_conn)'])
      assert.equal(said(answer('08P01', words)), 'STORAGE_UNREACHABLE');
  });

  it('is tried again where a pooler knows a statement that the database does not: nothing behind it was handed on', () => {
    const isTried = (words: string) => isWorthAnotherTry(new DatabaseFailure('', { cause: answer('08P01', words) }));
    assert.ok(isTried('prepared statement name is already in use'));
    assert.ok(!isTried('server conn crashed?'), 'it may have been committed');
  });

  it('is passed on where a statement is wrong', () => {
    const error = Object.assign(new Error('syntax'), { severity: 'ERROR', code: '42601' });
    assert.equal(postgresError(error), error);
  });
});
