// A CSAF 2.0 document: security advisory or VEX. Read is what it says is affected, and what identifies that. [CSAF]
//
// Its detached OpenPGP signature is not looked at: operators who sign the deny list answer for what they took over.
import { printable, type Field } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import type { Advisory, AdvisoryClaim } from './advisory.ts';
import { readProduct } from './csaf-product.ts';
import { readProducts, type CsafProduct } from './csaf-products.ts';
import { readCves } from './cve.ts';

/** What counts as affected, and what contradicts it. [CSAF §3.2.3.9 §6.1.6] */
const affectedStates = ['known_affected', 'first_affected', 'last_affected'] as const;
const otherStates = ['known_not_affected', 'first_fixed', 'fixed', 'under_investigation'] as const;
const maximumProducts = 100_000;

/** @throws VerificationError ADVISORY_VERSION_UNKNOWN; MalformedError ADVISORY_INVALID */
export function readCsaf(root: Field): Advisory {
  const { document, product_tree, vulnerabilities } = root.some('document', 'product_tree', 'vulnerabilities');
  const { csaf_version, publisher, title, tracking } = document.some('csaf_version', 'publisher', 'title', 'tracking');
  const format = csaf_version.text(16);
  if (format !== '2.0') throw new VerificationError('ADVISORY_VERSION_UNKNOWN', `CSAF ${format}`);
  const { id, version, status } = tracking.some('id', 'version', 'status');
  const name = id.text(200);
  const heading = `${name}: ${title.words(700)}`;
  const products = product_tree.optional(readProducts) ?? new Map<string, CsafProduct>();
  const told = new Map<string, ReturnType<typeof readProduct>>();
  const leftOut = new Set<string>();
  const claims: AdvisoryClaim[] = [];
  for (const vulnerability of vulnerabilities.optional((list) => list.array(10_000)) ?? []) {
    const { cves, affected } = readVulnerability(vulnerability, products);
    const reason = `${heading}${cves.length === 0 ? '' : ` (${cves.join(', ')})`}`;
    for (const product of affected) {
      const read = told.get(product) ?? readProduct(product, products);
      told.set(product, read);
      claims.push(...read.affected.map((each) => ({ cves, reason, affected: each })));
      for (const what of read.leftOut) leftOut.add(what);
    }
  }
  const issuer = publisher.some('name').name.words(128);
  const state = status.oneOf(['draft', 'final', 'interim']);
  return {
    format: 'csaf',
    id: name,
    source: `CSAF of ${issuer}, ${printable(name)} version ${version.text(64)}${state === 'final' ? '' : `, ${state}`}`,
    claims,
    leftOut: [...leftOut],
  };
}

interface Vulnerability {
  readonly cves: readonly string[];
  /** Ids of products. */
  readonly affected: readonly string[];
}

function readVulnerability(field: Field, products: ReadonlyMap<string, CsafProduct>): Vulnerability {
  const { cve, product_status } = field.some('cve', 'product_status');
  const cves = cve.isPresent ? readCves([cve]) : [];
  if (!product_status.isPresent) return { cves, affected: [] };
  const states = product_status.some(...affectedStates, ...otherStates);
  const idsOf = (state: Field): readonly string[] =>
    (state.optional((list) => list.array(maximumProducts)) ?? []).map((item) => {
      const id = item.text(1024);
      return products.has(id) ? id : item.fail('a product of the product tree', 'is none');
    });
  const affected = [...new Set(affectedStates.flatMap((state) => idsOf(states[state])))];
  for (const state of otherStates) {
    const others = new Set(idsOf(states[state]));
    if (affected.some((id) => others.has(id))) states[state].fail('products that are not affected as well', 'has one');
  }
  return { cves, affected };
}
