import assert from 'node:assert/strict';
import { parsePolicy, type PlatformStanding } from '../../../../src/core/appraisal/index.ts';
import { checkPlatform } from '../../../../src/core/appraisal/checks/check-platform.ts';

const facts = { manufacturer: 'M', model: 'X', version: '', serial: 'S1', components: [] };
const demanding = { platformCertificate: 'required' } as const;
const codes = (platform: PlatformStanding | undefined) =>
  checkPlatform({ platform }, demanding).map(({ code, severity }) => `${severity} ${code}`);

describe('checkPlatform', () => {
  it('says nothing where no policy demands a platform certificate', () => {
    const refused = { refused: { code: 'X509_PATH_EXPIRED', message: 'late' } };
    for (const platform of [undefined, refused, { facts, anchor: 'maker' }]) {
      assert.deepEqual(checkPlatform({ platform }, {}), []);
      assert.deepEqual(checkPlatform({ platform }, undefined), []);
    }
  });

  it('rejects when there is nothing to verify: no certificate', () => {
    assert.deepEqual(codes(undefined), ['error PLATFORM_CERTIFICATE_ABSENT']);
  });

  it('rejects one that is not proven, with the code of what speaks against it', () => {
    const platform = { refused: { code: 'X509_PATH_EXPIRED', message: 'late\u001b' } };
    assert.deepEqual(codes(platform), ['error PLATFORM_CERTIFICATE_REFUSED']);
    const [finding] = checkPlatform({ platform }, demanding);
    assert.ok(finding?.message.includes('X509_PATH_EXPIRED') && !finding.message.includes('\u001b'));
  });

  it('names a proven machine, and whose word that is, and calls its parts unmeasured', () => {
    const [finding, ...others] = checkPlatform({ platform: { facts, anchor: 'maker' } }, demanding);
    assert.deepEqual([finding?.code, finding?.severity, others], ['PLATFORM_CERTIFICATE_PROVEN', 'info', []]);
    assert.match(
      finding?.message ?? '',
      /maker bound this TPM to the machine M X, serial number S1; .*nothing measures/,
    );
  });

  it('is demanded by one word of the policy, and no other', () => {
    const policy = { id: 'p', version: 1, layers: ['firmware'], verdictSeconds: 60 };
    assert.equal(parsePolicy({ ...policy, ...demanding }).platformCertificate, 'required');
    assert.ok(!('platformCertificate' in parsePolicy(policy)));
    for (const platformCertificate of ['optional', true, '', null]) {
      assert.throws(() => parsePolicy({ ...policy, platformCertificate }), { code: 'APPRAISAL_POLICY_INVALID' });
    }
  });
});
