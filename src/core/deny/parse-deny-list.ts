// The payload of a deny list, JSON on the wire: strict, bounded, one reading.
import { createReading, encodeHex, readJson, type Pieces, Field } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { layers } from '../event-log/index.ts';
import { readDigestSet } from '../golden/index.ts';
import { denyListType, type Denied, type DenyEntry, type DenyList } from './deny-list.ts';

/** What an envelope may carry over the API. More than that goes into several lists. */
const maximumPayloadBytes = 1536 * 1024;
const maximumEntries = 10_000;

/**
 * Reads the payload of an envelope. Proves nothing about who wrote it. No entries at all is a list that takes back what an
 * earlier issue denied.
 *
 * @throws MalformedError DENY_LIST_INVALID; the encoding room's codes for JSON
 */
export function parseDenyList(payload: Uint8Array): DenyList {
  return reading.read(payload);
}

/** Reads a long list in pieces. `parseDenyList` then returns it, or throws, at once. */
export function readDenyListAhead(payload: Uint8Array, pause: () => Promise<void>): Promise<void> {
  return reading.ahead(payload, pause);
}

const reading = createReading(readDenyList);

/** To read so many takes some milliseconds. */
const entriesInPiece = 500;

/** As `parseDenyList`. */
export function* readDenyList(payload: Uint8Array): Pieces<DenyList> {
  if (payload.length > maximumPayloadBytes) {
    throw new MalformedError(
      'DENY_LIST_INVALID',
      `${payload.length} bytes, and ${maximumPayloadBytes} are the most: make several lists`,
    );
  }
  const root = new Field(yield* readJson(payload, { maxDepth: 8 }), '', 'DENY_LIST_INVALID');
  const { _type, name, version, issuedAt, nextIssue, entries } = root.object(
    '_type',
    'name',
    'version',
    'issuedAt',
    'nextIssue',
    'entries',
  );
  _type.oneOf([denyListType]);
  const next = nextIssue.optional((field) => field.time());
  const read: DenyEntry[] = [];
  const head = {
    name: matching(name, /^[a-z0-9][a-z0-9._-]{0,62}$/, 'a name in lower case, digits and ._-'),
    version: version.integer(1, Number.MAX_SAFE_INTEGER),
    issuedAt: issuedAt.time(),
    ...(next === undefined ? {} : { nextIssue: next }),
  };
  for (const entry of entries.array(maximumEntries)) {
    read.push(readEntry(entry));
    if (read.length % entriesInPiece === 0) yield;
  }
  const list: DenyList = { ...head, entries: read };
  if (next !== undefined && next <= list.issuedAt) nextIssue.fail('a time after issuedAt', 'is not');
  const ids = new Set(list.entries.map(({ id }) => id));
  if (ids.size < list.entries.length) entries.fail('an id of its own for each entry', 'has one twice');
  return list;
}

function readEntry(field: Field): DenyEntry {
  const { id, reason, cves, source, until, denies } = field.object('id', 'reason', 'cves', 'source', 'until', 'denies');
  const from = source.optional((text) => text.text(512));
  const end = until.optional((time) => time.time());
  return {
    id: matching(id, /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, 'an id of letters, digits and ._:-'),
    reason: reason.text(1024),
    cves: cves.optional((list) => list.array(64).map(readCve)) ?? [],
    ...(from === undefined ? {} : { source: from }),
    ...(end === undefined ? {} : { until: end }),
    denies: readDenied(denies),
  };
}

function readCve(field: Field): string {
  return matching(field, /^CVE-\d{4}-\d{4,19}$/, 'an id such as CVE-2026-12345');
}

const kinds: { readonly [Kind in Denied['kind']]: (field: Field) => Denied } = {
  measurement: (field) => {
    const { digests, pcr } = field.object('digests', 'pcr');
    const register = pcr.optional((number) => number.integer(0, 23));
    const digestSet = readDigestSet(digests);
    return { kind: 'measurement', digests: digestSet, ...(register === undefined ? {} : { pcr: register }) };
  },
  certificate: (field) => ({ kind: 'certificate', sha256: encodeHex(field.hex(32)) }),
  endorsement: (field) => ({ kind: 'endorsement', sha256: encodeHex(field.hex(32)) }),
  sbat: (field) => {
    const { component, below } = field.object('component', 'below');
    const name = matching(component, /^[A-Za-z0-9._-]{1,64}$/, 'the name of an SBAT component');
    return { kind: 'sbat', component: name, below: below.integer(1, 999_999_999) };
  },
  'firmware-version': (field) => ({ kind: 'firmware-version', version: field.text(256) }),
  golden: (field) => ({ kind: 'golden', id: matching(field, /^sha256:[0-9a-f]{64}$/, 'sha256: and 64 digits') }),
  'golden-subject': (field) => {
    const { layer, name } = field.object('layer', 'name');
    return { kind: 'golden-subject', layer: layer.oneOf(layers), name: name.text(512) };
  },
};

/** @throws MalformedError with the code of `field` */
export function readDenied(field: Field): Denied {
  const [entry, ...more] = field.entries(8);
  if (entry === undefined || more.length > 0)
    return field.fail('exactly one thing that is denied', 'has another number');
  const [kind, value] = entry;
  return Object.hasOwn(kinds, kind)
    ? kinds[kind as Denied['kind']](value)
    : field.fail('a kind that is known', 'has another');
}

function matching(field: Field, pattern: RegExp, expected: string): string {
  const text = field.text(512);
  return pattern.test(text) ? text : field.fail(expected, 'is another text');
}
