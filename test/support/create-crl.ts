// Revocation lists signed by a key at hand, for tests of whoever reads them.
import { allAtOnce } from '../../src/core/encoding/index.ts';
import { encodeSigned, encodeTbsCertList, type CrlContents } from '../../src/core/issuance/index.ts';

export interface CrlTemplate extends CrlContents {
  readonly sign: (tbs: Uint8Array) => Uint8Array;
  /** Changes what is signed. */
  readonly alter?: (tbs: Uint8Array) => Uint8Array;
}

/** DER of a signed revocation list. */
export function createCrl(template: CrlTemplate): Uint8Array {
  const { alter = (tbs: Uint8Array) => tbs } = template;
  const tbs = alter(allAtOnce(encodeTbsCertList(template)));
  return encodeSigned(tbs, template.algorithm, template.sign(tbs));
}
