import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseAdvisory } from '../../../src/core/advisory/index.ts';
import { AttestationError } from '../../../src/core/error.ts';
import { bytesOf, csaf, csafDocument, osv, osvRecord, type Json } from './material.ts';

const refused = (code: string, at: string | undefined, read: () => unknown): void =>
  assert.throws(read, (error) => {
    assert.ok(error instanceof AttestationError);
    assert.deepEqual([error.code, error.at], [code, at]);
    return true;
  });

describe('OSV records', () => {
  it('tell CVE ids, packages and what a deny list says in its own words', () => {
    const { id, source, claims, leftOut } = osv();
    assert.equal(id, 'DSA-9001-1');
    assert.match(source, /^OSV DSA-9001-1, modified 2026-11-21T10:00:00Z, sha256 [0-9a-f]{64}$/);
    assert.deepEqual(
      claims.map(({ affected }) => affected.kind),
      ['denied', 'package', 'package'],
    );
    assert.ok(claims.every(({ cves }) => cves.join() === 'CVE-2026-11111,CVE-2026-22222'));
    assert.deepEqual(leftOut, [
      'a repository: not of a kind of package that is known',
      'npm left-pad: not of a kind of package that is known',
    ]);
  });

  it('are refused whole when their version is not known', () => {
    for (const schema_version of ['1.8.0', '2.0.0', '1.7.0-rc1', 'latest']) {
      refused('ADVISORY_VERSION_UNKNOWN', undefined, () => osv({ schema_version }));
    }
    assert.equal(osv({ schema_version: undefined }).claims.length, 3);
  });

  it('are refused with the path of what is wrong', () => {
    const affected = (change: Json) => ({
      affected: [{ package: { ecosystem: 'Debian:12', name: 'linux' }, ...change }],
    });
    const range = (...events: Json[]) => affected({ ranges: [{ type: 'ECOSYSTEM', events }] });
    refused('ADVISORY_INVALID', '', () => osv({ surprise: 1 }));
    refused('ADVISORY_INVALID', 'modified', () => osv({ modified: undefined }));
    refused('ADVISORY_INVALID', 'affected[0]', () => osv(affected({ surprise: 1 })));
    refused('ADVISORY_INVALID', 'affected[0].ranges[0].events', () => osv(range({ fixed: '1' })));
    refused('ADVISORY_INVALID', 'affected[0].ranges[0].events[0]', () => osv(range({ introduced: '0', fixed: '1' })));
    refused('ADVISORY_INVALID', 'affected[0].ranges[0].events[0]', () => osv(range({ surprise: '0' })));
    refused('ADVISORY_INVALID', 'database_specific.touchstone.denies[0]', () =>
      osv({ database_specific: { touchstone: { denies: [{}] } } }),
    );
    refused('ADVISORY_FORMAT_UNKNOWN', undefined, () => parseAdvisory(bytesOf(csafDocument), 'osv'));
  });

  it('name ranges that are not read, and never guess an order', () => {
    const of = (type: string, ecosystem: string, ...events: Json[]) =>
      osv({ affected: [{ package: { ecosystem, name: 'linux' }, ranges: [{ type, events }] }], database_specific: {} });
    assert.match(of('GIT', 'Debian:12', { introduced: '0' }).leftOut.join(), /range of commits/);
    assert.match(of('ECOSYSTEM', 'Debian:12', { introduced: '1_' }).leftOut.join(), /no deb versions/);
    assert.match(of('ECOSYSTEM', 'Debian:12', { introduced: '0' }, { limit: '2' }).leftOut.join(), /limit/);
    assert.match(of('ECOSYSTEM', 'Alpine:v3.20', { introduced: '0' }).leftOut.join(), /not of a kind/);
  });

  it('deny nothing when their publisher has withdrawn them', () => {
    const { claims, leftOut } = osv({ withdrawn: '2026-11-22T00:00:00Z' });
    assert.deepEqual([claims.length, leftOut], [0, ['its publisher has withdrawn it']]);
  });
});

