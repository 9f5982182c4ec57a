// What an in-toto statement says of a boot. The type of its predicate decides; an unknown one is refused whole. [in-toto]
//
// A subject's digest is that of a file. Firmware measures EFI binaries by their Authenticode digest, so that no subject can
// stand in for an event of PCR 2 or 4: our own predicate carries the measured digests itself. IMA does measure whole
// files, so that subjects are what layer `runtime` expects: predicate `runtime-files`.
import { digestSizes } from '../crypto/index.ts';
import { encodeHex, parseJsonStrict, printable, Field } from '../encoding/index.ts';
import { MalformedError, VerificationError } from '../error.ts';
import {
  expectationDigest,
  goldenBanks,
  goldenPredicateType,
  parseGoldenStatement,
  statementType,
  type ExpectedFile,
  type GoldenStatement,
} from '../golden/index.ts';

export const runtimeFilesType = 'https://touchstone.dev/runtime-files/v1';

/** Earlier tools write the version before the last; both have the members that are read here. */
const statementTypes = [statementType, 'https://in-toto.io/Statement/v0.1'] as const;
const maximumStatement = 4 * 1024 * 1024;
const maximumSubjects = 8192;

/**
 * The golden statement that an in-toto statement amounts to. Its provenance is the maker's: the import has its own.
 *
 * @throws MalformedError IMPORT_STATEMENT_INVALID, GOLDEN_*, and those of JSON
 * @throws VerificationError IMPORT_PREDICATE_UNKNOWN
 */
export function readInToto(payload: Uint8Array): GoldenStatement {
  if (payload.length > maximumStatement) {
    throw new MalformedError('IMPORT_STATEMENT_INVALID', `a statement of ${payload.length} bytes is too long`);
  }
  const root = new Field(parseJsonStrict(payload, { maxDepth: 16 }), '', 'IMPORT_STATEMENT_INVALID');
  const { _type, subject, predicateType, predicate } = root.object('_type', 'subject', 'predicateType', 'predicate');
  const type = predicateType.text(512);
  if (type === goldenPredicateType) return parseGoldenStatement(payload);
  _type.oneOf(statementTypes);
  if (type !== runtimeFilesType) {
    throw new VerificationError('IMPORT_PREDICATE_UNKNOWN', `predicate ${printable(type, 128)}`);
  }
  predicate.object();
  return describeFiles(subject);
}

function describeFiles(subject: Field): GoldenStatement {
  const files = new Map<string, ExpectedFile>();
  const subjects = subject.array(maximumSubjects);
  if (subjects.length === 0) subject.fail('at least one subject', 'is empty');
  for (const field of subjects) {
    const { name, digest } = field.object('name', 'digest');
    const path = name.text(4096);
    for (const value of readDigests(digest)) files.set(value, { digest: value, path });
  }
  const ima = { digests: [...files.values()], signers: [], excludedPaths: [] };
  const expectation = { layer: 'runtime', events: [], pcrs: [], ima } as const;
  return { ...expectation, subjects: [{ name: 'runtime layer', sha256: expectationDigest(expectation) }] };
}

/** Digests that IMA knows; others are read over as long as one of these stands beside them. */
function readDigests(field: Field): readonly string[] {
  const found: string[] = [];
  for (const [name, value] of field.entries(16)) {
    const bank = goldenBanks.find((known) => known === name);
    if (bank !== undefined) found.push(`${bank}:${encodeHex(value.hex(digestSizes[bank]))}`);
  }
  return found.length > 0 ? found : field.fail(`a digest in ${goldenBanks.join(', ')}`, 'has none');
}
