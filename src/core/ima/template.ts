// IMA templates: which fields an entry has, and how each is laid out.
// [LINUX Documentation/security/IMA-templates.rst]
import { MalformedError } from '../error.ts';
import { Cursor, decodeUtf8 } from '../encoding/index.ts';

export type FieldName =
  | 'd'
  | 'n'
  | 'd-ng'
  | 'd-ngv2'
  | 'n-ng'
  | 'sig'
  | 'buf'
  | 'd-modsig'
  | 'modsig'
  | 'evmsig'
  | 'xattrnames'
  | 'xattrlengths'
  | 'xattrvalues'
  | 'iuid'
  | 'igid'
  | 'imode';

/** The kernel's own templates. A custom `ima_template_fmt` is given by its format string in the template's name. */
const templates: Readonly<Record<string, readonly FieldName[]>> = {
  ima: ['d', 'n'],
  'ima-ng': ['d-ng', 'n-ng'],
  'ima-ngv2': ['d-ngv2', 'n-ng'],
  'ima-sig': ['d-ng', 'n-ng', 'sig'],
  'ima-sigv2': ['d-ngv2', 'n-ng', 'sig'],
  'ima-buf': ['d-ng', 'n-ng', 'buf'],
  'ima-modsig': ['d-ng', 'n-ng', 'sig', 'd-modsig', 'modsig'],
  'evm-sig': ['d-ng', 'n-ng', 'evmsig', 'xattrnames', 'xattrlengths', 'xattrvalues', 'iuid', 'igid', 'imode'],
};

const knownFields: ReadonlySet<string> = new Set(Object.values(templates).flat());

/** Fields of a template, by its name or by its format string (`d-ng|n-ng`). No digest covers the name of a template, so the host can write
 * any name beside an entry. Therefore only templates are read that have the file's digest first, its name second, and no field twice:
 * whichever of them the host names, the same bytes are read as digest and path.
 * @throws MalformedError IMA_TEMPLATE_UNKNOWN */
export function fieldsOf(template: string, at: number): readonly FieldName[] {
  const named = Object.hasOwn(templates, template) ? templates[template] : undefined;
  const fields = named ?? readFormat(template);
  if (fields !== undefined) return fields;
  throw new MalformedError('IMA_TEMPLATE_UNKNOWN', `unknown template ${JSON.stringify(template.slice(0, 64))}`, { at });
}

const digestFields: ReadonlySet<string | undefined> = new Set(['d', 'd-ng', 'd-ngv2']);
const nameFields: ReadonlySet<string | undefined> = new Set(['n', 'n-ng']);

function readFormat(format: string): readonly FieldName[] | undefined {
  const listed = format.split('|');
  const [digest, name, ...others] = listed;
  if (!digestFields.has(digest) || !nameFields.has(name) || new Set(listed).size !== listed.length) return undefined;
  if (others.some((field) => digestFields.has(field) || nameFields.has(field))) return undefined;
  return listed.every(isField) ? listed : undefined;
}

/** A file's digest as an entry states it. `kind` is `verity` for fs-verity digests (ima-ngv2). */
export interface FileDigest {
  readonly kind: 'file' | 'verity';
  /** The kernel's name: sha1, sha256, sha512, sm3-256, ... */
  readonly algorithm: string;
  readonly value: Uint8Array;
}

/** What an entry says. All of it is covered by the template digest, so all of it is bound once the list is replayed. */
export interface TemplateContent {
  readonly digest: FileDigest;
  readonly path: string;
  /** security.ima signature of the file, or empty. */
  readonly signature: Uint8Array;
  /** ima-buf: the measured buffer itself (keys, kexec command line, critical data). */
  readonly buffer: Uint8Array | undefined;
}

/** Splits template data into its fields: u32 little-endian length, then bytes.
 * @throws MalformedError IMA_ENTRY_MALFORMED */
export function parseTemplateData(fields: readonly FieldName[], data: Uint8Array, at: number): TemplateContent {
  const cursor = new Cursor(data, {
    endianness: 'little',
    truncated: 'IMA_ENTRY_MALFORMED',
    trailing: 'IMA_ENTRY_MALFORMED',
    baseOffset: at,
  });
  const values = new Map<FieldName, Uint8Array>();
  for (const field of fields) values.set(field, cursor.bytes(cursor.u32(`${field} length`), field));
  cursor.end('template data');
  return toContent(values, at);
}

/** The legacy template `ima`: 20 raw digest bytes, then the name with its own length. Hashed with the name padded to
 * 256 bytes, so the data that binds it is rebuilt here.
 * @throws MalformedError IMA_ENTRY_MALFORMED */
export function legacyContent(digest: Uint8Array, name: Uint8Array, at: number): TemplateContent {
  return {
    digest: { kind: 'file', algorithm: 'sha1', value: digest },
    path: readPath(name, at),
    signature: new Uint8Array(),
    buffer: undefined,
  };
}

function toContent(values: ReadonlyMap<FieldName, Uint8Array>, at: number): TemplateContent {
  const raw = values.get('d');
  const digestField = values.get('d-ng') ?? values.get('d-ngv2') ?? new Uint8Array();
  const digest: FileDigest =
    raw === undefined ? parseDigestField(digestField, at) : { kind: 'file', algorithm: 'sha1', value: raw };
  return {
    digest,
    path: readPath(values.get('n-ng') ?? values.get('n') ?? new Uint8Array(), at),
    signature: values.get('sig') ?? new Uint8Array(),
    buffer: values.get('buf'),
  };
}

/** `sha256:` NUL digest, or with a kind in front: `verity:sha256:` NUL digest. */
function parseDigestField(field: Uint8Array, at: number): FileDigest {
  const nul = field.indexOf(0);
  const prefix = nul < 0 ? '' : String.fromCharCode(...field.subarray(0, Math.min(nul, 64)));
  const match = /^(?:(ima|verity):)?([a-z0-9_-]{1,32}):$/.exec(prefix);
  if (match === null) {
    throw new MalformedError('IMA_ENTRY_MALFORMED', 'a digest field does not start with its algorithm', { at });
  }
  return { kind: match[1] === 'verity' ? 'verity' : 'file', algorithm: match[2] ?? '', value: field.subarray(nul + 1) };
}

/** The kernel ends a name with NUL and writes no other. A NUL inside shows that these bytes were no name: a host can relabel an entry as
 * template `ima`, where no digest covers the length of a field, and so shift where the name begins.
 * @throws MalformedError IMA_ENTRY_MALFORMED */
function readPath(bytes: Uint8Array, at: number): string {
  const name = bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
  if (name.includes(0)) throw new MalformedError('IMA_ENTRY_MALFORMED', 'a path with a NUL inside', { at });
  return decodeText(name);
}

/** Paths are bytes to the kernel. What is not UTF-8 is shown byte by byte, so that two paths never look the same. */
function decodeText(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  }
}

function isField(name: string): name is FieldName {
  return knownFields.has(name);
}
