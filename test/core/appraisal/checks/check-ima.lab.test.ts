// Layer `runtime` on real boots: what the kernel measured, held against what one good boot measured.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { concatBytes, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { hash } from '../../../../src/core/crypto/index.ts';
import { createGoldenStatements, type ApprovedGolden, type ExpectedFiles } from '../../../../src/core/golden/index.ts';
import { fileDigestName, parseImaList, verifyImaList, type VerifiedImaList } from '../../../../src/core/ima/index.ts';
import { verifyPcrs, verifyQuote } from '../../../../src/core/tpm/index.ts';
import { appraise, policyPcrSelection, type Evidence } from '../../../../src/core/appraisal/index.ts';
import type { Finding, Verdict } from '../../../../src/core/verdict/index.ts';
import { approve, statementOf } from '../../golden/material.ts';
import { bootLayers, labEvidence, labGoldens, labKey, labLog, labNonce, labPolicy, labTrust } from '../lab.ts';

const at = new Date('2026-11-25T12:00:00Z');
const policy = labPolicy({ layers: [...bootLayers, 'runtime'] });

function imaLog(run: string): Uint8Array {
  const path = new URL(`../../../fixtures/lab/boot/${run}/ima_binary_runtime_measurements`, import.meta.url);
  return new Uint8Array(readFileSync(path));
}

function verifiedList(run: string): VerifiedImaList {
  const { attest, signature, pcrs } = labEvidence(run);
  const quote = verifyQuote({ attest, signature, key: labKey(), qualifyingData: labNonce(run) });
  return verifyImaList({ list: parseImaList(imaLog(run)), pcrs: verifyPcrs(quote, pcrs) });
}

/** Golden measurements of layer `runtime` as captured from a boot. */
function runtimeGoldens(run: string): readonly ApprovedGolden[] {
  return createGoldenStatements(labLog(run), { host: run, ima: verifiedList(run) })
    .filter(({ layer }) => layer === 'runtime')
    .map(approve);
}

function files(ima: Partial<ExpectedFiles>): ApprovedGolden {
  return approve(statementOf('runtime', [], { ima: { digests: [], signers: [], excludedPaths: [], ...ima } }));
}

const captured = runtimeGoldens('sb-on');

interface Given {
  readonly runtime?: readonly ApprovedGolden[];
  readonly evidence?: Partial<Evidence>;
}

/** A boot whose boot layers are approved, so that only what ran afterwards can refuse it. */
function appraiseRun(run: string, { runtime = captured, evidence = {} }: Given = {}): Verdict {
  const goldens = [...labGoldens(run), ...runtime];
  return appraise({ ...labEvidence(run), imaLog: imaLog(run), ...evidence }, labTrust(run, goldens), policy, at);
}

function codesOf({ findings }: Verdict): readonly string[] {
  return findings.map(({ code }) => code);
}

function findingsOf({ findings }: Verdict, code: string): readonly Finding[] {
  return findings.filter((found) => found.code === code);
}

