// Layer `runtime` on paper: lists made here, with a quote over the PCR 10 they lead to.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { concatBytes, encodeHex, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { hash, publicKeyFromHandle } from '../../../../src/core/crypto/index.ts';
import type { ApprovedGolden, ExpectedFiles } from '../../../../src/core/golden/index.ts';
import { parseImaList, replayImaEntries, type ReplayMode } from '../../../../src/core/ima/index.ts';
import { pcrDigestOf } from '../../../../src/core/tpm/index.ts';
import { appraise } from '../../../../src/core/appraisal/index.ts';
import type { Verdict } from '../../../../src/core/verdict/index.ts';
import { approve, statementOf } from '../../golden/material.ts';
import { nonce, quoteClaim, signedStatement, softwareKey } from '../../tpm/software-key.ts';
import { labPolicy } from '../lab.ts';
import { event, paperHost } from '../paper-host.ts';

const at = new Date('2026-11-25T12:00:00Z');
const signer = softwareKey();
const pcrs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const zero = new Uint8Array(32);

interface File {
  readonly path: string;
  readonly content?: string;
  readonly key?: KeyObject;
  readonly violation?: boolean;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function field(bytes: Uint8Array): Uint8Array {
  return concatBytes(u32(bytes.length), bytes);
}

function digestOf(content: string): Uint8Array {
  return hash('sha256', encodeUtf8(content));
}

/** security.ima as evmctl writes it. */
function signatureOf(content: string, key: KeyObject): Uint8Array {
  const value = new Uint8Array(sign('sha256', encodeUtf8(content), key));
  return concatBytes(Uint8Array.from([3, 2, 4, 1, 2, 3, 4, value.length >> 8, value.length & 0xff]), value);
}

function entryOf({ path, content = path, key, violation = false }: File, digest = digestOf(content)): Uint8Array {
  const value = concatBytes(encodeUtf8('sha256:\0'), violation ? zero : digest);
  const signature = key === undefined ? new Uint8Array() : signatureOf(content, key);
  const data = concatBytes(field(value), field(encodeUtf8(`${path}\0`)), field(signature));
  const template = violation ? new Uint8Array(20) : hash('sha1', data);
  return concatBytes(u32(10), template, field(encodeUtf8('ima-sig')), field(data));
}

function verdictOf(files: readonly File[], goldens: readonly ApprovedGolden[], mode: ReplayMode = 'native'): Verdict {
  // The boot measured one event, so that there is a log; PCR 0 to 9 are what the aggregate covers.
  const boot = paperHost([event(0, 'EV_S_CRTM_VERSION', 'v1')]);
  const values = new Map(pcrs.map((pcr) => [pcr, boot.evidence.pcrs.get('sha256')?.get(pcr) ?? zero]));
  const aggregate = hash('sha256', ...pcrs.slice(0, 10).map((pcr) => values.get(pcr) ?? zero));
  const list = concatBytes(entryOf({ path: 'boot_aggregate' }, aggregate), ...files.map((file) => entryOf(file)));
  values.set(10, replayImaEntries({ entries: parseImaList(list).entries, pcr: 10, bank: 'sha256', mode }));
  const claimed = new Map([['sha256' as const, values]]);
  const selections = [{ bank: 'sha256' as const, pcrs }];
  const pcrDigest = pcrDigestOf(selections, claimed, 'sha256') ?? zero;
  const { attest, signature } = signedStatement(signer, quoteClaim(signer.key, { selections, pcrDigest }));
  const host = { id: 'hv-paper', attestationKey: signer.key };
  return appraise(
    { attest, signature, pcrs: claimed, eventLog: boot.evidence.eventLog, imaLog: list },
    { host, endorsement: 'verified', qualifyingData: nonce, challengedAt: undefined, goldens, previousBoot: undefined },
    labPolicy({ layers: ['runtime'] }),
    at,
  );
}

function files(ima: Partial<ExpectedFiles>): ApprovedGolden {
  return approve(statementOf('runtime', [], { ima: { digests: [], signers: [], excludedPaths: [], ...ima } }));
}

function named(...contents: readonly string[]): ExpectedFiles['digests'] {
  return contents.map((content) => ({ digest: `sha256:${encodeHex(digestOf(content))}` }));
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
