// `touchstone host outliers`: hosts that measured what no or few other hosts did.
import type { Command } from 'commander';
import { createOnward, type JsonAnswerOf } from '../../api/index.ts';
import { counted, nameSome, printable, printableAgain } from '../../core/encoding/index.ts';
import { collectPair, parseCount, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

interface OutlierOptions extends ServerOptions {
  readonly atMost: number;
  readonly label?: Readonly<Record<string, string>>;
}

type Page = JsonAnswerOf<'listOutliers'>;
type Outlier = Page['items'][number];
type Rare = Outlier['measurements'][number];

const shownHosts = 8;

export function addHostOutliersCommand(host: Command, session: Session): void {
  const command = host
    .command('outliers')
    .summary('list hosts that measured what no or few other hosts did')
    .description(
      'List hosts with measurements that no or few other hosts have, from the evidence they sent last. Only registers that ' +
        'hold layers are compared: serial numbers, boot entries and partitions differ from machine to machine. A measurement ' +
        'that is rare need not be bad, nor one that is common good.',
    )
    .option('--at-most <hosts>', 'a measurement is rare when at most so many hosts have it', parseCount, 1)
    .option('--label <name=value>', 'only hosts that carry this label (may be repeated)', collectPair)
    .action((options: OutlierOptions) => answer(session, options, () => listOutliers(session, options)));
  withExamples(
    withServer(command),
    'touchstone host outliers',
    'touchstone host outliers --at-most 3 --label model=r750 --json',
  );
}

async function listOutliers(session: Session, options: OutlierOptions): Promise<Report> {
  const { atMost, label = {} } = options;
  const pairs = Object.entries(label).map(([name, value]) => `${name}=${value}`);
  const labels = pairs.length === 0 ? {} : { labels: pairs.join(',') };
  const client = connect(session, options);
  const items: Outlier[] = [];
  const onward = createOnward<string>();
  let page: Page;
  let after: string | undefined;
  do {
    const place = after === undefined ? {} : { after };
    page = await client.call('listOutliers', { query: { atMost, limit: 1000, ...labels, ...place } });
    items.push(...page.items);
    after = onward(page.next);
  } while (after !== undefined);
  const { hosts, unread } = page;
  return { data: { hosts, items, unread }, lines: (paper) => formatOutliers(paper, { hosts, items, unread }) };
}

function formatOutliers(paper: Paper, { hosts, items, unread }: Page): string[] {
  const rows = items.flatMap((outlier) => outlier.measurements.map((rare) => rowOf(outlier.host, rare, hosts)));
  const more = items.filter(({ furtherMeasurements }) => furtherMeasurements > 0);
  return [
    ...formatTable(paper, ['host', 'layer', 'PCR', 'seen on', 'digest', 'measurement'], rows),
    ...(items.length === 0 ? [`${counted(hosts, 'host')} compared, and none stands out`] : []),
    ...more.map(({ host, furtherMeasurements }) => `${printable(host)}: and ${furtherMeasurements} more`),
    ...unread.map(({ code, count, hosts: named }) =>
      paper.tone('warn', `${count} not compared (${printable(code)}): ${nameSome(named, shownHosts, count)}`),
    ),
  ];
}

function rowOf(host: string, { layer, pcr, seenOn, digest, description }: Rare, hosts: number): string[] {
  const count = `${seenOn} of ${hosts}`;
  return [
    printable(host),
    layer ?? '-',
    String(pcr),
    count,
    `${digest.slice(0, 12)}…`,
    printableAgain(description, 100),
  ];
}
