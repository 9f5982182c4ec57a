import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareVersions, type VersionOrder } from '../../../src/core/advisory/compare-versions.ts';
import { isWithin, parseVersionRange } from '../../../src/core/advisory/version-interval.ts';

/** Each before the next. */
const lines: Readonly<Record<VersionOrder, readonly string[]>> = {
  deb: ['1.0~rc1-1', '1.0~rc1-1+b1', '1.0-1', '1.0-1+deb12u1', '1.0a-1', '1.0+b-1', '1.0.1-1', '1.2-9', '1.10-1', '6.1.90-1', '6.1.119-1', '1:0.1-1'], // prettier-ignore
  rpm: ['1.0~rc1-1', '1.0-1', '1.0^git1-1', '1.0a-1', '1.0.1-1', '1.9-1', '1.10-1', '4.18.0-425.3.1.el8', '4.18.0-553.el8', '1:0.1-1'], // prettier-ignore
  semver: ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.2.0', '1.10.0'], // prettier-ignore
};

describe('versions of packages', () => {
  for (const order of Object.keys(lines) as VersionOrder[]) {
    it(`orders ${order} versions as their package manager does`, () => {
      const line = lines[order];
      line.forEach((left, place) => {
        line.forEach((right, other) => {
          const difference = compareVersions(left, right, order);
          assert.ok(difference !== undefined);
          assert.equal(Math.sign(difference), Math.sign(place - other), `${left} and ${right}`);
        });
      });
    });

    it(`gives an order of ${order} versions that is one: the reverse is the reverse, and what lies between lies between`, () => {
      const version = fc.stringMatching(order === 'semver' ? /^[0-9]{1,2}\.[0-9]\.[0-9](-[a-c0-2.]{1,4})?$/ : /^[0-9][0-9a-b.~+]{0,6}(-[0-9a.~]{1,3})?$/); // prettier-ignore
      fc.assert(
        fc.property(version, version, version, (a, b, c) => {
          const of = (left: string, right: string) => compareVersions(left, right, order) ?? 0;
          assert.equal(Math.sign(of(a, b)), -Math.sign(of(b, a)) || 0);
          const hasRelease = [a, b, c].every((text) => text.includes('-'));
          // RPM lets a version without a release stand for all of its releases: no order across those.
          if ((order !== 'rpm' || hasRelease) && of(a, b) <= 0 && of(b, c) <= 0) assert.ok(of(a, c) <= 0);
        }),
      );
    });
  }

  it('does not compare what is no version of that order', () => {
    assert.equal(compareVersions('1.0_beta', '1.0', 'deb'), undefined);
    assert.equal(compareVersions('', '1.0', 'rpm'), undefined);
    assert.equal(compareVersions('1.0', '1.0.0', 'semver'), undefined);
    assert.equal(compareVersions('1'.repeat(257), '1', 'deb'), undefined);
  });

  it('lets an RPM version without a release stand for all of its releases', () => {
    assert.equal(compareVersions('4.18.0', '4.18.0-553.el8', 'rpm'), 0);
  });

  it('reads ranges of one interval, and no others', () => {
    const range = parseVersionRange('vers:deb/>=1.0|<1.2');
    assert.ok(range);
    assert.deepEqual(['0.9', '1.0', '1.1', '1.2'].map((each) => isWithin(each, range)), [false, true, true, false]); // prettier-ignore
    assert.equal(isWithin('1.0_', range), undefined);
    const exact = parseVersionRange('vers:rpm/1%3A1.0-1');
    assert.deepEqual(exact && ['1:1.0-1', '1.0-1'].map((each) => isWithin(each, exact)), [true, false]);
    const all = parseVersionRange('vers:semver/*');
    assert.equal(all && isWithin('anything', all), true);
    const others = [
      'vers:deb/>=1|<2|>=3',
      'vers:deb/<1|<2',
      'vers:maven/<1',
      'vers:deb/',
      'vers:deb/%FF',
      '< 1.0',
      'vers:deb/<1|>2',
    ];
    assert.deepEqual(others.map(parseVersionRange), others.map(() => undefined)); // prettier-ignore
  });
});
