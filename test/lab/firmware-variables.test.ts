import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { encodeSignatureList, guids } from '../../src/core/event-log/index.ts';
import { enrolRevocations } from '../../lab/firmware-variables.ts';

const store = new Uint8Array(readFileSync('/usr/share/OVMF/OVMF_VARS_4M.ms.fd'));
const digests = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));
const dbx = encodeSignatureList({ typeGuid: guids.certSha256, owner: guids.shimLock, signatures: digests });

describe('revocations in the variables of OVMF', () => {
  it('stand in the place of those before, and change nothing else', () => {
    const changed = Buffer.from(enrolRevocations(store, digests));
    assert.equal(changed.length, store.length);
    const at = changed.indexOf(dbx);
    assert.ok(at > 0);
    const header = 60 + Buffer.from('dbx\0', 'utf16le').length;
    const differing = [...changed.keys()].filter((index) => changed[index] !== store[index]);
    const outside = differing.filter((index) => index < at - header || index >= at + dbx.length);
    assert.equal(outside.length, 1, 'the state of the one before');
    assert.notDeepEqual(enrolRevocations(changed, digests), changed, 'a renewal is another variable');
  });

  it('are refused where there is no room, or nothing to replace', () => {
    const many = Array.from({ length: 6000 }, () => new Uint8Array(32));
    assert.throws(() => enrolRevocations(store, many), /no room/);
    const empty = new Uint8Array(readFileSync('/usr/share/OVMF/OVMF_VARS_4M.fd'));
    assert.throws(() => enrolRevocations(empty, digests), /no dbx/);
  });
});
