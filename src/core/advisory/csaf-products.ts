// The product tree of a CSAF document, by product id. [CSAF §3.1.3 §3.2.2]
import type { Field } from '../encoding/index.ts';
import { readHelper, type ProductHelper } from './csaf-helper.ts';

export interface CsafProduct extends ProductHelper {
  /** For people: the product's full name. */
  readonly name: string;
  /** Of the branch `product_version_range` it lies on. */
  readonly versionRange?: string;
  /** Id of the product that it is a part of another one of: what identifies that, identifies this. */
  readonly partOf?: string;
}

const maximumProducts = 100_000;
const maximumBranches = 200_000;

/** @throws MalformedError of `tree`: an id that is defined twice, and what the format asks for */
export function readProducts(tree: Field): ReadonlyMap<string, CsafProduct> {
  const { branches, full_product_names, relationships } = tree.some('branches', 'full_product_names', 'relationships');
  const products = new Map<string, CsafProduct>();
  const add = (field: Field, more: Pick<CsafProduct, 'versionRange' | 'partOf'> = {}): void => {
    const { product_id, name, product_identification_helper } = field.some('product_id', 'name', 'product_identification_helper'); // prettier-ignore
    const id = product_id.text(1024);
    if (products.has(id)) product_id.fail('an id of its own for each product', 'stands there twice');
    if (products.size >= maximumProducts) field.fail(`at most ${maximumProducts} products`, 'is one more');
    products.set(id, { name: name.words(256), ...(product_identification_helper.optional(readHelper) ?? {}), ...more });
  };
  let count = 0;
  const walk = (list: Field, range: string | undefined): void => {
    for (const branch of list.array(maximumProducts)) {
      count += 1;
      if (count > maximumBranches) branch.fail(`at most ${maximumBranches} branches`, 'is one more');
      const { branches: below, category, name, product } = branch.some('branches', 'category', 'name', 'product');
      const here = category.text(64) === 'product_version_range' ? name.words(512) : range;
      if (product.isPresent) add(product, here === undefined ? {} : { versionRange: here });
      if (below.isPresent) walk(below, here);
    }
  };
  if (branches.isPresent) walk(branches, undefined);
  for (const product of full_product_names.optional((list) => list.array(maximumProducts)) ?? []) add(product);
  for (const relationship of relationships.optional((list) => list.array(maximumProducts)) ?? []) {
    const { full_product_name, product_reference } = relationship.some('full_product_name', 'product_reference');
    add(full_product_name, { partOf: product_reference.text(1024) });
  }
  return products;
}
