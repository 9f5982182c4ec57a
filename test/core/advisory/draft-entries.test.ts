import assert from 'node:assert/strict';
import { draftEntries, type Artefact } from '../../../src/core/advisory/index.ts';
import { encodeDenyList } from '../../../src/core/deny/index.ts';
import { decodeHex } from '../../../src/core/encoding/index.ts';
import { expectEvent, statementOf } from '../golden/material.ts';
import { denyList } from '../deny/material.ts';
import { csaf, osv, shimFile, shimImage } from './material.ts';

const goldenOf = (id: string, ...names: readonly string[]) => {
  const statement = statementOf('kernel', [expectEvent(9, 'kernel')]);
  const sha256 = new Uint8Array(32);
  return {
    id: `sha256:${id.repeat(64)}`,
    statement: { ...statement, subjects: names.map((name) => ({ name, sha256 })) },
  };
};
const none = { goldens: [], artefacts: [] };

describe('drafts of deny lists from advisories', () => {
  it('deny golden measurements whose package is of an affected version, and no others', () => {
    const goldens = [
      goldenOf('1', 'kernel layer', 'pkg:deb/debian/linux@6.1.90-1?distro=debian-12'),
      goldenOf('2', 'pkg:deb/debian/linux@6.1.118-1'),
      goldenOf('3', 'pkg:deb/debian/linux@6.1.119-1?distro=debian-12'),
      goldenOf('4', 'pkg:deb/debian/linux@6.12.2-1?distro=debian-13'),
      goldenOf('5', 'pkg:deb/ubuntu/linux@6.1.90-1'),
      goldenOf('6', 'kernel 6.1.90-1'),
      goldenOf('7', 'pkg:deb/debian/linux@6.1.90_1'),
    ];
    const { entries, leftOut } = draftEntries([osv({ database_specific: {} })], { goldens, artefacts: [] });
    assert.deepEqual(
      entries.map(({ denies }) => denies.kind === 'golden' && denies.id.slice(7, 8)),
      ['1', '2', '4'],
    );
    assert.match(leftOut.join('\n'), /version of golden measurement sha256:7+ cannot be compared/);
    assert.deepEqual(entries[0], {
      id: 'DSA-9001-1.1',
      reason: 'DSA-9001-1: linux - security update',
      cves: ['CVE-2026-11111', 'CVE-2026-22222'],
      source: osv({ database_specific: {} }).source,
      denies: { kind: 'golden', id: `sha256:${'1'.repeat(64)}` },
    });
  });

  it('name each package that no golden measurement names', () => {
    const { leftOut } = draftEntries([osv()], none);
    assert.ok(leftOut.includes('DSA-9001-1: pkg:deb/debian/linux: no golden measurement names it'));
  });

  it('take the digest of a file for what GRUB reads, and never for an EFI binary that firmware starts', () => {
    const { entries, leftOut } = draftEntries([csaf()], none);
    const measured = entries.flatMap(({ denies }) => (denies.kind === 'measurement' ? [denies] : []));
    assert.deepEqual(measured, [{ kind: 'measurement', digests: new Map([['sha256', decodeHex(shimImage)]]) }]);
    assert.match(
      leftOut.join('\n'),
      /digest of the file shimx64\.efi: firmware measures it by its Authenticode digest/,
    );
  });

  it('make the Authenticode digests of an EFI binary from the binary itself, when it is the one that is meant', () => {
    const image = new Map([['sha256', decodeHex('11'.repeat(32))] as const]);
    const artefact = (file: string): Artefact => ({ file: new Map([['sha256', decodeHex(file)]]), image });
    const kinds = (artefacts: readonly Artefact[]) =>
      draftEntries([csaf()], { goldens: [], artefacts }).entries.flatMap(({ denies }) =>
        denies.kind === 'measurement' ? [denies.pcr ?? 'any'] : [],
      );
    assert.deepEqual(kinds([artefact(shimFile)]), ['any', 'any', 9]);
    assert.deepEqual(kinds([artefact('22'.repeat(32))]), ['any']);
  });

  it('keep what a list denies already, deny nothing twice, and number entries anew', () => {
    const first = draftEntries([csaf()], none).entries;
    assert.deepEqual(draftEntries([csaf()], none, first).entries, first);
    const both = draftEntries([osv()], none, first).entries;
    assert.deepEqual(both.slice(0, first.length), first);
    assert.equal(both.length, first.length + 1);
    const again = osv({ aliases: ['CVE-2026-99999'] });
    assert.deepEqual(draftEntries([again], none, both).entries.at(-1)?.id, 'DSA-9001-1.2');
  });

  it('are always lists that can be signed, whatever the advisory calls itself', () => {
    const id = `  ../${'é'.repeat(150)} `;
    const { entries } = draftEntries([osv({ id, summary: `\u202e\n${'\\'.repeat(2000)}` })], none);
    assert.ok(encodeDenyList(denyList(entries)).length > 0);
    assert.match(entries[0]?.id ?? '', /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/);
  });

  it('say of an advisory that affects nothing that it does not', () => {
    assert.deepEqual(draftEntries([csaf({ vulnerabilities: [] })], none), {
      entries: [],
      leftOut: ['EXA-2026-17: it names nothing that is affected'],
    });
  });
});
