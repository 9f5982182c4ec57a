// Documents that operators sign together, in files: the document itself, or an envelope around it with the signatures so far.
import { existsSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import type { components } from '../../api/index.ts';
import {
  breakGlassPayloadType,
  parseBreakGlass,
  parseBreakGlassEnvelope,
  type ClaimedBreakGlass,
} from '../../core/break-glass/index.ts';
import { denyPayloadType, parseDenyEnvelope, parseDenyList, type ClaimedDenyList } from '../../core/deny/index.ts';
import { encodeBase64, parseDsseEnvelope } from '../../core/encoding/index.ts';
import {
  documentIdOf,
  goldenPayloadType,
  parseGolden,
  parseGoldenStatement,
  type ClaimedGolden,
  type SignedDocument,
} from '../../core/golden/index.ts';
import { parseInput, replaceOutput, writeOutput } from '../files.ts';
import { signDocument } from '../changes/golden-signing.ts';
import { asRecord } from '../json.ts';

/** @throws CliError CLI_FILE_*; MalformedError GOLDEN_*, ENCODING_* */
export function readGoldenFile(path: string): ClaimedGolden {
  return parseInput(path, (bytes) => {
    if (isEnvelope(bytes)) return parseGolden(bytes);
    return { ...unsigned(goldenPayloadType, bytes), untrustedStatement: parseGoldenStatement(bytes) };
  });
}

/** @throws CliError CLI_FILE_*; MalformedError DENY_LIST_*, ENCODING_* */
export function readDenyFile(path: string): ClaimedDenyList {
  return parseInput(path, (bytes) => {
    if (isEnvelope(bytes)) return parseDenyEnvelope(bytes);
    return { ...unsigned(denyPayloadType, bytes), untrustedList: parseDenyList(bytes) };
  });
}

/** @throws CliError CLI_FILE_*; MalformedError BREAK_GLASS_*, ENCODING_* */
export function readBreakGlassFile(path: string): ClaimedBreakGlass {
  return parseInput(path, (bytes) => {
    if (isEnvelope(bytes)) return parseBreakGlassEnvelope(bytes);
    return { ...unsigned(breakGlassPayloadType, bytes), untrustedStatement: parseBreakGlass(bytes) };
  });
}

function unsigned(payloadType: string, payload: Uint8Array): SignedDocument {
  return { id: documentIdOf(payload), payloadType, payload, signatures: [] };
}

/** Only a hint which parser to ask: both parse strictly. */
function isEnvelope(bytes: Uint8Array): boolean {
  try {
    return 'payloadType' in (asRecord(JSON.parse(Buffer.from(bytes).toString('utf8'))) ?? {});
  } catch {
    return false;
  }
}

/** Signs a file: a document becomes an envelope beside it, or gains a signature in the one that lies there already; an envelope
 * gains a signature.
 * @throws CliError CLI_FILE_*, CLI_KEY_UNUSABLE; MalformedError ENCODING_* where what lies beside it is no envelope */
export function addSignature(
  file: string,
  document: SignedDocument,
  key: KeyObject,
): { readonly file: string; readonly signatures: number } {
  const { payloadType, payload } = document;
  const signature = signDocument(payloadType, payload, key);
  const target = document.signatures.length > 0 ? file : `${file.replace(/(\.statement)?\.json$/, '')}.dsse.json`;
  const before = existsSync(target) ? readSignatures(target, document) : undefined;
  const signatures = [...(before ?? []).filter(({ keyid }) => keyid !== signature.keyid), signature];
  const text = envelopeText({ payloadType, payload: encodeBase64(payload), signatures });
  if (before === undefined) writeOutput(target, text);
  else replaceOutput(target, text);
  return { file: target, signatures: signatures.length };
}

/** Those of an envelope around this document; undefined where it is around another. */
function readSignatures(path: string, { payloadType, id }: SignedDocument): WireEnvelope['signatures'] | undefined {
  const envelope = parseInput(path, parseDsseEnvelope);
  if (envelope.payloadType !== payloadType || documentIdOf(envelope.payload) !== id) return undefined;
  return envelope.signatures.map(({ keyid, sig }) => wireSignature(keyid, sig));
}

export type WireEnvelope = components['schemas']['DsseEnvelope'];

/** As the API takes it. */
export function wireEnvelope({ payloadType, payload, signatures }: SignedDocument): WireEnvelope {
  return {
    payloadType,
    payload: encodeBase64(payload),
    signatures: signatures.map(({ untrustedKeyid, sig }) => wireSignature(untrustedKeyid, sig)),
  };
}

/** As it lies in a file: lines, so that a change of it can be read. */
export function envelopeText(envelope: WireEnvelope): string {
  return `${JSON.stringify(envelope, undefined, 2)}\n`;
}

function wireSignature(keyid: string | undefined, sig: Uint8Array): WireEnvelope['signatures'][number] {
  return { ...(keyid === undefined ? {} : { keyid }), sig: encodeBase64(sig) };
}
