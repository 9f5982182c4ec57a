// A stretch of an audit log as somebody keeps it: a line of JSON for each entry, as the server gave it, and as the last line what proves
// them. Lines, so that other tools read the entries without us.
import {
  encodeHex,
  isJsonObject,
  parseJsonStrict,
  type JsonObject,
  type JsonValue,
  Field,
} from '../../core/encoding/index.ts';
import { MalformedError } from '../../core/error.ts';
import { encodeKept, readKept, type KeptCheckpoint } from './checkpoint-file.ts';

export interface AuditFile {
  readonly entries: readonly JsonValue[];
  /** Undefined where the last line is not there. */
  readonly proof: AuditProof | undefined;
}

export interface AuditProof {
  readonly kept: KeptCheckpoint;
  /** From the last entry to the root that was signed. */
  readonly inclusion: readonly Uint8Array[];
}

const newline = 0x0a;

export function encodeAuditFile(entries: readonly object[], { kept, inclusion }: AuditProof): string {
  const proof = { ...(JSON.parse(encodeKept(kept)) as object), inclusion: inclusion.map(encodeHex) };
  return [...entries, proof].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** @throws MalformedError AUDIT_ENTRY_MALFORMED, CHECKPOINT_MALFORMED, ENCODING_* */
export function parseAuditFile(bytes: Uint8Array): AuditFile {
  const lines = splitAtNewlines(bytes).map((line) => parseJsonStrict(line, { maxDepth: 16 }));
  const last = lines.at(-1);
  const isProof = isJsonObject(last) && 'checkpoint' in last;
  return isProof ? { entries: lines.slice(0, -1), proof: readProof(last) } : { entries: lines, proof: undefined };
}

function readProof(line: JsonObject): AuditProof {
  const names = ['checkpoint', 'signature', 'keys', 'inclusion'] as const;
  const fields = new Field(line, 'proof', 'CHECKPOINT_MALFORMED').object(...names);
  return { kept: readKept(line, fields), inclusion: fields.inclusion.array(64).map((step) => step.hex(32)) };
}

/** Each ends with a newline: a file that was cut within a line is no file. */
function splitAtNewlines(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  if (start === bytes.length) return lines;
  throw new MalformedError('AUDIT_ENTRY_MALFORMED', 'the file ends within a line');
}
