// What an operator reads first about a boot that is refused, by real boots of one machine.
import assert from 'node:assert/strict';
import { appraise } from '../../../src/core/appraisal/index.ts';
import { createFinding, type CheckName } from '../../../src/core/appraisal/finding.ts';
import { advise, isBeyondGoldens } from '../../../src/core/appraisal/advise.ts';
import type { Finding } from '../../../src/core/verdict/index.ts';
import { labEvidence, labGoldens, labPolicy, labTrust } from './lab.ts';

const at = new Date('2026-11-25T12:00:00Z');
const goldens = labGoldens('sb-on');
const demandsSecureBoot = labPolicy({ requireFacts: { secureBoot: 'enabled' } });
const switchOn = /^Switch Secure Boot on in the firmware setup of the host/;
const proposes = ({ remedy }: Finding): boolean => remedy.includes('golden capture');

function findingsOf(run: string, policy = labPolicy(), known = goldens): readonly Finding[] {
  return appraise(labEvidence(run), labTrust(run, known), policy, at).findings;
}

describe('what a refusal advises', () => {
  it('says first to switch Secure Boot on, and nowhere to approve the boot, where the policy demands it', () => {
    const findings = findingsOf('sb-off', demandsSecureBoot);
    assert.equal(findings[0]?.code, 'FACT_SECURE_BOOT_DISABLED');
    assert.match(findings[0].remedy, switchOn);
    assert.ok(findings.some(({ code }) => code === 'FIRMWARE_DIVERGED'));
    assert.deepEqual(findings.filter(proposes), []);
    for (const { remedy } of findings.slice(1)) assert.match(remedy, /^Mend FACT_SECURE_BOOT_DISABLED first: /);
  });

  it('says so too where nothing was ever approved', () => {
    const findings = findingsOf('sb-off', demandsSecureBoot, []);
    assert.equal(findings[0]?.code, 'FACT_SECURE_BOOT_DISABLED');
    assert.ok(findings.some(({ code }) => code === 'LAYER_GOLDEN_NONE'));
    assert.deepEqual(findings.filter(proposes), []);
  });

  it('says first to switch Secure Boot on, then how to accept it off, where the policy leaves that open', () => {
    const [first, ...others] = findingsOf('sb-off');
    assert.equal(first?.code, 'SECURE_BOOT_DIVERGED');
    assert.match(first.remedy, switchOn);
    assert.match(first.remedy, /Only where it is to stay off, accept that: `touchstone golden capture hv-01/);
    assert.ok(others.every(proposes));
  });

  it('does not say so where golden measurements of a boot with Secure Boot off are what differs', () => {
    const findings = findingsOf('sb-on', labPolicy(), labGoldens('sb-off'));
    assert.ok(findings.some(({ code }) => code === 'SECURE_BOOT_DIVERGED'));
    assert.ok(!findings.some(({ remedy }) => switchOn.test(remedy)));
  });

  it('leaves the order of the appraisal where golden measurements are all that is missing', () => {
    const findings = findingsOf('kernel-cloud', demandsSecureBoot);
    assert.deepEqual(findings.map(({ code }) => code), ['KERNEL_DIVERGED', 'INITRD_DIVERGED']); // prettier-ignore
    assert.ok(findings.every(proposes));
  });

  it('counts what is wrong with the boot itself, and not with who vouches for its TPM', () => {
    const finding = (code: Parameters<typeof createFinding>[0], check: CheckName): Finding =>
      createFinding(code, { check, message: 'A sentence.' });
    const beyond = [
      finding('LOG_LOADER_AFTER_KERNEL', 'event-log'),
      finding('DENIED_BY_LIST', 'denied'),
      finding('FACT_DEBUG_MODE', 'facts'),
    ];
    const others = [
      finding('DENIED_ENDORSER', 'denied'),
      finding('LOG_QUIRK', 'event-log'),
      finding('KERNEL_DIVERGED', 'layers'),
    ];
    assert.deepEqual([...others, ...beyond].filter(isBeyondGoldens), beyond);
    assert.deepEqual(advise(others), others);
  });
});
