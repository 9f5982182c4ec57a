// `touchstone host release`, `replace-tpm` and `retire`: the ends of a host's binding to its TPM.
import type { Command } from 'commander';
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { parseDuration, withConsent, withExamples, withServer } from '../command-line.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { connect, type ServerOptions } from '../connection.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';

type Host = JsonAnswerOf<'getHost'>;

interface EndingOptions extends ServerOptions, ConsentOptions {
  readonly reason: string;
  readonly for?: number;
}

interface Ending {
  readonly verb: string;
  /** What the operator consents to. */
  readonly effect: string;
  readonly done: (host: Host) => string;
  readonly call: (client: ApiClient, hostId: string, options: EndingOptions) => Promise<Host>;
}

const release: Ending = {
  verb: 'release',
  effect: 'its verdict ends, and another TPM may enrol under its name',
  done: () => 'is released: its next enrolment binds it anew',
  call: (client, hostId, { reason }) => client.call('releaseHost', { path: { hostId }, body: { reason } }),
};

const replaceTpm: Ending = {
  verb: 'replace the TPM of',
  effect: 'its verdict ends, its TPM never enrols again, and one new TPM may enrol under its name',
  done: ({ replaceUntil }) => `waits for its new TPM until ${replaceUntil ?? '?'}; the old one never enrols again`,
  call: (client, hostId, { reason, for: seconds }) =>
    client.call('replaceTpm', {
      path: { hostId },
      body: { reason, ...(seconds === undefined ? {} : { expiresInSeconds: seconds }) },
    }),
};

const retire: Ending = {
  verb: 'retire',
  effect: 'its verdict ends, and neither its name nor its TPM ever enrols again: this cannot be taken back',
  done: () => 'is retired',
  call: (client, hostId, { reason }) => client.call('retireHost', { path: { hostId }, body: { reason } }),
};

export function addHostEndingCommands(host: Command, session: Session): void {
  withExamples(
    endingCommand(host.command('release'), session, release).description(
      "End a host's binding to its TPM, so that it may enrol again, also with another one. Voids its verdict.",
    ),
    'touchstone host release hv-17.rack3 --reason "key of the agent lost, ticket 4711"',
  );
  withExamples(
    endingCommand(host.command('replace-tpm'), session, replaceTpm)
      .description('Expect a host with a new TPM, once: its mainboard was replaced. The old TPM never enrols again.')
      .option('--for <time>', 'how long the new TPM is expected, e.g. 12h; three days unless told', parseDuration),
    'touchstone host replace-tpm hv-17.rack3 --reason "mainboard replaced, ticket 4711"',
    'touchstone host replace-tpm hv-17.rack3 --reason "ticket 4711" --for 86400',
  );
  withExamples(
    endingCommand(host.command('retire'), session, retire).description(
      'Take a host out of the fleet for good. Neither its name nor its TPM ever enrols again.',
    ),
    'touchstone host retire hv-17.rack3 --reason "sold"',
  );
}

function endingCommand(command: Command, session: Session, ending: Ending): Command {
  return withServer(
    withConsent(
      command
        .argument('<host>', 'host id')
        .requiredOption('--reason <text>', 'why: it is kept in the audit log')
        .action((id: string, options: EndingOptions) =>
          answer(session, options, () => endBinding(session, id, { ...options, ending })),
        ),
    ),
  );
}

async function endBinding(
  session: Session,
  id: string,
  { ending, ...options }: EndingOptions & { readonly ending: Ending },
): Promise<Report> {
  const client = connect(session, options);
  await requireConsent(session, options, { lines: [ending.effect], question: `${ending.verb} ${printable(id)}?` });
  const host = await ending.call(client, id, options);
  return { data: { host }, lines: () => [`${printable(host.id)} ${ending.done(host)}`] };
}
