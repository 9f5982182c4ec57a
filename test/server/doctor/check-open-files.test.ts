import assert from 'node:assert/strict';
import { checkConfig } from '../../../src/server/index.ts';
import { checkOpenFiles } from '../../../src/server/doctor/check-open-files.ts';

describe('file descriptors', () => {
  const configOf = (more: object) => checkConfig({ serverId: 'test.example', ...more }, '/nowhere');
  const postgres = { storage: 'postgres://a@db.example/b', postgres: { connections: 20 } };

  it('are named where they are fewer than connections and what the server itself needs', () => {
    assert.deepEqual(checkOpenFiles(configOf({}), 1_048_576), []);
    assert.deepEqual(checkOpenFiles(configOf({}), 8192 + 164), []);
    assert.match(checkOpenFiles(configOf({}), 8192 + 163)[0]?.message ?? '', /may open 8355 files, and takes 8191 /);
    assert.match(checkOpenFiles(configOf(postgres), 1024)[0]?.message ?? '', / takes 840 connections instead of 8192 /);
    assert.match(checkOpenFiles(configOf({}), 100)[0]?.message ?? '', / takes 16 connections /);
  });

  it('are no matter where nobody says how many there may be', () => {
    assert.deepEqual(checkOpenFiles(configOf({}), Infinity), []);
  });
});
