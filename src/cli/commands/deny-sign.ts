// `touchstone deny sign`: an operator's signature on deny lists, after they were shown. Offline.
import { counted, printable } from '../../core/encoding/index.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { readSigningKey } from '../changes/golden-signing.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { shortId } from '../inputs/short-id.ts';
import { addSignature, readDenyFile } from '../inputs/signed-file.ts';
import { formatTable } from '../table.ts';

export interface DenySignOptions extends ConsentOptions {
  readonly json?: boolean;
  readonly key: string;
}

/** Signs each file; a list becomes an envelope beside it, an envelope gains a signature. */
export async function signLists(session: Session, files: readonly string[], options: DenySignOptions): Promise<Report> {
  const key = readSigningKey(options.key);
  const lists = files.map((file) => ({ file, deny: readDenyFile(file) }));
  await requireConsent(session, options, {
    lines: lists.map(({ deny: { untrustedList: list, id } }) => {
      return `${list.name} version ${list.version}  ${shortId(id)}  ${counted(list.entries.length, 'entry', 'entries')}`;
    }),
    question: lists.length === 1 ? 'sign this deny list?' : `sign these ${lists.length} deny lists?`,
  });
  const signed = lists.map(({ file, deny }) => {
    const { id, untrustedList } = deny;
    const { name, version } = untrustedList;
    return { name, version, id, ...addSignature(file, deny, key) };
  });
  return {
    data: { signed },
    lines: (paper) =>
      formatTable(
        paper,
        ['list', 'version', 'id', 'signatures', 'envelope'],
        signed.map(({ name, version, id, signatures, file }) => [
          name,
          String(version),
          shortId(id),
          String(signatures),
          printable(file),
        ]),
      ),
  };
}
