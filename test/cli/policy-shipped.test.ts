// The policies that come with Touchstone, held against real boots: which pass, which are refused and for what.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appraise, lintPolicy, type AppraisalPolicy } from '../../src/core/appraisal/index.ts';
import type { Verdict } from '../../src/core/verdict/index.ts';
import {
  parsePolicyDocument,
  readPolicyDocument,
  shippedPolicyFile,
  shippedPolicyNames,
} from '../../src/cli/inputs/policy-document.ts';
import { loadContract } from '../../src/server/http/contract.ts';
import { labEvidence, labGoldens, labTrust } from '../core/appraisal/lab.ts';
import { cli, cliJson } from './cli-run.ts';

function shipped(name: string): AppraisalPolicy {
  return parsePolicyDocument(readPolicyDocument(shippedPolicyFile(name), undefined));
}

function appraiseBy(policy: AppraisalPolicy, run: string, goldens = labGoldens(run)): Verdict {
  return appraise(labEvidence(run), labTrust(run, goldens), policy, new Date('2026-11-25T12:00:00Z'));
}

function errorsOf({ findings }: Verdict): readonly string[] {
  return findings.filter(({ severity }) => severity === 'error').map(({ code, message }) => {
    return `${code} ${/fact ([\w.-]+)/.exec(message)?.[1] ?? ''}`.trim();
  }); // prettier-ignore
}

const { putPolicy } = loadContract();

describe('shipped policies', () => {
  const standard = shipped('hypervisor-standard');
  const strict = shipped('hypervisor-strict');

  it('are two, which the server takes as they stand and `policy check` does not remark upon', async () => {
    assert.deepEqual(shippedPolicyNames(), ['hypervisor-standard', 'hypervisor-strict']);
    for (const name of shippedPolicyNames()) {
      putPolicy.checkBody(readPolicyDocument(shippedPolicyFile(name), undefined).document);
      assert.deepEqual(lintPolicy(shipped(name)).filter(({ severity }) => severity !== 'advice'), []); // prettier-ignore
      assert.equal((await cli(['policy', 'check', shippedPolicyFile(name)])).status, 0);
    }
  });

  for (const run of ['sb-on', 'sb-on-crb', 'sb-on-linuxefi', 'kernel-cloud', 'sdboot-uki']) {
    it(`hypervisor-standard trusts ${run}, where it boots what was signed`, () => {
      const verdict = appraiseBy(standard, run);
      assert.deepEqual(verdict.findings, []);
      assert.equal(verdict.status, 'affirming');
    });
  }

  it('hypervisor-standard refuses Secure Boot off though operators signed it', () => {
    assert.deepEqual(errorsOf(appraiseBy(standard, 'sb-off')), ['FACT_SECURE_BOOT_DISABLED secureBoot']);
  });

  it('hypervisor-standard refuses a unified kernel whose command line no bound event tells', () => {
    assert.deepEqual(errorsOf(appraiseBy(standard, 'uki')), [
      'FACT_NOT_PROVEN hardening.iommu',
      'FACT_NOT_PROVEN hardening.mitigations',
      'FACT_NOT_PROVEN hardening.ordinary-start',
      'FACT_CONDITION_NOT_PROVEN',
    ]);
  });

  it('both refuse what nobody signed', () => {
    for (const policy of [standard, strict]) {
      const codes = errorsOf(appraiseBy(policy, 'cfg-tampered', labGoldens('sb-on')));
      assert.ok(codes.includes('KERNEL_COMMAND_LINE_DIVERGED'), codes.join());
    }
  });

  it('hypervisor-strict refuses sb-on for an empty dbx and a kernel that is not locked down, and nothing else', () => {
    assert.deepEqual(errorsOf(appraiseBy(strict, 'sb-on')), [
      'FACT_REFUSED dbx',
      'FACT_REFUSED hardening.lockdown',
      'FACT_REFUSED hardening.module-signatures',
    ]);
  });

  it('hypervisor-strict refuses a boot without shim: nothing tells its SBAT level', () => {
    const errors = errorsOf(appraiseBy(strict, 'sdboot-uki'));
    assert.deepEqual(errors.filter((error) => error.startsWith('FACT_NOT_PROVEN')), [
      'FACT_NOT_PROVEN sbatLevel.date',
      'FACT_NOT_PROVEN sbatLevel.shim',
      'FACT_NOT_PROVEN sbatLevel.grub',
    ]); // prettier-ignore
  });

  it('are printed by `policy shipped`, listed without a name; another name is misuse', async () => {
    assert.match(
      (await cli(['policy', 'shipped', 'hypervisor-strict'])).stdout,
      /^# hypervisor-strict: .*\n(.*\n)*hosts: /,
    );
    assert.match((await cli(['policy', 'shipped'])).stdout, /hypervisor-standard {2}The whole boot/);
    assert.equal((await cli(['policy', 'shipped', '../package'])).status, 2);
  });
});

describe('touchstone policy check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-check-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (content: string): string => {
    writeFileSync(join(folder, 'p.yaml'), content);
    return join(folder, 'p.yaml');
  };

  it('refuses a policy with a stage left open, with its remarks as data', async () => {
    const file = write('id: p\nlayers: [firmware]\nhosts: { all: true }\n');
    const run = await cliJson(['policy', 'check', file]);
    assert.equal(run.status, 1);
    const { code, remarks } = run.document as { code: string; remarks: { code: string; layer?: string }[] };
    assert.equal(code, 'CLI_POLICY_DOUBTFUL');
    const open = remarks.filter((remark) => remark.code === 'POLICY_STAGE_OPEN').map(({ layer }) => layer);
    assert.deepEqual(open, ['secure-boot', 'boot-loader', 'kernel', 'kernel-command-line', 'initrd']);
    assert.match((await cli(['policy', 'check', file])).stdout, /^warning POLICY_STAGE_OPEN: /m);
  });

  it('refuses what the server would: an empty policy, SHA-1, unknown facts, no hosts', async () => {
    const refusals = {
      'layers: []': 'APPRAISAL_POLICY_EMPTY',
      'layers: [kernel]\nbank: sha1': 'APPRAISAL_POLICY_BANK_REFUSED',
      'layers: [kernel]\nrequireFacts: { secureBot: enabled }': 'APPRAISAL_POLICY_INVALID',
    };
    for (const [text, code] of Object.entries(refusals)) {
      const run = await cliJson(['policy', 'check', write(`id: p\nhosts: { all: true }\n${text}\n`)]);
      assert.equal((run.document as { code: string }).code, code);
      assert.equal(run.status, 1);
    }
    const { document } = await cliJson(['policy', 'check', write('id: p\nlayers: [kernel]\n')]);
    assert.match((document as { message: string }).message, /^hosts: /);
  });
});
