import assert from 'node:assert/strict';
import { parsePackageUrl } from '../../../src/core/advisory/index.ts';

describe('package URLs', () => {
  it('are read in their parts', () => {
    assert.deepEqual(parsePackageUrl('pkg:deb/Debian/linux@6.1.90-1%2Bb1?arch=source&distro=debian-12#x'), {
      type: 'deb',
      namespace: 'debian',
      name: 'linux',
      version: '6.1.90-1+b1',
      qualifiers: new Map([
        ['arch', 'source'],
        ['distro', 'debian-12'],
      ]),
    });
    assert.equal(parsePackageUrl('pkg:npm/%40scope/name')?.namespace, '@scope');
    assert.equal(parsePackageUrl('pkg:generic/shim')?.version, undefined);
  });

  it('are refused when they are none', () => {
    const none = ['', 'pkg:', 'pkg:deb', 'deb/debian/linux', 'pkg:deb/debian/linux@', 'pkg:deb/%FF/x', 'pkg:deb/a/b?x', 'pkg:deb/a/b?x=1&x=2', 'pkg:1/a/b', `pkg:deb/a/${'b'.repeat(1100)}`]; // prettier-ignore
    for (const text of none) assert.equal(parsePackageUrl(text), undefined, text);
  });
});
