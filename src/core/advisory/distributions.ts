// Distributions as OSV names them, and as package URLs do. [OSV] [PURL]
import type { VersionOrder } from './compare-versions.ts';
import type { PackageUrl } from './package-url.ts';

const distributions: Readonly<Record<string, Pick<PackageUrl, 'type' | 'namespace'>>> = {
  AlmaLinux: { type: 'rpm', namespace: 'almalinux' },
  Debian: { type: 'deb', namespace: 'debian' },
  'Red Hat': { type: 'rpm', namespace: 'redhat' },
  'Rocky Linux': { type: 'rpm', namespace: 'rocky' },
  SUSE: { type: 'rpm', namespace: 'suse' },
  Ubuntu: { type: 'deb', namespace: 'ubuntu' },
  openEuler: { type: 'rpm', namespace: 'openeuler' },
  openSUSE: { type: 'rpm', namespace: 'opensuse' },
};

export function distributionOf(ecosystem: string): Pick<PackageUrl, 'type' | 'namespace'> | undefined {
  return Object.hasOwn(distributions, ecosystem) ? distributions[ecosystem] : undefined;
}

/** How versions of such packages are ordered; `undefined` where nothing here knows. */
export function orderOf({ type }: Pick<PackageUrl, 'type'>): VersionOrder | undefined {
  return type === 'deb' || type === 'rpm' ? type : undefined;
}

/** Whether a package that says `distro=debian-12` is of `release`. One that does not say it may be of any. */
export function isOfRelease(distro: string | undefined, release: string | undefined): boolean {
  if (distro === undefined || release === undefined) return true;
  const told = /^[a-z_]+-v?(\d[0-9.]*)$/.exec(distro)?.[1];
  return told === undefined || told === release || told.startsWith(`${release}.`);
}
