// What the maker of a machine says of the machine of a host, and when nobody believes it.
import assert from 'node:assert/strict';
import { checkReadable, judgePlatform, type EndorsementRoots, type EnrolledHost } from '../../../src/core/endorsement/index.ts'; // prettier-ignore
import { anchorOf, makeCrl, makeEk, makeRoot, pkiDate } from '../../support/pki.ts';
import { makePlatform, platformNames } from '../../support/platform-certificate.ts';
import { ek, enrolledHost, machineIssuer, machineRoot, rootsOf, tpmIssuer, year } from './enrolment.ts';

const good = makePlatform(machineIssuer, ek.certificate);
const ofAnother = makePlatform(machineIssuer, makeEk(tpmIssuer, { label: 'another EK' }).certificate);
const sent = (...platformCertificates: readonly Uint8Array[]) => ({ platformCertificates });

/** The model and the anchor, or the code of the refusal. */
function judge(host: Partial<EnrolledHost>, roots: Partial<EndorsementRoots> = {}, at = pkiDate): unknown {
  const standing = judgePlatform(enrolledHost(host), rootsOf(roots), at);
  if (standing === undefined) return undefined;
  return 'facts' in standing ? [standing.facts.model, standing.anchor] : standing.refused.code;
}

describe('what the maker of a machine says', () => {
  const believed = [platformNames['2.23.133.5.1.4'], 'machines'];

  it('is believed below an anchor for machines, over issuers that the host sent or the server has', () => {
    assert.deepEqual(judge(sent(good, machineIssuer.der)), believed);
    assert.deepEqual(judge(sent(good), { intermediates: [machineIssuer.certificate] }), believed);
    assert.equal(judge(sent(good)), 'X509_PATH_NO_ANCHOR');
    assert.equal(judge(sent(good, machineIssuer.der), { platformAnchors: [anchorOf(makeRoot({ name: 'x' }))] }), 'X509_PATH_NO_ANCHOR'); // prettier-ignore
    for (const none of [sent(), sent(machineIssuer.der)]) assert.equal(judge(none), undefined);
  });

  it('counts only for the TPM that the certificate of the host’s own EK proves', () => {
    assert.equal(judge(sent(ofAnother, machineIssuer.der)), 'X509_PLATFORM_HOLDER_OTHER');
    const both = sent(good, machineIssuer.der);
    assert.equal(judge({ ...both, ekCertificate: undefined }), 'X509_PLATFORM_HOLDER_UNPROVEN');
    const revocationLists = [makeCrl(tpmIssuer, { revoked: [ek] })];
    for (const unproven of [{ anchors: [] }, { anchors: [anchorOf(machineRoot)] }, { revocationLists }])
      assert.equal(judge(both, unproven), 'X509_PLATFORM_HOLDER_UNPROVEN');
  });

  it('is asked as of the day on which the host enrolled, and its revocation as of now', () => {
    const both = sent(good, machineIssuer.der);
    const later = new Date(pkiDate.getTime() + 20 * year);
    assert.deepEqual(judge(both, {}, later), believed);
    assert.equal(judge({ ...both, enrolledAt: later.getTime() }, { anchors: [] }, later), 'X509_PLATFORM_HOLDER_UNPROVEN'); // prettier-ignore
    const early = makePlatform(machineIssuer, ek.certificate, { notAfter: '20260531235959Z' });
    assert.equal(judge(sent(early, machineIssuer.der)), 'X509_PATH_EXPIRED');
    const lists = { platformAnchors: [anchorOf(machineRoot, { name: 'machines', revocation: 'require' })], revocationLists: [makeCrl(machineIssuer), makeCrl(machineRoot)] } as const; // prettier-ignore
    assert.deepEqual(judge(both, lists), believed);
    assert.equal(judge(both, lists, later), 'X509_CRL_STALE');
    const withdrawn = { revocationLists: [makeCrl(machineRoot, { revoked: [machineIssuer] })] };
    assert.equal(judge(both, withdrawn), 'X509_CERTIFICATE_REVOKED');
  });

  it('is that of the first certificate that is proven; where none is, what speaks against the first is told', () => {
    const early = makePlatform(machineIssuer, ek.certificate, { notAfter: '20260531235959Z' });
    const { der } = machineIssuer;
    assert.deepEqual(judge(sent(ofAnother, der, good)), believed);
    const names = { ...platformNames, '2.23.133.5.1.4': 'TM-2000' };
    const second = makePlatform(machineIssuer, ek.certificate, { names });
    assert.deepEqual(judge(sent(ofAnother, second, good, der)), ['TM-2000', 'machines']);
    assert.equal(judge(sent(early, ofAnother, der)), 'X509_PATH_EXPIRED');
    assert.equal(judge(sent(ofAnother, early, der)), 'X509_PLATFORM_HOLDER_OTHER');
  });

  it('is kept as it was sent, and not where nobody can read it', () => {
    const kept = [good, machineIssuer.der];
    assert.equal(checkReadable(kept), kept);
    assert.throws(() => checkReadable([good.subarray(0, -1), machineIssuer.der]), { code: /^X509_/ });
    assert.throws(() => checkReadable([good, machineIssuer.der.subarray(0, -1)]), { code: 'X509_CERTIFICATE_MALFORMED' }); // prettier-ignore
  });
});
