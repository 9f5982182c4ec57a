// The revocation list of the attestation CA while its key is out of reach.
import assert from 'node:assert/strict';
import { createAkRevocations, type AkRevocations } from '../../../src/server/attestation/ak-revocations.ts';
import { ServerError } from '../../../src/server/errors.ts';
import type { AttestationAuthority } from '../../../src/server/keys/attestation-authority.ts';
import type { RevokedAkCertificate } from '../../../src/server/storage/index.ts';
import { makeRoot, pkiDate } from '../../support/pki.ts';

const hourMs = 3_600_000;

describe('the revocation list of the attestation CA', () => {
  let now: number;
  let revoked: RevokedAkCertificate[];
  /** Thrown where something is to be signed. */
  let fault: Error | undefined;
  let lists: AkRevocations;
  let reads: number;
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

  beforeEach(() => {
    [now, revoked, fault, reads] = [pkiDate.getTime(), [], undefined, 0];
    lists = createAkRevocations({
      store: {
        akRevocationRevision: () => Promise.resolve(revoked.length),
        listRevokedAkCertificates: () => {
          reads += 1;
          return Promise.resolve([...revoked]);
        },
      },
      config: { attestationCa: { crlHours: 24 } } as Parameters<typeof createAkRevocations>[0]['config'],
      now: () => new Date(now),
    });
  });

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

  it('hides no failure of the server itself', async () => {
    await current();
    fault = new TypeError('a mistake');
    now += 12 * hourMs;
    await assert.rejects(current(), fault);
  });
});
