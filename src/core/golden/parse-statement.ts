// The in-toto Statement that carries a golden measurement, JSON on the wire. [in-toto]
import { MalformedError } from '../error.ts';
import { createReading, readJson, type Pieces, Field } from '../encoding/index.ts';
import { layers } from '../event-log/index.ts';
import { readDigestSet } from './digest-set.ts';
import { readExpectedFiles } from './expected-files.ts';
import { checkStatement } from './statement-rules.ts';
import {
  goldenPredicateType,
  statementType,
  type AcceptedRevocation,
  type ExpectedEvent,
  type ExpectedPcr,
  type GoldenProvenance,
  type GoldenStatement,
  type GoldenSubject,
  type ImportOrigin,
} from './statement.ts';

const maximumPayloadBytes = 1024 * 1024;
const maximumEvents = 4096;
/** Twice what a log's description is cut to. */
const maximumText = 8192;
const maximumAccepted = 16;
const maximumReason = 1024;

/**
 * Reads the payload of an envelope. Proves nothing about who wrote it.
 *
 * @throws MalformedError GOLDEN_STATEMENT_INVALID and what `checkStatement` refuses; the encoding room's codes for JSON
 */
export function parseGoldenStatement(payload: Uint8Array): GoldenStatement {
  return reading.read(payload);
}

/** Reads a long one in pieces. `parseGoldenStatement` then returns it, or throws, at once. */
export function readGoldenStatementAhead(payload: Uint8Array, pause: () => Promise<void>): Promise<void> {
  return reading.ahead(payload, pause);
}

const reading = createReading(readGoldenStatement);

/** What follows on the text of more takes some milliseconds. */
const longPayload = 65_536;

/** As `parseGoldenStatement`. */
export function* readGoldenStatement(payload: Uint8Array): Pieces<GoldenStatement> {
  if (payload.length > maximumPayloadBytes) {
    throw new MalformedError('GOLDEN_STATEMENT_INVALID', `a statement of ${payload.length} bytes is too long`);
  }
  const root = new Field(yield* readJson(payload, { maxDepth: 8 }), '', 'GOLDEN_STATEMENT_INVALID');
  if (payload.length > longPayload) yield;
  const { _type, subject, predicateType, predicate } = root.object('_type', 'subject', 'predicateType', 'predicate');
  _type.oneOf([statementType]);
  predicateType.oneOf([goldenPredicateType]);
  const subjects = subject.array(16).map(readSubject);
  if (subjects.length === 0) subject.fail('at least one subject', 'is empty');
  const statement = { ...(yield* readPredicate(predicate)), subjects };
  if (payload.length > longPayload) yield;
  checkStatement(statement);
  return statement;
}

function* readPredicate(predicate: Field): Pieces<Omit<GoldenStatement, 'subjects'>> {
  const { layer, description, match, validity, supersedes, acceptsRevoked, provenance } = predicate.object(
    'layer',
    'description',
    'match',
    'validity',
    'supersedes',
    'acceptsRevoked',
    'provenance',
  );
  const { events, pcrs, ima } = match.object('events', 'pcrs', 'ima');
  const files = ima.isPresent ? yield* readExpectedFiles(ima) : undefined;
  const text = description.optional((field) => field.text(maximumText));
  const replaced = supersedes.optional(readId);
  const accepted = acceptsRevoked.optional((field) => field.array(maximumAccepted).map(readAccepted));
  const origin = provenance.optional(readProvenance);
  return {
    layer: layer.oneOf(layers),
    events: events.optional((field) => field.array(maximumEvents).map(readEvent)) ?? [],
    pcrs: pcrs.optional((field) => field.array(24).map(readPcr)) ?? [],
    ...(files === undefined ? {} : { ima: files }),
    ...(validity.optional(readValidity) ?? {}),
    ...(text === undefined ? {} : { description: text }),
    ...(replaced === undefined ? {} : { supersedes: replaced }),
    ...(accepted === undefined ? {} : { acceptsRevoked: accepted }),
    ...(origin === undefined ? {} : { provenance: origin }),
  };
}

function readAccepted(field: Field): AcceptedRevocation {
  const { id, reason } = field.object('id', 'reason');
  return { id: readId(id), reason: reason.text(maximumReason) };
}

function readSubject(field: Field): GoldenSubject {
  const { name, digest } = field.object('name', 'digest');
  const { sha256 } = digest.object('sha256');
  return { name: name.text(512), sha256: sha256.hex(32) };
}

function readEvent(field: Field): ExpectedEvent {
  const { pcr, digests, description } = field.object('pcr', 'digests', 'description');
  return {
    pcr: pcr.integer(0, 23),
    digests: readDigestSet(digests),
    description: description.optional((text) => text.text(maximumText)) ?? 'no description',
  };
}

function readPcr(field: Field): ExpectedPcr {
  const { pcr, digests } = field.object('pcr', 'digests');
  return { pcr: pcr.integer(0, 23), digests: readDigestSet(digests) };
}

function readValidity(field: Field): Pick<GoldenStatement, 'notBefore' | 'notAfter'> {
  const { notBefore, notAfter } = field.object('notBefore', 'notAfter');
  const from = notBefore.optional((time) => time.time());
  const until = notAfter.optional((time) => time.time());
  if (from !== undefined && until !== undefined && from >= until)
    field.fail('a start before the end', 'is the reverse');
  return { ...(from === undefined ? {} : { notBefore: from }), ...(until === undefined ? {} : { notAfter: until }) };
}

function readProvenance(field: Field): GoldenProvenance {
  const { source, host, at, import: imported } = field.object('source', 'host', 'at', 'import');
  const name = host.optional((text) => text.text(256));
  const time = at.optional((value) => value.time());
  const file = imported.optional(readImportOrigin);
  return {
    source: source.oneOf(['captured', 'predicted', 'imported']),
    ...(name === undefined ? {} : { host: name }),
    ...(time === undefined ? {} : { at: time }),
    ...(file === undefined ? {} : { import: file }),
  };
}

function readImportOrigin(field: Field): ImportOrigin {
  const { format, importer, signer, sha256 } = field.object('format', 'importer', 'signer', 'sha256');
  const name = signer.optional((text) => text.text(512));
  return {
    format: format.text(64),
    importer: importer.integer(1, 65535),
    ...(name === undefined ? {} : { signer: name }),
    sha256: sha256.hex(32),
  };
}

function readId(field: Field): string {
  const id = field.text(71);
  return /^sha256:[0-9a-f]{64}$/.test(id) ? id : field.fail('an id such as sha256:<64 hexadecimal digits>');
}
