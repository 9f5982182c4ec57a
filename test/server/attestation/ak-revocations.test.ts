// The revocation list of the attestation CA while its key is out of reach.
import assert from 'node:assert/strict';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { extensionOids, parseCrl } from '../../../src/core/x509/index.ts';
import { createAkRevocations, type AkRevocations } from '../../../src/server/attestation/ak-revocations.ts';
import { ServerError } from '../../../src/server/errors.ts';
import type { AttestationAuthority } from '../../../src/server/keys/attestation-authority.ts';
import type { AkListRecord, RevokedAkCertificate } from '../../../src/server/storage/index.ts';
import { makeRoot, pkiDate } from '../../support/pki.ts';

const hourMs = 3_600_000;

describe('the revocation list of the attestation CA', () => {
  let now: number;
  let revoked: RevokedAkCertificate[];
  /** Thrown where something is to be signed. */
  let fault: Error | undefined;
  let lists: AkRevocations;
  let reads: number;
  /** Of the last list, in the store. */
  let last: AkListRecord | undefined;
  /** Thrown where something is to be kept. */
  let fullDisk: Error | undefined;
  const { certificate } = makeRoot();
  const authority: AttestationAuthority = {
    id: 'ca',
    certificate,
    chain: [],
    keyId: undefined,
    algorithm: 'ecdsa-sha256',
    sign: () => (fault === undefined ? Promise.resolve(new Uint8Array(64)) : Promise.reject(fault)),
    close: () => Promise.resolve(),
  };
  const current = () => lists.current(authority);

  /** A server that has just been started, over the same store. */
  const start = () =>
    createAkRevocations({
      store: {
        akRevocationRevision: () => Promise.resolve(revoked.length),
        listRevokedAkCertificates: () => {
          reads += 1;
          return Promise.resolve([...revoked]);
        },
        findLastAkList: () => Promise.resolve(last),
        replaceLastAkList: (_issuer, before, next) => {
          if (fullDisk !== undefined) return Promise.reject(fullDisk);
          const isStill = before === last;
          if (isStill) last = next;
          return Promise.resolve(isStill);
        },
      },
      config: { attestationCa: { crlHours: 24 } } as Parameters<typeof createAkRevocations>[0]['config'],
      now: () => new Date(now),
    });

  beforeEach(() => {
    [now, revoked, fault, reads] = [pkiDate.getTime(), [], undefined, 0];
    [last, fullDisk] = [undefined, undefined];
    lists = start();
  });

  const describeList = (der: Uint8Array) => {
    const { thisUpdate, extensions, revoked } = parseCrl(der);
    const number = extensions.find(({ oid }) => oid === extensionOids.crlNumber)?.value ?? new Uint8Array();
    return {
      number: Number.parseInt(encodeHex(number.subarray(2)), 16),
      at: thisUpdate.getTime(),
      revoked: revoked.size,
    };
  };

  it('is given on while it says what is true, for as long as it lives', async () => {
    const list = await current();
    fault = new ServerError('PKCS11_TOKEN_ABSENT');
    now += 24 * hourMs - 1;
    assert.deepEqual(await current(), list);
    now += 1;
    await assert.rejects(current(), { code: 'PKCS11_TOKEN_ABSENT' });
  });

  it('is read and signed once for all who ask, until something is revoked', async () => {
    const [list, ...others] = await Promise.all([current(), current(), current()]);
    assert.ok(others.every((other) => other === list));
    assert.equal(await current(), list);
    assert.equal(reads, 1);
    revoked.push({ serial: '01', revokedAt: now, reason: 5 });
    assert.notDeepEqual(await current(), list);
    assert.equal(reads, 2);
  });

  it('is not given where it leaves out what was revoked since', async () => {
    await current();
    fault = new ServerError('PKCS11_TOKEN_ABSENT');
    revoked.push({ serial: '01', revokedAt: now, reason: 5 });
    await assert.rejects(current(), { code: 'PKCS11_TOKEN_ABSENT' });
  });

  it('has a higher number than every one before it, also where the clock was ahead and is set right', async () => {
    const numbers: number[] = [];
    const serve = async (server: AkRevocations) => numbers.push(describeList(await server.current(authority)).number);
    await serve(lists);
    now += 365 * 24 * hourMs;
    await serve(start());
    now -= 365 * 24 * hourMs;
    const restarted = start();
    await serve(restarted);
    revoked.push({ serial: '01', revokedAt: now, reason: 5 });
    await serve(restarted);
    fullDisk = new ServerError('STORAGE_UNAVAILABLE');
    for (let hours = 0; hours < 2; hours += 1) {
      now += 12 * hourMs;
      await serve(restarted);
    }
    assert.deepEqual(numbers, [...new Set(numbers)].sort((one, other) => one - other)); // prettier-ignore
    assert.equal(describeList(await restarted.current(authority)).at, now);
  });

  it('is the same one by each server that shares the store', async () => {
    const mine = describeList(await current());
    now += hourMs;
    const other = start();
    assert.deepEqual(describeList(await other.current(authority)), mine);
    revoked.push({ serial: '01', revokedAt: now, reason: 5 });
    const [theirs, ours] = (await Promise.all([other.current(authority), current()])).map(describeList);
    assert.deepEqual(theirs, ours);
    assert.equal(theirs?.revoked, 1);
    assert.ok(theirs.number > mine.number);
  });

  it('hides no failure of the server itself', async () => {
    await current();
    fault = new TypeError('a mistake');
    now += 12 * hourMs;
    await assert.rejects(current(), fault);
  });
});
