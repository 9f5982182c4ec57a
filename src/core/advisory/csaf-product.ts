// What of an affected product may show in a boot: package versions, digests of files, firmware versions. [CSAF §3.1.3.3]
import type { Affected } from './advisory.ts';
import type { CsafProduct } from './csaf-products.ts';
import { orderOf } from './distributions.ts';
import { parseVersionRange } from './version-interval.ts';

export interface ReadProduct {
  readonly affected: readonly Affected[];
  readonly leftOut: readonly string[];
}

/** Parts of parts: more than any publisher nests, and an end for those that go in circles. */
const maximumParts = 16;

export function readProduct(id: string, products: ReadonlyMap<string, CsafProduct>): ReadProduct {
  let product = products.get(id);
  const name = product?.name ?? id;
  const found: Affected[] = [];
  const leftOut: string[] = [];
  for (let depth = 0; product !== undefined && depth < maximumParts; depth += 1) {
    const read = readOne(product, name);
    found.push(...read.affected);
    leftOut.push(...read.leftOut);
    product = product.partOf === undefined ? undefined : products.get(product.partOf);
  }
  if (found.length === 0 && leftOut.length === 0) {
    return { affected: [], leftOut: [`${name}: nothing that identifies it shows in a boot`] };
  }
  return { affected: found, leftOut };
}

function readOne(product: CsafProduct, name: string): ReadProduct {
  const { purl, cpe, versionRange, files = [], denies = [], unread = [] } = product;
  const affected: Affected[] = [
    ...denies.map((each) => ({ kind: 'denied', denies: each }) as const),
    ...files.map((file) => ({ kind: 'file', ...file }) as const),
  ];
  const leftOut = [...unread];
  if (purl !== undefined) {
    const { version } = purl;
    const interval = version === undefined && versionRange !== undefined ? parseVersionRange(versionRange) : undefined;
    const every = { order: orderOf(purl) ?? 'semver' } as const;
    if (version === undefined && versionRange !== undefined && interval === undefined) {
      leftOut.push(`${name}: a range of versions that is not read: ${versionRange}`);
    } else {
      const intervals = version === undefined ? [interval ?? every] : [];
      affected.push({ kind: 'package', purl, versions: version === undefined ? [] : [version], intervals });
    }
  }
  const firmware = cpe === undefined ? undefined : firmwareVersionOf(cpe);
  if (firmware !== undefined)
    affected.push({ kind: 'denied', denies: { kind: 'firmware-version', version: firmware } });
  return { affected, leftOut };
}

/** The version of `cpe:2.3:o:vendor:product_firmware:version:…`, as NVD names firmware; `undefined` of all else. [CPE] */
function firmwareVersionOf(cpe: string): string | undefined {
  const [, , part, , product = '', version = '', update = ''] = cpe.split(/(?<!\\):/);
  if (!cpe.startsWith('cpe:2.3:') || part !== 'o' || !product.endsWith('_firmware')) return undefined;
  const isVersion = /^[^*-]/.test(version) && !/(?<!\\)[*?]/.test(version) && /^[*-]?$/.test(update);
  return isVersion ? version.replace(/\\(.)/g, '$1') : undefined;
}
