// What a platform certificate says of a machine: its name in subjectAltName, its parts in an attribute. All of it is the maker's
// claim. [TCG-PLATFORM §3.1.6, §3.2.5]
import { encodeHex, printable } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { ElementReader, tags, readOid, readText, type Element } from './asn1.ts';
import type { PlatformComponent, PlatformFacts } from './attribute-certificate.ts';
import type { CertificateExtension } from './certificate.ts';
import { readName, type NameAttribute } from './name.ts';
import { extensionOids, platformOids } from './oids.table.ts';

const code = 'X509_ATTRIBUTE_CERTIFICATE_MALFORMED';
const maximumComponents = 1024;
const maximumText = 256;

/** Object identifier of an attribute -> its only value. */
export type Attributes = ReadonlyMap<string, Element>;

/** The machine that `extensions` name and `attributes` describe; undefined without manufacturer and model.
 * @throws MalformedError X509_ATTRIBUTE_CERTIFICATE_MALFORMED */
export function readPlatform(
  extensions: readonly CertificateExtension[],
  attributes: Attributes,
): PlatformFacts | undefined {
  const names = readNames(extensions.find(({ oid }) => oid === extensionOids.subjectAltName)?.value);
  const textOf = (wanted: string) => {
    const text = names.find(({ oid }) => oid === wanted)?.text;
    return text === undefined ? undefined : shown(text);
  };
  const manufacturer = textOf(platformOids.manufacturer);
  const model = textOf(platformOids.model);
  const version = textOf(platformOids.version) ?? '';
  const components = readComponents(attributes);
  if (manufacturer === undefined || model === undefined) return undefined;
  return { manufacturer, model, version, serial: textOf(platformOids.serial), components };
}

function readNames(value: Uint8Array | undefined): readonly NameAttribute[] {
  if (value === undefined) return [];
  const outer = new ElementReader(value, code);
  const names = outer.enter(tags.sequence, 'subjectAltName');
  outer.end('subjectAltName');
  const attributes: NameAttribute[] = [];
  while (!names.done) {
    const name = names.any('general name');
    if (name.tag === 0xa4)
      attributes.push(...readName(names.inside(name).enter(tags.sequence, 'directory name')).attributes);
  }
  return attributes;
}

/** Two forms of the list: the second has a class in front of each component. */
function readComponents(attributes: Attributes): readonly PlatformComponent[] {
  const second = attributes.get(platformOids.configurationV2);
  const element = second ?? attributes.get(platformOids.configurationV1);
  if (element === undefined) return [];
  const outer = new ElementReader(element.bytes, code);
  const fields = outer.enter(tags.sequence, 'platform configuration');
  const list = fields.optional(0xa0, 'components');
  // Addresses of further lists, and properties: nothing here uses them, and they stand in this order.
  for (const tag of [0xa1, 0xa2, 0xa3]) fields.optional(tag, 'properties');
  fields.end('platform configuration');
  if (list === undefined) return [];
  const reader = fields.inside(list);
  const components: PlatformComponent[] = [];
  while (!reader.done) {
    if (components.length === maximumComponents)
      throw new MalformedError(code, 'too many components', { at: list.offset });
    components.push(readComponent(reader.enter(tags.sequence, 'component'), second !== undefined));
  }
  return components;
}

function readComponent(fields: ElementReader, hasClass: boolean): PlatformComponent {
  const classHex = hasClass ? readClass(fields.enter(tags.sequence, 'component class')) : undefined;
  const manufacturer = readUtf8(fields.read(tags.utf8String, 'component manufacturer'));
  const model = readUtf8(fields.read(tags.utf8String, 'component model'));
  const serial = fields.optional(0x80, 'component serial number');
  const revision = fields.optional(0x81, 'component revision');
  fields.optional(0x82, 'component manufacturer identifier');
  const replaceable = fields.optional(0x83, 'field replaceable');
  fields.optional(0xa4, 'component addresses');
  if (hasClass) {
    fields.optional(0xa5, 'component platform certificate');
    fields.optional(0xa6, 'component platform certificate address');
    fields.optional(0x87, 'component status');
  }
  fields.end('component');
  return {
    classHex,
    manufacturer,
    model,
    serial: serial && readUtf8(serial),
    revision: revision && readUtf8(revision),
    fieldReplaceable: replaceable && readBoolean(replaceable),
  };
}

function readClass(fields: ElementReader): string {
  const registry = readOid(fields.read(tags.oid, 'component class registry').contents) ?? '';
  const value = fields.read(tags.octetString, 'component class value').contents;
  fields.end('component class');
  return `${registry}:${encodeHex(value.subarray(0, 16))}`;
}

function readBoolean({ contents, offset }: Element): boolean {
  const [value] = contents;
  if (contents.length !== 1 || (value !== 0 && value !== 0xff)) {
    throw new MalformedError(code, 'a boolean that is neither true nor false', { at: offset });
  }
  return value === 0xff;
}

/** The text of a UTF8String, implicitly tagged or not. */
function readUtf8(element: Element): string {
  return shown(readText({ ...element, tag: tags.utf8String }) ?? '');
}

function shown(text: string): string {
  return printable(text.replace(/\0+$/, ''), maximumText);
}
