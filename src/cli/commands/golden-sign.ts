// `touchstone golden sign`: an operator's signature on statements, after they were shown. Offline.
import { printable } from '../../core/encoding/index.ts';
import { describeFiles, type ClaimedGolden } from '../../core/golden/index.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { readSigningKey } from '../changes/golden-signing.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { shortId } from '../inputs/short-id.ts';
import { addSignature, readGoldenFile } from '../inputs/signed-file.ts';
import { formatTable } from '../table.ts';

export interface SignOptions extends ConsentOptions {
  readonly json?: boolean;
  readonly key: string;
}

/** Signs each file; a statement becomes an envelope beside it, an envelope gains a signature. */
export async function signGoldens(session: Session, files: readonly string[], options: SignOptions): Promise<Report> {
  const key = readSigningKey(options.key);
  const goldens = files.map((file) => ({ file, golden: readGoldenFile(file) }));
  await confirmSigning(
    session,
    goldens.map(({ golden }) => golden),
    options,
  );
  const signed = new Map(
    goldens.map(({ file, golden }) => {
      const { id, untrustedStatement } = golden;
      return [id, { layer: untrustedStatement.layer, id, ...addSignature(file, golden, key) }] as const;
    }),
  );
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
  goldens: readonly Pick<ClaimedGolden, 'id' | 'untrustedStatement'>[],
  options: ConsentOptions,
): Promise<void> {
  const lines = goldens.flatMap(({ untrustedStatement: statement, id }) => {
    const subjects = statement.subjects.map(({ name }) => printable(name)).join(', ');
    const count = statement.events.length + statement.pcrs.length;
    const what = statement.ima === undefined ? `${count} expectations` : describeFiles(statement.ima);
    return [
      `${statement.layer}  ${shortId(id)}  ${what}, of ${subjects}`,
      ...(statement.ima?.excludedPaths ?? []).map((path) => `  no file is looked at below ${printable(path)}`),
      ...(statement.acceptsRevoked ?? []).map(
        (accepted) => `  accepts again what was revoked, ${accepted.id}: ${printable(accepted.reason)}`,
      ),
    ];
  });
  const question =
    goldens.length === 1 ? 'sign this golden measurement?' : `sign these ${goldens.length} golden measurements?`;
  await requireConsent(session, options, { lines, question });
}
