// What a security advisory says that may show in a boot, whichever format it came in.
import type { Denied } from '../deny/index.ts';
import type { DigestSet } from '../golden/index.ts';
import type { PackageUrl } from './package-url.ts';
import type { VersionOrder } from './compare-versions.ts';

export interface Advisory {
  readonly format: 'osv' | 'csaf';
  readonly id: string;
  /** Format, publisher and issue, for people. */
  readonly source: string;
  readonly claims: readonly AdvisoryClaim[];
  /** What of the file no deny list can say, each with its name and why. */
  readonly leftOut: readonly string[];
}

export interface AdvisoryClaim {
  readonly cves: readonly string[];
  readonly reason: string;
  readonly affected: Affected;
}

export type Affected =
  | ({ readonly kind: 'package' } & AffectedPackage)
  /** Digests over a whole file, as an advisory gives them. */
  | { readonly kind: 'file'; readonly name: string; readonly digests: DigestSet }
  /** Said as a deny list says it. */
  | { readonly kind: 'denied'; readonly denies: Denied };

export interface AffectedPackage {
  /** Type, namespace and name count. */
  readonly purl: PackageUrl;
  /** Release of the distribution that it speaks of: `12` of Debian. Absent: of any. */
  readonly release?: string;
  /** Single versions, as they are written. */
  readonly versions: readonly string[];
  /** One without ends is every version. */
  readonly intervals: readonly VersionInterval[];
}

export interface VersionInterval {
  readonly order: VersionOrder;
  readonly from?: VersionBound;
  readonly to?: VersionBound;
}

export interface VersionBound {
  readonly version: string;
  readonly isIncluded: boolean;
}
