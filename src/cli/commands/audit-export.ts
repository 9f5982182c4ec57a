// `touchstone audit export`: entries of the audit log with what proves them, for whoever reads them later without the server.
import { createOnward, type ApiClient, type components } from '../../api/index.ts';
import { encodeUtf8, printable } from '../../core/encoding/index.ts';
import { verifyStretch } from '../../core/transparency/index.ts';
import { encodeAuditFile, parseAuditFile } from '../inputs/audit-file.ts';
import { openKept } from '../inputs/checkpoint-file.ts';
import { connect } from '../connection.ts';
import { CliError } from '../errors.ts';
import { describeCheckpoint, fetchCheckpoint, readOwnKeys, type KeyOptions } from '../inputs/fetch-checkpoint.ts';
import { requireAbsent, sizeLimit, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { withStatusLine } from '../status-line.ts';
import { formatFacts } from '../table.ts';
import { describeStretch, stretchFacts } from '../views/stretch-view.ts';

export interface AuditExportOptions extends KeyOptions {
  readonly out?: string;
  readonly from?: number;
  readonly to?: number;
}

type Entry = components['schemas']['AuditEntry'];

/** Writes nothing that `audit verify --entries` would refuse. */
export async function exportAudit(session: Session, options: AuditExportOptions): Promise<Report> {
  if (options.out !== undefined) requireAbsent(options.out);
  const own = readOwnKeys(options);
  const client = connect(session, options);
  const entries = await withStatusLine(session, options, ({ nowAndThen }) =>
    fetchEntries(client, options, (sequence) => nowAndThen(() => `audit log read up to entry ${sequence}`)),
  );
  const entry = entries.at(-1)?.sequence;
  const { kept, inclusion } = await fetchCheckpoint(client, own, entry === undefined ? {} : { entry });
  const checkpoint = await openKept('the checkpoint of the server', kept, own?.keys);
  const text = encodeAuditFile(entries, { kept, inclusion: inclusion ?? [] });
  const stretch = verifyStretch(parseAuditFile(encodeUtf8(text)).entries, checkpoint, inclusion);
  const file = options.out ?? `audit-${stretch.first.sequence}-${stretch.last.sequence}.jsonl`;
  writeOutput(file, text);
  const trusted = own === undefined ? 'server' : 'own';
  return {
    data: { file, ...describeStretch(stretch), checkpoint: describeCheckpoint(checkpoint), trusted },
    lines: (paper) =>
      formatFacts(paper, [
        ...stretchFacts(paper, { stretch, checkpoint, trusted }),
        ['wrote', `${printable(file)}: touchstone audit verify --entries ${printable(file)}`],
      ]),
  };
}

/** @throws CliError CLI_FILE_TOO_LARGE; ApiUnreachable API_PAGES_ENDLESS */
async function fetchEntries(
  client: ApiClient,
  { from = 1, to = Infinity }: AuditExportOptions,
  tell: (sequence: number) => void,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const onward = createOnward({ from: from - 1 });
  let bytes = 0;
  for (let after: number | undefined = from - 1; after !== undefined && after < to;) {
    const query: { after: number; limit: number } = { after, limit: Math.min(1000, to - after) };
    const page: components['schemas']['AuditPage'] = await client.call('listAudit', { query });
    entries.push(...page.items);
    bytes += Buffer.byteLength(JSON.stringify(page.items));
    if (bytes > sizeLimit) {
      const problem = `the entries ${from} to ${entries.at(-1)?.sequence} are more than 64 MiB already: name fewer, by --to`;
      throw new CliError('CLI_FILE_TOO_LARGE', problem);
    }
    after = onward(page.next);
    if (after !== undefined && after < to) tell(after);
  }
  return entries;
}
