import { existsSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import { decodeBase64, encodeBase64, printable } from '../../core/encoding/index.ts';
import { goldenPayloadType } from '../../core/golden/index.ts';
import { requireConsent, type ConsentOptions } from '../confirm.ts';
import { readInput, replaceOutput, writeOutput } from '../files.ts';
import { readSigningKey, signGolden, type GoldenSignature } from '../golden-signing.ts';
import { asRecord } from '../json.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { shortId } from '../short-id.ts';
import { formatTable } from '../table.ts';
import { readGoldenFile, type GoldenFile } from './inspect-golden.ts';

export interface SignOptions extends ConsentOptions {
  readonly json?: boolean;
  readonly key: string;
}

interface Signed {
  readonly layer: string;
  readonly id: string;
  readonly file: string;
  readonly signatures: number;
}

/** Signs each file; a statement becomes an envelope beside it, an envelope gains a signature. */
export async function signGoldens(session: Session, files: readonly string[], options: SignOptions): Promise<Report> {
  const key = readSigningKey(options.key);
  const goldens = files.map((file) => ({ file, golden: readGoldenFile(readInput(file)) }));
  await confirmSigning(
    session,
    goldens.map(({ golden }) => golden),
    options,
  );
  const signed = new Map(goldens.map(({ file, golden }) => [golden.id, signFile(file, golden, key)]));
  return {
    data: { signed: [...signed.values()] },
    lines: (paper) =>
      formatTable(
        paper,
        ['layer', 'id', 'signatures', 'envelope'],
        [...signed.values()].map(({ layer, id, signatures, file }) => [layer, shortId(id), String(signatures), file]),
      ),
  };
}

/** Shows what is about to be signed and asks.
 * @throws CliError CLI_CONSENT_MISSING */
export async function confirmSigning(
  session: Session,
  goldens: readonly GoldenFile[],
  options: ConsentOptions,
): Promise<void> {
  const lines = goldens.flatMap(({ statement, id }) => {
    const subjects = statement.subjects.map(({ name }) => printable(name)).join(', ');
    const count = statement.events.length + statement.pcrs.length;
    return [
      `${statement.layer}  ${shortId(id)}  ${count} expectations, of ${subjects}`,
      ...(statement.acceptsRevoked ?? []).map(
        (accepted) => `  accepts again what was revoked, ${accepted.id}: ${printable(accepted.reason)}`,
      ),
    ];
  });
  const question =
    goldens.length === 1 ? 'sign this golden measurement?' : `sign these ${goldens.length} golden measurements?`;
  await requireConsent(session, options, { lines, question });
}

/** A statement whose envelope lies beside it already gains a signature there. */
function signFile(file: string, golden: GoldenFile, key: KeyObject): Signed {
  const signature = signGolden(golden.payload, key);
  const beside = `${file.replace(/(\.statement)?\.json$/, '')}.dsse.json`;
  const target = golden.keyids.length > 0 ? file : beside;
  const existing = existsSync(target) ? readSignatures(target, golden.id) : undefined;
  const signatures = [...(existing ?? []).filter(({ keyid }) => keyid !== signature.keyid), signature];
  const text = encodeEnvelope(golden.payload, signatures);
  if (existing === undefined) writeOutput(target, text);
  else replaceOutput(target, text);
  return { layer: golden.statement.layer, id: golden.id, file: target, signatures: signatures.length };
}

/** The signatures of an envelope, or undefined where the file is none of this golden measurement. */
function readSignatures(file: string, id: string): GoldenSignature[] | undefined {
  if (readGoldenFile(readInput(file)).id !== id) return undefined;
  const { signatures } = asRecord(JSON.parse(Buffer.from(readInput(file)).toString('utf8'))) ?? {};
  if (!Array.isArray(signatures)) return undefined;
  return signatures.flatMap((entry) => {
    const { keyid, sig } = asRecord(entry) ?? {};
    return typeof keyid === 'string' && typeof sig === 'string'
      ? [{ keyid, sig: encodeBase64(decodeBase64(sig)) }]
      : [];
  });
}

function encodeEnvelope(payload: Uint8Array, signatures: readonly GoldenSignature[]): string {
  return `${JSON.stringify({ payloadType: goldenPayloadType, payload: encodeBase64(payload), signatures }, undefined, 2)}\n`;
}
