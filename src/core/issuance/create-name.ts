// Distinguished names of ours: UTF-8 everywhere but in countries and serial numbers. [RFC5280 §4.1.2.4]
import { encodeUtf8 } from '../encoding/index.ts';
import { derElement, derOid, derSequence, nameOid, tags } from '../x509/index.ts';

/** One part each, in the order given. `type` is CN, O, OU, C, L, ST, serialNumber, E, or an object identifier. */
export type DistinguishedName = readonly { readonly type: string; readonly value: string }[];

const printableTypes: ReadonlySet<string> = new Set(['C', 'serialNumber']);

/** DER of a Name. Bytes are passed through: a name copied from another certificate. */
export function encodeName(name: DistinguishedName | Uint8Array): Uint8Array {
  if (name instanceof Uint8Array) return name;
  return derSequence(
    ...name.map(({ type, value }) => {
      const tag = printableTypes.has(type) ? tags.printableString : type === 'E' ? tags.ia5String : tags.utf8String;
      return derElement(tags.set, derSequence(derOid(nameOid(type)), derElement(tag, encodeUtf8(value))));
    }),
  );
}
