// The check of what ran, by lists on paper.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { concatBytes } from '../../../../src/core/encoding/index.ts';
import { publicKeyFromHandle } from '../../../../src/core/crypto/index.ts';
import type { ApprovedGolden } from '../../../../src/core/golden/index.ts';
import type { ReplayMode } from '../../../../src/core/ima/index.ts';
import { appraise } from '../../../../src/core/appraisal/index.ts';
import type { Verdict } from '../../../../src/core/verdict/index.ts';
import { labPolicy } from '../lab.ts';
import { event, paperHost } from '../paper-host.ts';
import { bootOf, entriesOf, evidenceOf, files, named, trustIn, type File } from '../paper-list.ts';

const at = new Date('2026-11-25T12:00:00Z');

function verdictOf(
  measured: readonly File[],
  goldens: readonly ApprovedGolden[],
  mode: ReplayMode = 'native',
): Verdict {
  const boot = bootOf();
  const evidence = evidenceOf(boot, concatBytes(...entriesOf(boot, measured)), { mode });
  return appraise(evidence, trustIn(goldens), labPolicy({ layers: ['runtime'] }), at);
}

function codesOf({ findings }: Verdict): readonly string[] {
  return findings.map(({ code }) => code);
}

describe('the check of what ran, on paper', () => {
  it('accepts an approved file wherever it lies', () => {
    assert.equal(
      verdictOf([{ path: '/opt/x', content: 'tool' }], [files({ digests: named('tool') })]).status,
      'affirming',
    );
  });

  it('accepts files that an approved key signed, and no others', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const golden = files({ signers: [publicKeyFromHandle(privateKey)] });
    assert.equal(verdictOf([{ path: '/a', key: privateKey }], [golden]).status, 'affirming');
    for (const file of [
      { path: '/a', key: foreign },
      { path: '/a' },
      { path: '/a', key: privateKey, violation: true },
    ]) {
      assert.notEqual(verdictOf([file], [golden]).status, 'affirming');
    }
  });

  it('counts an exclusion of one golden measurement beside the digests of another', () => {
    const list = [{ path: '/usr/bin/a' }, { path: '/var/lib/vm/disk' }];
    const goldens = [
      files({ digests: named('/usr/bin/a') }),
      files({ digests: named('b'), excludedPaths: ['/var/lib/vm/'] }),
    ];
    const verdict = verdictOf(list, goldens);
    assert.equal(verdict.status, 'affirming');
    assert.deepEqual(
      [verdict.layers['runtime'], ...(verdict.furtherGoldens ?? [])].sort(),
      goldens.map(({ id }) => id).sort(),
    );
    assert.deepEqual(codesOf(verdictOf(list, goldens.slice(0, 1))), ['RUNTIME_DIVERGED', 'RUNTIME_FILE_REFUSED']);
  });

  it('names the golden measurement that approved most files first, and says the same in whatever order they come', () => {
    const list = ['a', 'b', 'c', 'd', 'e'].map((content) => ({ path: `/bin/${content}`, content }));
    const [most, some, twin] = [
      files({ digests: named('a', 'b', 'c') }),
      files({ digests: named('d', 'e') }),
      // What both approve counts for one of them, always the same.
      files({ digests: named('d', 'e', 'f') }),
    ];
    const shared = [some, twin].toSorted((left, right) => (left.id < right.id ? -1 : 1))[0];
    for (const goldens of [
      [most, some, twin],
      [twin, some, most],
      [some, most, twin],
    ]) {
      const { status, layers, furtherGoldens } = verdictOf(list, goldens);
      assert.deepEqual([status, layers['runtime'], furtherGoldens], ['affirming', most.id, [shared?.id]]);
    }
  });

  it('does not let an exclusion be left by `..`, nor reach beyond its folder', () => {
    const golden = files({ digests: named('x'), excludedPaths: ['/var/lib/'] });
    for (const path of ['/var/lib/../../bin/evil', '/var/library', '/var/lib']) {
      assert.ok(
        codesOf(verdictOf([{ path }, { path: '/x', content: 'x' }], [golden])).includes('RUNTIME_FILE_REFUSED'),
        path,
      );
    }
  });

  it('rejects when there is nothing to verify: a kernel without IMA policy measures its aggregate only', () => {
    const verdict = verdictOf([], [files({ digests: named('x') })]);
    assert.deepEqual(codesOf(verdict), ['RUNTIME_NOT_OBSERVED']);
    assert.equal(verdict.status, 'none');
  });

  it('refuses a second entry that calls itself boot_aggregate', () => {
    const list = [{ path: 'boot_aggregate', content: 'evil' }];
    assert.ok(codesOf(verdictOf(list, [files({ digests: named('x') })])).includes('RUNTIME_FILE_REFUSED'));
  });

  it('warns of a kernel that extends padded SHA-1 digests', () => {
    const verdict = verdictOf([{ path: '/a' }], [files({ digests: named('/a') })], 'padded-sha1');
    assert.deepEqual(codesOf(verdict), ['RUNTIME_SHA1_ONLY']);
    assert.equal(verdict.status, 'warning');
  });

  it('T3: escapes the paths that a host sends', () => {
    const verdict = verdictOf([{ path: '/tmp/\u001b[2J\u202eevil' }], [files({ digests: named('x') })]);
    const finding = verdict.findings.find(({ code }) => code === 'RUNTIME_FILE_REFUSED');
    assert.equal(finding?.message, 'Nobody approved /tmp/\\u{1b}[2J\\u{202e}evil (layer runtime, IMA entry 1).');
  });

  it('answers a list of thousands of strange files with twenty names and a count', () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({ path: `/tmp/${index}` }));
    const verdict = verdictOf(many, [files({ digests: named('x') })]);
    assert.equal(verdict.findings.length, 21);
    assert.match(verdict.findings[0]?.message ?? '', /approved: 3000; .* \(the first 20 are named here\)\.$/);
  });

  it('answers any bytes in the place of the list with a refusal', () => {
    const boot = paperHost([event(0, 'EV_S_CRTM_VERSION', 'v1')], [files({ digests: named('x') })]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (imaLog) => {
        const verdict = appraise({ ...boot.evidence, imaLog }, boot.trust, labPolicy({ layers: ['runtime'] }), at);
        assert.equal(verdict.status, 'none');
      }),
    );
  });
});
