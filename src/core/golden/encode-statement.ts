// The bytes that signers sign: one spelling for one statement.
import { canonicalJson, encodeHex, type JsonValue } from '../encoding/index.ts';
import { hash } from '../crypto/index.ts';
import { encodeExpectedFiles } from './expected-files.ts';
import { checkStatement } from './statement-rules.ts';
import {
  goldenPredicateType,
  statementType,
  type DigestSet,
  type GoldenProvenance,
  type GoldenStatement,
} from './statement.ts';

/**
 * The payload of an envelope: canonical JSON of the in-toto statement. [RFC8785]
 *
 * @throws MalformedError what `checkStatement` refuses: nothing that could not be read again is ever written
 */
export function encodeGoldenStatement(statement: GoldenStatement): Uint8Array {
  checkStatement(statement);
  const { layer, subjects, description, notBefore, notAfter, supersedes, acceptsRevoked, provenance } = statement;
  const validity = defined({ notBefore: notBefore?.toISOString(), notAfter: notAfter?.toISOString() });
  return canonicalJson({
    _type: statementType,
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256: encodeHex(sha256) } })),
    predicateType: goldenPredicateType,
    predicate: defined({
      layer,
      description,
      match: expectationOf(statement),
      validity: Object.keys(validity).length === 0 ? undefined : validity,
      supersedes,
      acceptsRevoked: acceptsRevoked?.map(({ id, reason }) => ({ id, reason })),
      provenance: provenance && provenanceOf(provenance),
    }),
  });
}

/** SHA-256 of what a statement expects, whatever its names and dates: equal for two captures of equal layers. */
export function expectationDigest(statement: Pick<GoldenStatement, 'layer' | 'events' | 'pcrs' | 'ima'>): Uint8Array {
  const events = statement.events.map(({ pcr, digests }) => ({ pcr, digests: hexOf(digests) }));
  const pcrs = statement.pcrs.map(({ pcr, digests }) => ({ pcr, digests: hexOf(digests) }));
  const files = statement.ima && { ...statement.ima, digests: statement.ima.digests.map(({ digest }) => ({ digest })) };
  const ima = files && { ima: encodeExpectedFiles(files) };
  return hash('sha256', canonicalJson({ layer: statement.layer, events, pcrs, ...ima }));
}

/** The beginning of an id, as sentences of verdicts and refusals name it, and as commands print it. Its length never changes: it is part of
 * verdicts, which are compared byte for byte. */
export function shortGoldenId(id: string): string {
  return id.slice(0, 'sha256:'.length + 16);
}

function expectationOf({ events, pcrs, ima }: GoldenStatement): JsonValue {
  return defined({
    ima: ima && encodeExpectedFiles(ima),
    events:
      events.length === 0
        ? undefined
        : events.map(({ pcr, digests, description }) => ({ pcr, digests: hexOf(digests), description })),
    pcrs: pcrs.length === 0 ? undefined : pcrs.map(({ pcr, digests }) => ({ pcr, digests: hexOf(digests) })),
  });
}

function provenanceOf({ source, host, at, import: file }: GoldenProvenance): JsonValue {
  return defined({
    source,
    host,
    at: at?.toISOString(),
    import:
      file &&
      defined({ format: file.format, importer: file.importer, signer: file.signer, sha256: encodeHex(file.sha256) }),
  });
}

function hexOf(digests: DigestSet): Record<string, string> {
  return Object.fromEntries([...digests].map(([bank, value]) => [bank, encodeHex(value)]));
}

function defined(members: Readonly<Record<string, JsonValue | undefined>>): Record<string, JsonValue> {
  const present = Object.entries(members).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined);
  return Object.fromEntries(present);
}
