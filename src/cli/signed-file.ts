// Documents that operators sign together, in files: the document itself, or an envelope around it with the signatures so far.
import { existsSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import { decodeBase64, encodeBase64, encodeDsseEnvelope } from '../core/encoding/index.ts';
import { replaceOutput, writeOutput } from './files.ts';
import { signDocument } from './golden-signing.ts';
import { asRecord } from './json.ts';

export interface SignedFile {
  /** `sha256:` and the hex SHA-256 of the payload. */
  readonly id: string;
  readonly payload: Uint8Array;
  /** Empty for a document without an envelope. */
  readonly signatures: readonly { readonly keyid?: string; readonly sig: Uint8Array }[];
}

export interface Signing {
  readonly payloadType: string;
  readonly key: KeyObject;
  readonly read: (file: string) => SignedFile;
}

/** Signs a file: a document becomes an envelope beside it, or gains a signature in the one that lies there already; an envelope
 * gains a signature. */
export function addSignature(
  file: string,
  document: SignedFile,
  { payloadType, key, read }: Signing,
): { readonly file: string; readonly signatures: number } {
  const { keyid, sig } = signDocument(payloadType, document.payload, key);
  const target = document.signatures.length > 0 ? file : `${file.replace(/\.json$/, '')}.dsse.json`;
  const existing = existsSync(target) ? read(target) : undefined;
  const before = existing?.id === document.id ? existing.signatures : undefined;
  const signatures = [...(before ?? []).filter((each) => each.keyid !== keyid), { keyid, sig: decodeBase64(sig) }];
  const envelope = encodeDsseEnvelope({ payloadType, payload: document.payload, signatures });
  if (before === undefined) writeOutput(target, envelope);
  else replaceOutput(target, envelope);
  return { file: target, signatures: signatures.length };
}

/** As the API takes it. */
export function wireEnvelope(payloadType: string, { payload, signatures }: SignedFile) {
  return {
    payloadType,
    payload: encodeBase64(payload),
    signatures: signatures.map(({ keyid, sig }) => ({
      ...(keyid === undefined ? {} : { keyid }),
      sig: encodeBase64(sig),
    })),
  };
}

/** Only a hint which parser to ask: both parse strictly. */
export function isEnvelope(bytes: Uint8Array): boolean {
  try {
    return 'payloadType' in (asRecord(JSON.parse(Buffer.from(bytes).toString('utf8'))) ?? {});
  } catch {
    return false;
  }
}
