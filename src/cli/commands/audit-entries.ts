// `touchstone audit verify --entries FILE`: that entries of an audit log are one whole stretch of it, and in what its server signed. No
// server is asked.
import { verifyStretch } from '../../core/transparency/index.ts';
import { VerificationError } from '../../core/error.ts';
import { printable } from '../../core/encoding/index.ts';
import { parseAuditFile, type AuditFile } from '../inputs/audit-file.ts';
import { openKept } from '../inputs/checkpoint-file.ts';
import { describeCheckpoint, readOwnKeys, type KeyOptions } from '../inputs/fetch-checkpoint.ts';
import { naming, parseInput } from '../files.ts';
import type { Report } from '../report.ts';
import { describeStretch, stretchFacts } from '../views/stretch-view.ts';
import { formatFacts } from '../table.ts';

export interface AuditEntriesOptions extends KeyOptions {
  readonly entries: string;
}

export async function verifyEntries(options: AuditEntriesOptions): Promise<Report> {
  const file = parseInput(options.entries, parseAuditFile);
  const own = readOwnKeys(options);
  const name = printable(options.entries);
  const { kept, inclusion } = proofOf(name, file);
  const checkpoint = await openKept(name, kept, own?.keys);
  const stretch = naming(name, () => verifyStretch(file.entries, checkpoint, inclusion));
  const trusted = own === undefined ? 'file' : 'own';
  return {
    data: { ...describeStretch(stretch), checkpoint: describeCheckpoint(checkpoint), trusted },
    lines: (paper) => formatFacts(paper, stretchFacts(paper, { stretch, checkpoint, trusted })),
  };
}

/** @throws VerificationError AUDIT_ENTRIES_NONE, AUDIT_ENTRIES_UNPROVEN */
function proofOf(name: string, { entries, proof }: AuditFile): NonNullable<AuditFile['proof']> {
  if (proof !== undefined) return proof;
  if (entries.length === 0) throw new VerificationError('AUDIT_ENTRIES_NONE', `${name} is empty`);
  const problem = `${name}: the last line is not what the server signed of its log: entries alone prove nothing`;
  throw new VerificationError('AUDIT_ENTRIES_UNPROVEN', problem);
}
