import { existsSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import { denyPayloadType } from '../../core/deny/index.ts';
import { decodeBase64, encodeDsseEnvelope, printable } from '../../core/encoding/index.ts';
import { requireConsent, type ConsentOptions } from '../confirm.ts';
import { readDenyFile, type DenyFile } from '../deny-file.ts';
import { replaceOutput, writeOutput } from '../files.ts';
import { readSigningKey, signDocument } from '../golden-signing.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { formatTable } from '../table.ts';

export interface DenySignOptions extends ConsentOptions {
  readonly json?: boolean;
  readonly key: string;
}

interface Signed {
  readonly name: string;
  readonly version: number;
  readonly id: string;
  readonly file: string;
  readonly signatures: number;
}

/** Signs each file; a list becomes an envelope beside it, an envelope gains a signature. */
export async function signLists(session: Session, files: readonly string[], options: DenySignOptions): Promise<Report> {
  const key = readSigningKey(options.key);
  const lists = files.map((file) => ({ file, deny: readDenyFile(file) }));
  await requireConsent(session, options, {
    lines: lists.map(({ deny: { list, id } }) => {
      return `${list.name} version ${list.version}  ${id.slice(0, 23)}  ${list.entries.length} entries`;
    }),
    question: lists.length === 1 ? 'sign this deny list?' : `sign these ${lists.length} deny lists?`,
  });
  const signed = lists.map(({ file, deny }) => signFile(file, deny, key));
  return {
    data: { signed },
    lines: (paper) =>
      formatTable(
        paper,
        ['list', 'version', 'id', 'signatures', 'envelope'],
        signed.map(({ name, version, id, signatures, file }) => [
          name,
          String(version),
          id.slice(0, 23),
          String(signatures),
          printable(file),
        ]),
      ),
  };
}

/** A list whose envelope lies beside it already gains a signature there. */
function signFile(file: string, deny: DenyFile, key: KeyObject): Signed {
  const { keyid, sig } = signDocument(denyPayloadType, deny.payload, key);
  const target = deny.signatures.length > 0 ? file : `${file.replace(/\.json$/, '')}.dsse.json`;
  const existing = existsSync(target) ? readDenyFile(target) : undefined;
  const before = existing?.id === deny.id ? existing.signatures : undefined;
  const signatures = [...(before ?? []).filter((each) => each.keyid !== keyid), { keyid, sig: decodeBase64(sig) }];
  const envelope = encodeDsseEnvelope({ payloadType: denyPayloadType, payload: deny.payload, signatures });
  if (before === undefined) writeOutput(target, envelope);
  else replaceOutput(target, envelope);
  const { name, version } = deny.list;
  return { name, version, id: deny.id, file: target, signatures: signatures.length };
}
