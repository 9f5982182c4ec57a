// `affected` of an OSV record: a package, and its versions that are vulnerable. [OSV]
import { printable, type Field } from '../encoding/index.ts';
import type { Denied } from '../deny/index.ts';
import type { Affected } from './advisory.ts';
import { distributionOf, orderOf } from './distributions.ts';
import { readOsvRange } from './osv-range.ts';
import { parsePackageUrl, type PackageUrl } from './package-url.ts';

export interface OsvPackage {
  /** One or none. */
  readonly affected: readonly Affected[];
  readonly denies: readonly Denied[];
  readonly leftOut: readonly string[];
}

export function readOsvPackage(field: Field, readOwn: (field: Field) => readonly Denied[]): OsvPackage {
  const names = ['package', 'severity', 'ranges', 'versions', 'ecosystem_specific', 'database_specific'] as const;
  const { package: subject, ranges, versions, database_specific } = field.object(...names);
  const denies = database_specific.optional(readOwn) ?? [];
  const { name, purl, release } = subject.optional(readSubject) ?? { name: 'a repository' };
  const order = purl && orderOf(purl);
  const listed = versions.optional((list) => list.array(50_000).map((version) => version.text(256))) ?? [];
  const parts = (ranges.optional((list) => list.array(1000)) ?? []).map((range) => readOsvRange(range, order));
  if (purl === undefined) return { affected: [], denies, leftOut: [`${name}: not of a kind of package that is known`] };
  const unread = parts.filter((part) => typeof part === 'string');
  const read = parts.filter((part) => typeof part !== 'string');
  const affected = {
    kind: 'package',
    purl,
    ...(release === undefined ? {} : { release }),
    versions: listed,
    intervals: read.flat(),
  } as const;
  return { affected: [affected], denies, leftOut: unread.map((why) => `${name}: ${why}`) };
}

/** The ecosystem's suffix is the release: `Debian:12`, `Ubuntu:22.04:LTS`. */
function readSubject(field: Field): { name: string; purl: PackageUrl | undefined; release: string | undefined } {
  const { ecosystem, name, purl } = field.object('ecosystem', 'name', 'purl');
  const [family = '', suffix] = ecosystem.text(128).split(':');
  const text = name.text(512);
  const given = purl.optional((value) => parsePackageUrl(value.text(1024)) ?? value.fail('a package URL', 'is none'));
  const distribution = distributionOf(family);
  const derived = distribution && { ...distribution, name: text, qualifiers: new Map<string, string>() };
  const release = suffix !== undefined && /^v?[0-9]/.test(suffix) ? suffix.replace(/^v/, '') : undefined;
  return { name: printable(`${family} ${text}`, 256), purl: given ?? derived, release };
}
