// What is denied, and the advisories it is drafted from. Read, and never believed when changed.
import assert from 'node:assert/strict';
import { draftEntries, parseAdvisory, parsePackageUrl } from '../../src/core/advisory/index.ts';
import { compareVersions } from '../../src/core/advisory/compare-versions.ts';
import { encodeDenyList, parseDenyEnvelope, parseDenyList, verifyDenyList } from '../../src/core/deny/index.ts';
import { bytesEqual, decodeUtf8, encodeUtf8 } from '../../src/core/encoding/index.ts';
import { bytesOf, csafDocument, osvRecord } from '../core/advisory/material.ts';
import { denyList, fullList, sealList } from '../core/deny/material.ts';
import { createSigner } from '../core/golden/material.ts';
import { jsonTokens } from './targets-event-log.ts';
import type { FuzzTarget } from './target.ts';

const signers = [createSigner('alice'), createSigner('bob', 'p256')];
const denyTokens = [...jsonTokens, ...['"denies":', '"measurement":', '"sbat":', '"golden":', '"until":', '"pcr":'].map(encodeUtf8)]; // prettier-ignore
const osvTokens = [...jsonTokens, ...['"affected":', '"ranges":', '"events":', '"introduced":', '"fixed":', '"Debian:12"', '"versions":'].map(encodeUtf8)]; // prettier-ignore
const csafTokens = [...jsonTokens, ...['"branches":', '"product_id":', '"hashes":', '"purl":', '"known_affected":', '"vers:deb/>=1|<2"'].map(encodeUtf8)]; // prettier-ignore

/** Whatever is drafted from it can be signed and read again. */
function draft(bytes: Uint8Array, format: 'osv' | 'csaf'): unknown {
  const { entries, leftOut } = draftEntries([parseAdvisory(bytes, format)], { goldens: [], artefacts: [] });
  return [leftOut, encodeDenyList(denyList(entries))];
}

export const denyTargets: Readonly<Record<string, () => FuzzTarget>> = {
  'deny-list': () => ({
    name: 'deny-list',
    seeds: [encodeDenyList(fullList), encodeDenyList(denyList([]))],
    tokens: denyTokens,
    run: (bytes) => {
      const once = encodeDenyList(parseDenyList(bytes));
      assert.ok(bytesEqual(encodeDenyList(parseDenyList(once)), once), 'one list has two spellings');
      return once;
    },
  }),
  'deny-envelope': () => {
    const seeds = [sealList(fullList, signers), sealList(denyList([]), signers)];
    const signed = new Set(seeds.map((envelope) => parseDenyEnvelope(envelope).id));
    return {
      name: 'deny-envelope',
      seeds,
      tokens: denyTokens,
      run: (bytes) => {
        const { id, list } = verifyDenyList(bytes, { signers, quorum: 2 });
        assert.ok(signed.has(id), 'a list that nobody signed was believed');
        return list;
      },
    };
  },
  'advisory-osv': () => ({ name: 'advisory-osv', seeds: [bytesOf(osvRecord)], tokens: osvTokens, run: (bytes) => draft(bytes, 'osv') }), // prettier-ignore
  'advisory-csaf': () => ({ name: 'advisory-csaf', seeds: [bytesOf(csafDocument)], tokens: csafTokens, run: (bytes) => draft(bytes, 'csaf') }), // prettier-ignore
  'package-url': () => ({
    name: 'package-url',
    seeds: ['pkg:deb/debian/linux@1:6.1.90-1~rc1%2Bb1?distro=debian-12', 'pkg:rpm/redhat/kernel@4.18.0^git-553?epoch=1#x'].map(encodeUtf8), // prettier-ignore
    tokens: ['pkg:', '@', '?', '%2F', '~', '^', '+'].map(encodeUtf8),
    run: (bytes) => {
      const purl = parsePackageUrl(decodeUtf8(bytes));
      const version = purl?.version ?? '';
      const orders = (['deb', 'rpm', 'semver'] as const).map((order) => compareVersions(version, version, order));
      assert.ok(orders.every((difference) => difference === undefined || difference === 0));
      return purl;
    },
  }),
};
