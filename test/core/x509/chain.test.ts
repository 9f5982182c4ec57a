import assert from 'node:assert/strict';
import { completeChain, missingIssuer } from '../../../src/core/x509/index.ts';
import { makeEk, makeIntermediate, makeRoot, testKey } from '../../support/pki.ts';

const root = makeRoot();
const issuing = makeIntermediate(root, { name: 'Issuing' });
const lower = makeIntermediate(issuing, { name: 'Lower' });
const ek = makeEk(lower).certificate;
const stranger = makeIntermediate(root, { name: 'Stranger' });
const subjects = (certificates: readonly { subject: string }[]) => certificates.map(({ subject }) => subject.slice(-8));

describe('chains of issuers', () => {
  it('are completed from the pool, link by link, and take nothing that issued none of it', () => {
    const pool = [root, stranger, issuing, lower].map(({ certificate }) => certificate);
    assert.deepEqual(completeChain(ek, [], pool), [lower.certificate, issuing.certificate, root.certificate]);
    assert.deepEqual(completeChain(ek, [lower.certificate], pool.slice(0, 3)), [
      lower.certificate,
      issuing.certificate,
      root.certificate,
    ]);
    assert.deepEqual(completeChain(ek, [], []), []);
  });

  it('never grow beyond what a path may have', () => {
    const same = Array.from({ length: 100 }, (_, index) =>
      makeIntermediate(issuing, { name: 'Lower', key: lower.key, pathLength: index }),
    );
    const pool = same.map(({ certificate }) => certificate);
    assert.equal(completeChain(ek, [], pool).length, 64);
  });

  it('name the issuer at which they break off, with its key identifier', () => {
    const missing = missingIssuer(ek, []);
    assert.deepEqual(subjects([{ subject: missing?.name ?? '' }]), ['CN=Lower']);
    assert.equal(missing?.keyIdHex, lower.certificate.subjectKeyIdHex);
    assert.equal(missingIssuer(ek, [lower.certificate])?.keyIdHex, issuing.certificate.subjectKeyIdHex);
  });

  it('miss no intermediate when they end in a root', () => {
    assert.equal(
      missingIssuer(
        ek,
        [root, issuing, lower].map(({ certificate }) => certificate),
      ),
      undefined,
    );
  });

  it('are looked for by no more than 64 signatures, however many certificates have the name of an issuer', () => {
    const impostor = makeIntermediate(root, { name: 'Lower', key: testKey('p256', 'impostor') });
    const named = { ...ek, authorityKeyIdHex: undefined };
    const behind = (count: number) => {
      const impostors = Array.from({ length: count }, () => ({ ...impostor.certificate }));
      return missingIssuer(named, [...impostors, lower.certificate])?.name ?? '';
    };
    assert.match(behind(63), /CN=Issuing$/);
    assert.match(behind(64), /CN=Lower$/);
  });

  it('do not go on over a certificate that only has the name of the issuer', () => {
    const impostor = makeIntermediate(root, { name: 'Lower', key: testKey('p256', 'impostor'), fault: 'no keyUsage' });
    const named = { ...ek, authorityKeyIdHex: undefined };
    assert.deepEqual(subjects([{ subject: missingIssuer(named, [impostor.certificate])?.name ?? '' }]), ['CN=Lower']);
  });
});
