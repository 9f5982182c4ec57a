// `touchstone host label`: what operators say about a host. Policies and admission select by labels.
import { InvalidArgumentError, type Command } from 'commander';
import { printable } from '../../core/encoding/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';

/** A value sets the label, undefined removes it. */
type LabelChanges = Readonly<Record<string, string | undefined>>;

export function addHostLabelCommand(host: Command, session: Session): void {
  const command = host
    .command('label')
    .description('Set labels of a host, or remove them. Labels choose policies and where workloads may run.')
    .argument('<host>', 'host id')
    .argument('<changes...>', 'name=value sets a label, name- removes it', collectChange)
    .action((id: string, changes: LabelChanges, options: ServerOptions) =>
      answer(session, options, () => labelHost(session, id, { ...options, changes })),
    );
  withExamples(
    withServer(command),
    'touchstone host label hv-17.rack3 zone=north tenant=payments',
    'touchstone host label hv-17.rack3 tenant-',
  );
}

function collectChange(text: string, previous: LabelChanges | undefined): LabelChanges {
  const [, name, value] = /^([^=]+?)(?:=(.*)|-)$/s.exec(text) ?? [];
  if (name === undefined) {
    const name = /^[^=]+$/.test(text) ? printable(text, 64) : 'name';
    throw new InvalidArgumentError(`${name}=value to set a label, or ${name}- to remove it, is expected`);
  }
  return { ...previous, [name]: value };
}

async function labelHost(
  session: Session,
  id: string,
  { changes, ...options }: ServerOptions & { readonly changes: LabelChanges },
): Promise<Report> {
  const client = connect(session, options);
  const path = { hostId: id };
  const { labels: before } = await client.call('getHost', { path });
  const labels = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined);
  const host = await client.call('setHostLabels', {
    path,
    body: { labels: Object.fromEntries(labels) as Record<string, string> },
  });
  return {
    data: { host },
    lines: () => [
      `${printable(host.id)}: ${
        Object.entries(host.labels)
          .map(([name, value]) => printable(`${name}=${value}`))
          .join(' ') || 'no label'
      }`,
    ],
  };
}