describe('the check of what ran', () => {
  it('trusts the boot that was captured, of its boot and of what ran after it', () => {
    const verdict = appraiseRun('sb-on');
    assert.deepEqual(codesOf(verdict), []);
    assert.equal(verdict.status, 'affirming');
    assert.deepEqual(verdict.vector, {
      'instance-identity': 2,
      configuration: 2,
      executables: 2,
      'file-system': 2,
      hardware: 2,
    });
    assert.equal(verdict.layers['runtime'], captured[0]?.id);
    assert.equal(verdict.furtherGoldens, undefined);
  });

  it('refuses a boot that used a modified script, and names it and its digest', () => {
    const verdict = appraiseRun('ima-evil');
    assert.deepEqual(codesOf(verdict), ['RUNTIME_DIVERGED', 'RUNTIME_FILE_REFUSED']);
    assert.equal(verdict.status, 'contraindicated');
    assert.equal(verdict.vector['file-system'], 96);
    const [file] = findingsOf(verdict, 'RUNTIME_FILE_REFUSED');
    assert.equal(file?.layer, 'runtime');
    assert.equal(file.pcr, 10);
    assert.equal(file.event, 17);
    assert.equal(file.message, 'Nobody approved /mnt/bin/script-b (layer runtime, IMA entry 17).');
    assert.match(file.observed ?? '', /^\/mnt\/bin\/script-b \[sha256:9eeac7fd[0-9a-f]{56}\]$/);
    const [summary] = findingsOf(verdict, 'RUNTIME_DIVERGED');
    assert.match(summary?.remedy ?? '', /`touchstone golden capture hv-01 --layers runtime --out drafts`/);
    assert.deepEqual(Object.keys(verdict.layers), [...bootLayers]);
  });

  it('names every file under /mnt of a tampered boot when only the rest is approved', () => {
    const known = verifiedList('sb-on').entries.filter(({ path }) => !path.startsWith('/mnt/'));
    // A copy of busybox is busybox: the unknown program of this boot is an approved file in another place.
    const digests = [...new Set(known.filter(({ path }) => !path.startsWith('/bin/')).map(fileDigestName))];
    const golden = files({ digests: digests.map((digest) => ({ digest })), excludedPaths: ['/bin/'] });
    const refused = findingsOf(appraiseRun('ima-evil', { runtime: [golden] }), 'RUNTIME_FILE_REFUSED');
    assert.deepEqual(
      refused.map(({ observed }) => observed?.split(' ')[0]),
      ['/mnt/bin/dropper', '/mnt/bin/script-b', '/mnt/bin/tool-a', '/mnt/etc/app.conf'],
    );
  });

  it('refuses a boot in which a file changed while it was measured', () => {
    const verdict = appraiseRun('ima-violation', { runtime: [...captured, ...runtimeGoldens('ima-violation')] });
    assert.deepEqual(codesOf(verdict), ['RUNTIME_VIOLATION']);
    assert.equal(verdict.status, 'none');
    assert.equal(findingsOf(verdict, 'RUNTIME_VIOLATION')[0]?.observed, '/vfile');
    const excused = appraiseRun('ima-violation', {
      runtime: [...captured, files({ digests: [one], excludedPaths: ['/vfile'] })],
    });
    assert.equal(excused.status, 'affirming');
  });

  const one = { digest: `sha256:${'ab'.repeat(32)}` };

  it('rejects when there is nothing to verify: no list, an empty list, no golden measurement', () => {
    const trust = labTrust('sb-on', [...labGoldens('sb-on'), ...captured]);
    assert.deepEqual(codesOf(appraise(labEvidence('sb-on'), trust, policy, at)), ['RUNTIME_LIST_ABSENT']);
    const empty = appraiseRun('sb-on', { evidence: { imaLog: new Uint8Array() } });
    assert.deepEqual(codesOf(empty), ['IMA_LIST_EMPTY']);
    assert.match(empty.findings[0]?.message ?? '', /^The IMA list cannot be verified: /);
    const none = appraiseRun('sb-on', { runtime: [] });
    assert.deepEqual(codesOf(none), ['LAYER_GOLDEN_NONE']);
    assert.equal(none.findings[0]?.layer, 'runtime');
    for (const verdict of [empty, none]) assert.equal(verdict.status, 'none');
  });

  it('rejects when nobody looks at any file: everything measured is excluded', () => {
    const excludedPaths = ['/bin/', '/mnt/', '/modules/', '/init', '/modules.order'];
    const verdict = appraiseRun('sb-on', { runtime: [files({ digests: [one], excludedPaths })] });
    assert.deepEqual(codesOf(verdict), ['RUNTIME_NOT_OBSERVED']);
    assert.equal(verdict.status, 'none');
  });

  it('composes the golden measurements in force, and says which ones the verdict rests on', () => {
    const all = captured[0]?.statement.ima?.digests ?? [];
    const parts = [files({ digests: all.slice(0, 4) }), files({ digests: all.slice(4) }), files({ digests: [one] })];
    const verdict = appraiseRun('sb-on', { runtime: parts });
    assert.equal(verdict.status, 'affirming');
    assert.equal(verdict.layers['runtime'], parts[1]?.id);
    assert.deepEqual(verdict.furtherGoldens, [parts[0]?.id]);
    assert.equal(appraiseRun('sb-on', { runtime: parts.slice(1) }).status, 'contraindicated');
    const notAfter = new Date(at.getTime() + 5000);
    const ending = parts.map((part, index) => (index === 0 ? approve({ ...part.statement, notAfter }) : part));
    assert.equal(appraiseRun('sb-on', { runtime: ending }).expiresAt, notAfter.toISOString());
  });

  it('does not use a golden measurement outside its validity', () => {
    const ima = captured[0]?.statement.ima ?? { digests: [], signers: [], excludedPaths: [] };
    const expired = approve(statementOf('runtime', [], { ima, notAfter: new Date('2025-01-01T00:00:00Z') }));
    assert.deepEqual(codesOf(appraiseRun('sb-on', { runtime: [expired] })), ['LAYER_GOLDEN_NOT_VALID']);
  });

  it('names twenty entries and counts the others', () => {
    const verdict = appraiseRun('ima-violation', { runtime: [files({ digests: [one] })] });
    assert.equal(
      findingsOf(verdict, 'RUNTIME_FILE_REFUSED').length + findingsOf(verdict, 'RUNTIME_VIOLATION').length,
      20,
    );
    assert.equal(
      findingsOf(verdict, 'RUNTIME_DIVERGED')[0]?.message,
      'Measured files that nobody approved: 20; that changed while measured: 1 (the first 20 are named here).',
    );
  });

  it('refuses the list of another boot, a cut one and a changed one', () => {
    assert.deepEqual(codesOf(appraiseRun('sb-on', { evidence: { imaLog: imaLog('ima-evil') } })), [
      'IMA_REPLAY_MISMATCH',
    ]);
    const list = imaLog('sb-on');
    const cut = appraiseRun('sb-on', { evidence: { imaLog: list.subarray(0, list.length - 20) } });
    assert.deepEqual(codesOf(cut), ['IMA_LIST_TRUNCATED']);
    const last = parseImaList(list).entries.at(-1)?.offset ?? 0;
    const short = appraiseRun('sb-on', { evidence: { imaLog: list.subarray(0, last) } });
    assert.deepEqual(codesOf(short), ['IMA_REPLAY_MISMATCH']);
    const changed = Uint8Array.from(list);
    changed[list.length - 10] = (changed[list.length - 10] ?? 0) ^ 1;
    assert.deepEqual(codesOf(appraiseRun('sb-on', { evidence: { imaLog: changed } })), [
      'IMA_TEMPLATE_DIGEST_MISMATCH',
    ]);
  });

  it('says how many entries came after the quote, and does not judge them', () => {
    const later = concatBytes(imaLog('sb-on'), laterEntry());
    const verdict = appraiseRun('sb-on', { evidence: { imaLog: later } });
    assert.deepEqual(codesOf(verdict), ['RUNTIME_ENTRIES_LATER']);
    assert.equal(verdict.status, 'affirming');
  });

  it('does not look at the list when the policy does not demand the layer', () => {
    const trust = labTrust('ima-evil', [...labGoldens('ima-evil'), ...captured]);
    const evidence = { ...labEvidence('ima-evil'), imaLog: Uint8Array.of(1, 2, 3) };
    const verdict = appraise(evidence, trust, labPolicy(), at);
    assert.deepEqual(codesOf(verdict), []);
    assert.equal(verdict.vector['file-system'], undefined);
  });

  it('claims nothing of files when the kernel that measured them is not an approved one', () => {
    const goldens = [...labGoldens('ima-evil'), ...captured];
    const runtimeOnly = labPolicy({ layers: ['runtime'] });
    const verdict = appraise(
      { ...labEvidence('sb-on'), imaLog: imaLog('sb-on') },
      labTrust('sb-on', goldens),
      runtimeOnly,
      at,
    );
    assert.equal(verdict.vector['file-system'], undefined);
    assert.equal(verdict.vector.executables, undefined);
  });

  it('asks a challenge for PCR 10 when the policy demands the layer', () => {
    assert.ok(policyPcrSelection(policy).pcrs.includes(10));
    assert.ok(!policyPcrSelection(labPolicy()).pcrs.includes(10));
  });
});

/** One more well-formed entry, as if it were measured after the quote. */
function laterEntry(): Uint8Array {
  const u32 = (value: number): Uint8Array => Uint8Array.from([value, value >> 8, 0, 0]);
  const field = (bytes: Uint8Array): Uint8Array => concatBytes(u32(bytes.length), bytes);
  const digest = concatBytes(encodeUtf8('sha256:\0'), new Uint8Array(32).fill(7));
  const data = concatBytes(field(digest), field(encodeUtf8('/tmp/later\0')));
  return concatBytes(u32(10), hash('sha1', data), field(encodeUtf8('ima-ng')), field(data));
}