describe('CSAF documents', () => {
  it('tell firmware versions, digests, packages and URIs of what is affected', () => {
    const { id, source, claims, leftOut } = csaf();
    assert.equal(id, 'EXA-2026-17');
    assert.match(source, /^CSAF of Example Systems, EXA-2026-17 version 2, sha256 /);
    assert.deepEqual(
      claims.map(({ cves, affected }) => [cves.join(), affected.kind]),
      [
        ['CVE-2026-33333', 'denied'],
        ['CVE-2026-33333', 'denied'],
        ['CVE-2026-33333', 'denied'],
        ['CVE-2026-33333', 'file'],
        ['CVE-2026-44444', 'package'],
      ],
    );
    assert.deepEqual(claims[0]?.affected, { kind: 'denied', denies: { kind: 'firmware-version', version: '1.7.3' } });
    assert.deepEqual(leftOut, [
      'blake2b512 digest of shimx64.efi: no PCR bank has it',
      'urn:example:17: of another namespace',
      'grub2 of old: a range of versions that is not read: before the spring of 2026',
      'Example OS 9: nothing that identifies it shows in a boot',
    ]);
  });

  it('are refused whole when their version is not known', () => {
    const document = { ...(csafDocument['document'] as Json), csaf_version: '2.1' };
    refused('ADVISORY_VERSION_UNKNOWN', undefined, () => csaf({ document }));
  });

  it('are refused when they contradict themselves', () => {
    const status = (product_status: Json) => csaf({ vulnerabilities: [{ cve: 'CVE-2026-33333', product_status }] });
    refused('ADVISORY_INVALID', 'vulnerabilities[0].product_status.known_affected[0]', () =>
      status({ known_affected: ['NONE'] }),
    );
    refused('ADVISORY_INVALID', 'vulnerabilities[0].product_status.fixed', () => status({ known_affected: ['SHIM'], fixed: ['SHIM'] })); // prettier-ignore
    const twice = { product_id: 'A', name: 'a' };
    refused('ADVISORY_INVALID', 'product_tree.full_product_names[1].product_id', () => csaf({ product_tree: { full_product_names: [twice, twice] } })); // prettier-ignore
    const hashes = [{ filename: 'x', file_hashes: [{ algorithm: 'SHA-256', value: 'zz' }] }];
    const product_tree = { full_product_names: [{ ...twice, product_identification_helper: { hashes } }] };
    refused('ADVISORY_INVALID', 'product_tree.full_product_names[0].product_identification_helper.hashes[0].file_hashes[0].value', () => csaf({ product_tree })); // prettier-ignore
    refused('ADVISORY_FORMAT_UNKNOWN', undefined, () => parseAdvisory(bytesOf(osvRecord), 'csaf'));
  });

  it('come to an end with parts that go in circles', () => {
    const part = (id: string, of: string) => ({
      category: 'default_component_of',
      product_reference: of,
      relates_to_product_reference: of,
      full_product_name: { product_id: id, name: id },
    });
    const product_tree = { relationships: [part('A', 'B'), part('B', 'A')] };
    const { claims, leftOut } = csaf({
      product_tree,
      vulnerabilities: [{ product_status: { known_affected: ['A'] } }],
    });
    assert.deepEqual([claims, leftOut], [[], ['A: nothing that identifies it shows in a boot']]);
  });
});

describe('advisories', () => {
  it('are refused at every truncation', () => {
    for (const [format, document] of [
      ['osv', osvRecord],
      ['csaf', csafDocument],
    ] as const) {
      // prettier-ignore
      const bytes = bytesOf(document);
      for (let length = 0; length < bytes.length; length += 1) {
        assert.throws(() => parseAdvisory(bytes.subarray(0, length), format), AttestationError);
      }
    }
  });

  it('are read or refused with a code, whatever stands in the place of any member', () => {
    const paths = (value: unknown, path: readonly string[] = []): readonly (readonly string[])[] =>
      typeof value === 'object' && value !== null
        ? [path, ...Object.entries(value).flatMap(([key, member]) => paths(member, [...path, key]))]
        : [path];
    const replace = (value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown => {
      if (key === undefined) return by;
      if (Array.isArray(value)) return (value as unknown[]).map((item, index) => (String(index) === key ? replace(item, rest, by) : item)); // prettier-ignore
      const record = value as Json;
      return { ...record, [key]: replace(record[key], rest, by) };
    };
    for (const [format, document] of [
      ['osv', osvRecord],
      ['csaf', csafDocument],
    ] as const) {
      // prettier-ignore
      const property = fc.property(fc.constantFrom(...paths(document)), fc.jsonValue(), (path, by) => {
        try {
          parseAdvisory(bytesOf(replace(document, path, by)), format);
        } catch (error) {
          assert.ok(error instanceof AttestationError, String(error));
        }
      });
      fc.assert(property, { numRuns: 300 });
    }
  });
});
