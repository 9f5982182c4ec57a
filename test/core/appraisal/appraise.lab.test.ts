// Golden measurements captured from one real boot, held against other real boots of the same machine.
import assert from 'node:assert/strict';
import { appraise } from '../../../src/core/appraisal/index.ts';
import type { Finding, Verdict } from '../../../src/core/verdict/index.ts';
import { bootLayers, labEvidence, labGoldens, labKey, labPolicy, labTrust, type LabKey } from './lab.ts';

const at = new Date('2026-11-25T12:00:00Z');
const goldens = labGoldens('sb-on');

function appraiseRun(run: string, reference = goldens, policy = labPolicy()): Verdict {
  return appraise(labEvidence(run), labTrust(run, reference), policy, at);
}

function divergedLayers({ findings }: Verdict): readonly (string | undefined)[] {
  return findings.filter(({ check, severity }) => check === 'layers' && severity === 'error').map(({ layer }) => layer);
}

function findingOf(verdict: Verdict, code: string): Finding {
  const finding = verdict.findings.find((found) => found.code === code);
  assert.ok(finding !== undefined, `${code} is among ${verdict.findings.map((found) => found.code).join(', ')}`);
  return finding;
}

describe('appraisal of real boots', () => {
  for (const run of ['sb-on', 'sb-on-crb']) {
    for (const key of ['ecc', 'rsa'] as const) {
      it(`trusts ${run} quoted by the ${key} key, which boots what was captured`, () => {
        const verdict = appraiseWith(run, key);
        assert.equal(verdict.status, 'affirming');
        assert.deepEqual(verdict.findings, []);
        assert.deepEqual(Object.keys(verdict.layers), [...bootLayers]);
        assert.deepEqual(verdict.vector, { 'instance-identity': 2, configuration: 2, executables: 3, hardware: 2 });
        assert.equal(verdict.boot?.epoch, 'first');
        assert.equal(verdict.issuedAt, '2026-11-25T12:00:00.000Z');
        assert.equal(verdict.expiresAt, '2026-11-25T12:05:00.000Z');
        assert.match(verdict.evidenceDigest, /^[0-9a-f]{64}$/);
        assert.match(verdict.eventLogDigest ?? '', /^[0-9a-f]{64}$/);
      });
    }
  }

  function appraiseWith(run: string, key: LabKey): Verdict {
    const trust = labTrust(run, goldens, { host: { id: 'hv-01', attestationKey: labKey(key) } });
    return appraise(labEvidence(run, key), trust, labPolicy(), at);
  }

  const refused: Readonly<Record<string, readonly string[]>> = {
    'sb-on-linuxefi': ['kernel-command-line'],
    'sb-off': ['secure-boot', 'firmware', 'kernel', 'kernel-command-line'],
    'cfg-tampered': ['kernel-command-line'],
    'kernel-cloud': ['kernel', 'initrd'],
    'initrd-changed': ['initrd'],
    uki: ['secure-boot', 'boot-loader', 'kernel', 'kernel-command-line', 'initrd'],
    'uki-evil': ['secure-boot', 'boot-loader', 'kernel', 'kernel-command-line', 'initrd'],
  };
  for (const [run, layers] of Object.entries(refused)) {
    it(`refuses ${run} for ${layers.join(', ')} and nothing else`, () => {
      const verdict = appraiseRun(run);
      assert.equal(verdict.status, 'contraindicated');
      assert.deepEqual(divergedLayers(verdict), layers);
      assert.deepEqual(
        Object.keys(verdict.layers),
        bootLayers.filter((layer) => !layers.includes(layer)),
      );
      for (const finding of verdict.findings) {
        assert.match(finding.message, /^[A-Z].*\.$/);
        assert.notEqual(finding.remedy, '');
      }
    });
  }

  it('shows the word that a tampered configuration added, and the command that would accept it', () => {
    const finding = findingOf(appraiseRun('cfg-tampered'), 'KERNEL_COMMAND_LINE_DIVERGED');
    assert.match(
      finding.message,
      /^The kernel command line changed: added "lab\.evil=1" \(layer kernel-command-line, PCR 8/,
    );
    assert.equal(finding.pcr, 8);
    assert.equal(finding.event, 46);
    assert.match(finding.observed ?? '', /ima_hash=sha256 lab\.evil=1 rootfstype=ramfs/);
    assert.doesNotMatch(finding.expected ?? '', /lab\.evil/);
    assert.match(finding.remedy, /`touchstone golden capture hv-01 --layers kernel-command-line --out drafts`/);
  });

  it('says that Secure Boot is off in the layer, and as a fact when the policy demands it', () => {
    const verdict = appraiseRun('sb-off', goldens, labPolicy({ requireFacts: { secureBoot: 'enabled' } }));
    assert.match(findingOf(verdict, 'SECURE_BOOT_DIVERGED').message, /^Secure Boot is off /);
    const fact = findingOf(verdict, 'FACT_SECURE_BOOT_DISABLED');
    assert.equal(fact.observed, 'disabled');
    assert.equal(fact.event, 4);
    assert.equal(verdict.vector.configuration, 96);
  });

  it('refuses a host that boots approved layers with Secure Boot off, when the policy demands it on', () => {
    const policy = labPolicy({ requireFacts: { secureBoot: 'enabled' }, layers: ['firmware', 'boot-loader'] });
    const verdict = appraiseRun('sb-off', labGoldens('sb-off'), policy);
    assert.deepEqual(Object.keys(verdict.layers), ['firmware', 'boot-loader']);
    assert.equal(verdict.status, 'contraindicated');
    assert.deepEqual(
      verdict.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code),
      ['FACT_SECURE_BOOT_DISABLED'],
    );
  });

  it('demands and forbids words of the kernel command line', () => {
    const demand = (kernelCommandLine: Partial<Record<'require' | 'forbid', readonly string[]>>): Verdict =>
      appraiseRun('sb-on', goldens, labPolicy({ requireFacts: { kernelCommandLine } }));
    assert.equal(demand({ require: ['ima_policy=tcb'], forbid: ['init=/bin/sh'] }).status, 'affirming');
    assert.equal(findingOf(demand({ require: ['lockdown=integrity'] }), 'FACT_COMMAND_LINE_WORD_MISSING').event, 46);
    assert.equal(findingOf(demand({ forbid: ['rootfstype=ramfs'] }), 'FACT_COMMAND_LINE_WORD_FORBIDDEN').event, 46);
  });

  it('tells a unified kernel image with another command line from the approved one', () => {
    const verdict = appraiseRun('uki-evil', labGoldens('uki'));
    assert.deepEqual(divergedLayers(verdict), ['kernel', 'kernel-command-line']);
    const unified = labPolicy();
    assert.equal(appraiseRun('uki', labGoldens('uki'), unified).status, 'affirming');
  });

  it('accepts several good kernels side by side, layer by layer', () => {
    const both = [...goldens, ...labGoldens('kernel-cloud'), ...labGoldens('initrd-changed')];
    for (const run of ['sb-on', 'kernel-cloud', 'initrd-changed']) {
      assert.equal(appraiseRun(run, both).status, 'affirming', run);
    }
  });

  it('does not see what happened after the boot, and refuses when a policy demands that it does', () => {
    assert.equal(appraiseRun('ima-evil').status, 'affirming');
    const verdict = appraiseRun('ima-evil', goldens, labPolicy({ layers: [...bootLayers, 'runtime'] }));
    assert.equal(verdict.status, 'none');
    assert.equal(findingOf(verdict, 'RUNTIME_LIST_ABSENT').layer, 'runtime');
  });

  it('refuses a boot whose kernel hides the event log, with a reason of its own', () => {
    const verdict = appraiseRun('sb-off-nolog');
    assert.equal(verdict.status, 'none');
    assert.equal(
      findingOf(verdict, 'EVENT_LOG_EMPTY').message,
      'The event log cannot be verified: the log has no bytes.',
    );
    assert.deepEqual(verdict.layers, {});
  });

  it('T28: verifies the signature again when stored evidence is appraised again', () => {
    const stored = labEvidence('sb-on');
    const first = appraise(stored, labTrust('sb-on', goldens), labPolicy(), at);
    const again = appraise(stored, labTrust('sb-on', goldens), labPolicy(), at);
    assert.equal(JSON.stringify(again), JSON.stringify(first));
    const signature = Uint8Array.from(stored.signature);
    signature[signature.length - 1] = (signature[signature.length - 1] ?? 0) ^ 1;
    const forged = appraise({ ...stored, signature }, labTrust('sb-on', goldens), labPolicy(), at);
    assert.equal(forged.status, 'contraindicated');
    assert.deepEqual(forged.layers, {});
    assert.equal(forged.boot, undefined);
    assert.equal(forged.vector['instance-identity'], 99);
  });
});
