// Distinguished names: shown to people, compared by path building. [RFC5280 §4.1.2.4, §7.1]
import { encodeHex, printable } from '../encoding/index.ts';
import { tags, readOid, readText, type ElementReader } from './asn1.ts';

export interface NameAttribute {
  readonly oid: string;
  readonly text: string;
}

export interface DistinguishedNameFacts {
  /** Printable, parts in the order they stand. */
  readonly text: string;
  /** Equal for names that differ only in string type, case and white space. Helps to find issuers; proves nothing. */
  readonly key: string;
  readonly attributes: readonly NameAttribute[];
  /** A multi-valued part is not in DER order. */
  readonly unsorted: boolean;
}

const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '1.2.840.113549.1.9.1': 'E',
};

/** The name whose relative parts stand in `reader` (the contents of the Name). Throws the reader's code. */
export function readName(reader: ElementReader): DistinguishedNameFacts {
  const attributes: NameAttribute[] = [];
  const parts: string[] = [];
  let unsorted = false;
  while (!reader.done) {
    const set = reader.enter(tags.set, 'relative name');
    const members: Uint8Array[] = [];
    const shown: string[] = [];
    while (!set.done) {
      const pair = set.read(tags.sequence, 'name attribute');
      members.push(pair.bytes);
      const attribute = readAttribute(set.inside(pair));
      attributes.push(attribute);
      shown.push(`${shortNames[attribute.oid] ?? attribute.oid}=${attribute.text}`);
    }
    unsorted ||= members.some((member, index) => isAfter(members[index - 1] ?? member, member));
    parts.push(shown.join('+'));
  }
  const text = printable(parts.join(', '), 1024);
  return { text, key: keyOf(attributes), attributes, unsorted };
}

/** The object identifier of an attribute type that is given by its short name (`CN`); anything else is returned as it is. */
export function nameOid(type: string): string {
  return Object.entries(shortNames).find(([, short]) => short === type)?.[0] ?? type;
}

function readAttribute(reader: ElementReader): NameAttribute {
  const oidElement = reader.read(tags.oid, 'name attribute type');
  const value = reader.any('name attribute value');
  reader.end('name attribute');
  const oid = readOid(oidElement.contents) ?? `#${encodeHex(oidElement.contents)}`;
  return { oid, text: readText(value) ?? `#${encodeHex(value.bytes)}` };
}

function keyOf(attributes: readonly NameAttribute[]): string {
  const fold = (text: string) => text.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ');
  return JSON.stringify(attributes.map(({ oid, text }) => [oid, fold(text)]));
}

/** Whether `left` comes after `right` in the order of a DER SET. No DER element is a prefix of another, so two that differ do so within
 * the shorter one. */
function isAfter(left: Uint8Array, right: Uint8Array): boolean {
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at !== -1 && (left[at] ?? 0) > (right[at] ?? 0);
}
