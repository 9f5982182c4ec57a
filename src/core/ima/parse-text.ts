// The ASCII form, `pcr digest template field...`: for people and for old records. The binary form is what hosts send.
import { MalformedError } from '../error.ts';
import { concatBytes, decodeHex, decodeUtf8, encodeUtf8 } from '../encoding/index.ts';
import { digestSizes, type HashAlgorithm } from '../crypto/index.ts';
import { legacyTemplateData, type ImaEntry, type ImaList } from './parse.ts';
import { fieldsOf, legacyContent, parseTemplateData, type FieldName } from './template.ts';

const hashAlgorithms = Object.keys(digestSizes) as readonly HashAlgorithm[];
const linePattern = /^ ?(\d{1,2}) ([0-9a-f]{40,128}) (\S{1,64}) (.*)$/;

/** Rebuilds the template data of each line, so that the same replay serves both forms.
 * @throws MalformedError IMA_TEXT_MALFORMED with the line's number as a path, IMA_TEMPLATE_UNKNOWN, IMA_ENTRY_MALFORMED */
export function parseImaText(bytes: Uint8Array): ImaList {
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch (cause) {
    throw new MalformedError('IMA_TEXT_MALFORMED', 'the list is not text', { at: 'line 1', cause });
  }
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const entries = lines.map((line, index) => parseLine(line, index));
  return { entries, templateHash: readTemplateHash(entries), trailingBytes: 0, length: bytes.length };
}

/** `ascii_runtime_measurements_<alg>` has digests of that size, the base file has SHA-1: one size in all lines. */
function readTemplateHash(entries: readonly ImaEntry[]): HashAlgorithm {
  const size = entries[0]?.templateDigest.length ?? digestSizes.sha1;
  const alg = hashAlgorithms.find((name) => digestSizes[name] === size);
  const odd = entries.findIndex(({ templateDigest }) => templateDigest.length !== size);
  if (alg !== undefined && odd < 0) return alg;
  throw new MalformedError('IMA_TEXT_MALFORMED', 'a template digest has another size', { at: `line ${odd + 1 || 1}` });
}

/** True when the bytes start as an ASCII list does: a decimal PCR, a blank, a hexadecimal digest. */
export function looksLikeImaText(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 48));
  return /^ ?\d{1,2} [0-9a-f]{40}/.test(start) || /^[\x20-\x7e\s]+$/.test(start);
}

function parseLine(line: string, index: number): ImaEntry {
  const at = `line ${index + 1}`;
  const match = linePattern.exec(line);
  const pcr = Number(match?.[1]);
  if (match === null || pcr > 23) throw new MalformedError('IMA_TEXT_MALFORMED', 'not a line of an IMA list', { at });
  const [, , digestHex = '', template = '', rest = ''] = match;
  const templateDigest = decodeHex(digestHex);
  const common = { index, offset: index, pcr, template, templateDigest, violation: /^0+$/.test(digestHex) };
  const fields = fieldsOf(template, index);
  const values = rest.split(' ');
  if (template === 'ima') {
    const digest = hexField(values[0] ?? '', at);
    const name = encodeUtf8(values.slice(1).join(' '));
    return { ...common, ...legacyContent(digest, name, index), templateData: legacyTemplateData(digest, name) };
  }
  const templateData = concatBytes(...fields.map((field, position) => encodeField(field, values[position] ?? '', at)));
  return { ...common, ...parseTemplateData(fields, templateData, index), templateData };
}

function encodeField(field: FieldName, text: string, at: string): Uint8Array {
  const value = fieldBytes(field, text, at);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, value.length, true);
  return concatBytes(length, value);
}

function fieldBytes(field: FieldName, text: string, at: string): Uint8Array {
  switch (field) {
    case 'd-ng':
    case 'd-ngv2':
    case 'd-modsig': {
      if (text === '') return new Uint8Array();
      const colon = text.lastIndexOf(':');
      return concatBytes(encodeUtf8(`${text.slice(0, colon + 1)}\0`), hexField(text.slice(colon + 1), at));
    }
    case 'n-ng':
    case 'n':
      return encodeUtf8(`${text}\0`);
    case 'd':
    case 'sig':
    case 'buf':
    case 'modsig':
      return hexField(text, at);
    default:
      throw new MalformedError('IMA_TEXT_MALFORMED', `field ${field} has no faithful text form`, { at });
  }
}

function hexField(text: string, at: string): Uint8Array {
  try {
    return decodeHex(text);
  } catch (cause) {
    throw new MalformedError('IMA_TEXT_MALFORMED', 'a field is not hexadecimal', { at, cause });
  }
}
