// Golden measurements that say of which packages they are: subjects whose name is a package URL with a version.
import type { GoldenStatement } from '../golden/index.ts';
import type { AffectedPackage } from './advisory.ts';
import { isOfRelease } from './distributions.ts';
import { describePackage, parsePackageUrl, type PackageUrl } from './package-url.ts';
import { isWithin } from './version-interval.ts';

export interface NamedGolden {
  readonly id: string;
  readonly statement: GoldenStatement;
}

export interface AffectedGoldens {
  /** Ids. */
  readonly affected: readonly string[];
  /** Of whom nobody can tell, and why. */
  readonly unread: readonly string[];
}

/** Indexes golden measurements by the packages they name; the function it returns says which of them a package affects. */
export function createGoldenIndex(goldens: readonly NamedGolden[]): (affected: AffectedPackage) => AffectedGoldens {
  const index = new Map<string, { readonly id: string; readonly purl: PackageUrl }[]>();
  for (const { id, statement } of goldens) {
    for (const { name } of statement.subjects) {
      const purl = parsePackageUrl(name);
      if (purl === undefined) continue;
      const key = describePackage(purl);
      index.set(key, [...(index.get(key) ?? []), { id, purl }]);
    }
  }
  return (affected) => {
    const named = index.get(describePackage(affected.purl)) ?? [];
    if (named.length === 0) {
      return { affected: [], unread: [`${describePackage(affected.purl)}: no golden measurement names it`] };
    }
    const judged = named.map((golden) => ({ ...golden, isAffected: isAffected(golden.purl, affected) }));
    return {
      affected: judged.filter((each) => each.isAffected === true).map(({ id }) => id),
      unread: judged
        .filter((each) => each.isAffected === undefined)
        .map(({ id, purl }) => `${describePackage(purl)}: version of golden measurement ${id} cannot be compared`),
    };
  };
}

/** `undefined` when nobody can tell. */
function isAffected(
  purl: PackageUrl,
  { purl: asked, release, versions, intervals }: AffectedPackage,
): boolean | undefined {
  const releaseAsked = release ?? /-(\d[0-9.]*)$/.exec(asked.qualifiers.get('distro') ?? '')?.[1];
  if (!isOfRelease(purl.qualifiers.get('distro'), releaseAsked)) return false;
  const version = versionOf(purl);
  if (version === undefined) return undefined;
  const epoch = asked.qualifiers.get('epoch');
  if (versions.some((each) => each === version || (epoch !== undefined && `${epoch}:${each}` === version))) return true;
  const within = intervals.map((interval) => isWithin(version, interval));
  if (within.includes(true)) return true;
  return within.includes(undefined) ? undefined : false;
}

/** With its epoch, which package URLs of RPM keep in a qualifier. [PURL] */
function versionOf({ version, qualifiers }: PackageUrl): string | undefined {
  const epoch = qualifiers.get('epoch');
  return version === undefined || epoch === undefined || version.includes(':') ? version : `${epoch}:${version}`;
}
