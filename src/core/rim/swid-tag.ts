// A TCG PC client base RIM: a SWID tag that names its support files by digest. [TCG-RIM] [ISO-19770-2]
// What is not known refuses the whole: it could say for which machines, or besides what, the reference values hold.
import type { Digest, HashAlgorithm } from '../crypto/index.ts';
import { digestSizes } from '../crypto/index.ts';
import { decodeHex, printable } from '../encoding/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import { digestUris } from './digest-uris.table.ts';
import { signatureNamespace } from './xml-signature.ts';
import { attributeOf, elementsIn, type XmlElement } from './xml.ts';

export interface SupportFile {
  readonly name: string;
  /** One at least. */
  readonly digests: readonly Digest[];
  /** Bytes, where the tag says so. */
  readonly size: number | undefined;
}

export interface BaseRim {
  readonly tagId: string;
  /** Maker and model of the platform, as the tag calls them. */
  readonly name: string;
  readonly support: readonly SupportFile[];
  /** A digest of another manifest that the tag is linked to, if any. */
  readonly linkHash: string | undefined;
}

const swid = 'http://standards.iso.org/iso/19770/-2/2015/schema.xsd';
const rimModel = 'https://trustedcomputinggroup.org/wp-content/uploads/TCG_RIM_Model';
const xsi = 'http://www.w3.org/2001/XMLSchema-instance';
const maximumFiles = 64;

const known = {
  tag: ['name', 'tagId', 'tagVersion', 'version', 'versionScheme', 'corpus', 'patch', 'supplemental'],
  directory: ['name', 'location', 'root', 'key'],
  file: ['name', 'size', 'version', 'location', 'root', 'key'],
  payload: [],
};

/**
 * Reads a tag, which proves nothing: read it from what a signature covers.
 *
 * @throws MalformedError RIM_INVALID
 * @throws VerificationError RIM_UNSUPPORTED
 */
export function readBaseRim(root: XmlElement): BaseRim {
  if (!isSwid(root, 'SoftwareIdentity')) throw invalid('the root is no SoftwareIdentity');
  checkAttributes(root, known.tag);
  for (const kind of ['patch', 'supplemental', 'corpus']) {
    const value = attributeOf(root, kind) ?? 'false';
    if (value !== 'false' && value !== '0') throw unsupported(`it is ${kind}: it holds only together with another tag`);
  }
  const parts = elementsIn(root).filter(({ namespace }) => namespace !== signatureNamespace);
  const [meta, payload] = [onlyOne(parts, 'Meta'), onlyOne(parts, 'Payload')];
  const strange = parts.find((part) => !['Entity', 'Link', 'Meta', 'Payload'].some((local) => isSwid(part, local)));
  if (strange !== undefined) throw unsupported(`a part that is not known: ${strange.local}`);
  checkAttributes(payload, known.payload);
  checkBinding(meta);
  const support = readFiles(payload);
  if (support.length === 0) throw invalid('the payload names no file');
  const words = [rimAttribute(meta, 'platformManufacturerStr'), rimAttribute(meta, 'platformModel')];
  return {
    tagId: printable(required(root, 'tagId'), 256),
    name: words.filter((word) => word !== undefined).join(' ') || required(root, 'name'),
    support,
    linkHash: rimAttribute(meta, 'rimLinkHash'),
  };
}

function checkBinding(meta: XmlElement): void {
  const spec = rimAttribute(meta, 'bindingSpec');
  if (spec !== 'PC Client RIM') throw unsupported(`binding ${printable(spec ?? 'not named', 64)}, not PC Client RIM`);
  const payload = rimAttribute(meta, 'payloadType') ?? rimAttribute(meta, 'PayloadType') ?? 'direct';
  if (payload !== 'direct') throw unsupported(`a payload that is ${printable(payload, 32)}: it lies elsewhere`);
}

/** Files of the payload, in folders of any depth. */
function readFiles(folder: XmlElement): readonly SupportFile[] {
  const files = elementsIn(folder).flatMap((part) => {
    if (isSwid(part, 'File')) return [readFile(part)];
    if (!isSwid(part, 'Directory')) throw unsupported(`a payload with ${part.local}`);
    checkAttributes(part, known.directory);
    return readFiles(part);
  });
  if (files.length > maximumFiles) throw invalid('too many files');
  return files;
}

function readFile(file: XmlElement): SupportFile {
  checkAttributes(file, known.file);
  if (elementsIn(file).length > 0) throw unsupported('a file with parts');
  const size = attributeOf(file, 'size');
  if (size !== undefined && !/^(0|[1-9]\d{0,11})$/.test(size))
    throw invalid('the size of a file is no number of bytes');
  const digests = file.attributes
    .filter(({ local }) => local === 'hash')
    .flatMap(({ namespace, value }): Digest[] => {
      const alg = Object.hasOwn(digestUris, namespace) ? digestUris[namespace] : undefined;
      return alg === undefined ? [] : [{ alg, value: readDigest(value, alg) }];
    });
  if (digests.length === 0) throw unsupported('a file without a digest that is known');
  return { name: printable(required(file, 'name'), 256), digests, size: size === undefined ? undefined : Number(size) };
}

function readDigest(text: string, alg: HashAlgorithm): Uint8Array {
  if (!/^[0-9a-fA-F]*$/.test(text) || text.length !== digestSizes[alg] * 2) throw invalid(`a digest is no ${alg}`);
  return decodeHex(text.toLowerCase());
}

/** Attributes of SWID itself, which are not prefixed: `media` and others set conditions. What extensions say is for people. */
function checkAttributes({ attributes, local }: XmlElement, names: readonly string[]): void {
  const strange = attributes.find(({ namespace, local: name }) => namespace === '' && !names.includes(name));
  if (strange !== undefined) throw unsupported(`an attribute of ${local} that is not known: ${strange.local}`);
  const typed = attributes.find(({ namespace, local: name }) => namespace === xsi && name !== 'type');
  if (typed !== undefined) throw unsupported(`an attribute of ${local} that is not known: ${typed.name}`);
}

function onlyOne(parts: readonly XmlElement[], local: string): XmlElement {
  const [found, ...others] = parts.filter((part) => isSwid(part, local));
  if (found === undefined || others.length > 0) throw invalid(`not exactly one ${local}`);
  return found;
}

function isSwid({ local, namespace }: XmlElement, name: string): boolean {
  return local === name && namespace === swid;
}

function rimAttribute({ attributes }: XmlElement, name: string): string | undefined {
  return attributes.find(({ local, namespace }) => local === name && namespace === rimModel)?.value;
}

function required(element: XmlElement, name: string): string {
  const value = attributeOf(element, name);
  if (value === undefined || value === '') throw invalid(`${element.local} has no ${name}`);
  return value;
}

function invalid(message: string): MalformedError {
  return new MalformedError('RIM_INVALID', message);
}

function unsupported(message: string): VerificationError {
  return new VerificationError('RIM_UNSUPPORTED', message);
}
