import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hardening, parseCommandLine } from '../../../../src/core/event-log/index.ts';
import { readPattern } from '../../../../src/core/event-log/facts/hardening-pattern.ts';

/** Whether `word` of a command line is what `pattern` means. */
function means(pattern: string, word: string, weakens = true): boolean {
  const { name, matches } = readPattern(pattern, { weakens });
  const [parameter] = parseCommandLine(word);
  return parameter?.name === name && matches(parameter.value);
}

describe('patterns of kernel parameters', () => {
  const cases: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
    ['mds=off', ['mds=off', 'mds="off"'], ['mds', 'mds=offline', 'mds=full', 'mdsx=off']],
    ['intel_iommu=on', ['intel_iommu=on', 'intel-iommu=sm_on,on'], ['intel_iommu=sm_on', 'intel_iommu=on_']],
    ['iommu=off*', ['iommu=off', 'iommu=offf', 'iommu=force,off'], ['iommu=of', 'iommu=igfx_off']],
    ['l1tf=full,force', ['l1tf=full,force'], ['l1tf=full', 'l1tf=force']],
    ['mitigations=no_guest_host', ['mitigations=auto;no_user_user,no_guest_host'], ['mitigations=auto']],
    [
      'iommu.strict=<yes>',
      ['iommu.strict=1', 'iommu.strict=Y', 'iommu.strict=on', 'iommu.strict=true'],
      ['iommu.strict=0', 'iommu.strict=off', 'iommu.strict', 'iommu.strict='],
    ],
    [
      'iommu.strict=<no>',
      ['iommu.strict=0', 'iommu.strict=N', 'iommu.strict=oFF', 'iommu.strict=00'],
      ['iommu.strict=1', 'iommu.strict=on'],
    ],
    ['init=<not /sbin/init|/init>', ['init=/bin/sh', 'init', 'init=/sbin/init2'], ['init=/sbin/init', 'init=/init']],
    ['lsm=<without lockdown|yama>', ['lsm=apparmor', 'lsm='], ['lsm=apparmor,yama', 'lsm=lockdown', 'lsm']],
    [
      'sysctl.kernel.x=1',
      ['sysctl.kernel.x=1', 'sysctl/kernel/x=1', 'sysctl.kernel/x=1'],
      ['kernel.x=1', 'sysctl.kernel.x=2'],
    ],
  ];
  for (const [pattern, yes, no] of cases) {
    it(`${pattern} means ${yes.join(' ')} and not ${no.join(' ')}`, () => {
      for (const word of yes) assert.equal(means(pattern, word), true, word);
      for (const word of no) assert.equal(means(pattern, word), false, word);
    });
  }

  it('a bare word weakens with any value, and strengthens alone only', () => {
    assert.equal(means('nokaslr', 'nokaslr'), true);
    assert.equal(means('crashkernel', 'crashkernel=256M'), true);
    assert.equal(means('module.sig_enforce', 'module.sig_enforce', false), true);
    assert.equal(means('module.sig_enforce', 'module.sig_enforce=N', false), false);
  });

  it('no row calls one word both on and off', () => {
    for (const [name, { on, off }] of Object.entries(hardening)) {
      for (const word of on) {
        const written = word.replace('<yes>', '1');
        assert.ok(
          on.some((pattern) => means(pattern, written, false)),
          `${name}: ${word} is not on`,
        );
        assert.ok(!off.some((pattern) => means(pattern, written)), `${name}: ${word} is off too`);
      }
    }
  });

  it('every pattern of the table is one that the kernel or its init could meet', () => {
    for (const { on, off } of Object.values(hardening)) {
      for (const pattern of [...on, ...off]) {
        assert.match(pattern, /^[A-Za-z0-9_.-]+(?:=(?:[A-Za-z0-9_,.-]+\*?|<(?:yes|no)>|<(?:not|without) [^<>\s]+>))?$/);
      }
    }
  });

  it('answers any value without throwing', () => {
    const patterns = Object.values(hardening).flatMap(({ on, off }) =>
      [...on, ...off].map((text) => readPattern(text, { weakens: true })),
    );
    fc.assert(
      fc.property(fc.option(fc.string(), { nil: undefined }), (value) => {
        for (const { matches } of patterns) assert.equal(typeof matches(value), 'boolean');
      }),
    );
  });
});
