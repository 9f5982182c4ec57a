// `touchstone break-glass sign`: an operator's signature on a statement, after it was shown. Offline.
import { counted, printable } from '../../core/encoding/index.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { readSigningKey } from '../changes/golden-signing.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { addSignature, readBreakGlassFile } from '../inputs/signed-file.ts';

export interface SignOptions extends ConsentOptions {
  readonly json?: boolean;
  readonly key: string;
}

/** Offline: whoever signs reads what it would admit, and until when. */
export async function signBreakGlass(session: Session, file: string, options: SignOptions): Promise<Report> {
  const key = readSigningKey(options.key);
  const document = readBreakGlassFile(file);
  const { until, status, reason, ticket, excuses, hosts } = document.untrustedStatement;
  await requireConsent(session, options, {
    lines: [
      `until    ${until.toISOString()}`,
      `because  ${printable(reason)} (${printable(ticket)})`,
      `excuses  ${excuses.join(', ')}`,
      ...hosts.map(({ id, eventLog }) => `host     ${id}, ${status}, boot log ${eventLog.slice(0, 16)}…`),
    ],
    question: `admit ${hosts.length === 1 ? 'this host' : `these ${hosts.length} hosts`} against the evidence?`,
  });
  const signed = addSignature(file, document, key);
  const { id } = document;
  return {
    data: { id, file: signed.file, signatures: signed.signatures },
    lines: () => [
      `${printable(signed.file)} has ${counted(signed.signatures, 'signature')}`,
      `next: another operator signs it, or: touchstone break-glass submit ${printable(signed.file)}`,
    ],
  };
}
