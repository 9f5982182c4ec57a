// `touchstone admit`: may this workload run on this host, now?
import { InvalidArgumentError, type Command, Option } from 'commander';
import { printable, printableAgain } from '../../core/encoding/index.ts';
import { collectPair, parseDuration, withExamples, withServer } from '../command-line.ts';
import type { JsonAnswerOf } from '../../api/index.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { formatGround } from '../views/ground-view.ts';
import type { Report } from '../report.ts';
import { formatFacts } from '../table.ts';
import { answer, type Session } from '../session.ts';

type Vector = NonNullable<RequestBody<'createAdmissionDecision'>['requireVector']>;

interface AdmitOptions extends ServerOptions {
  readonly workload?: string;
  readonly minimumStatus: 'affirming' | 'warning';
  readonly maxAge?: number;
  readonly zone?: string;
  readonly tenant?: string;
  readonly requireLabel?: Readonly<Record<string, string>>;
  readonly requireClaim?: Vector;
  readonly confidential?: boolean;
  readonly refuseHeld?: boolean;
}

export function addAdmitCommand(program: Command, session: Session): void {
  const command = program
    .command('admit')
    .summary('ask whether a workload may run on a host')
    .description('Ask for an admission decision, as an orchestrator does. Exit status 0: allow, 1: deny.')
    .argument('<host>', 'host id')
    .option('--workload <name>', 'name of the workload')
    .addOption(
      new Option('--minimum-status <status>', 'which verdict is good enough')
        .choices(['affirming', 'warning'])
        .default('affirming'),
    )
    .option('--max-age <time>', 'how old the evidence may be, e.g. 10m', parseDuration)
    .option('--zone <zone>', 'the zone that the host must be in')
    .option('--tenant <tenant>', 'whose workload it is: a host set apart for a tenant takes no other')
    .option('--require-label <name=value>', 'a label that the host must have; may be repeated', collectPair)
    .option(
      '--require-claim <claim=value>',
      'the worst value allowed in the trust vector; may be repeated',
      collectClaim,
    )
    .option('--confidential', 'demand proven confidential computing')
    .option('--refuse-held', 'deny where lockout protection holds the status, or break-glass admits the host')
    .action((host: string, options: AdmitOptions) => answer(session, options, () => admit(session, host, options)));
  withExamples(
    withServer(command),
    'touchstone admit hv-17.rack3 --workload payments-db',
    'touchstone admit hv-17.rack3 --max-age 600 --json',
    'touchstone admit hv-17.rack3 --zone north --tenant payments --require-claim executables=3',
  );
}

async function admit(session: Session, host: string, options: AdmitOptions): Promise<Report> {
  const decision = await connect(session, options).call('createAdmissionDecision', {
    body: {
      host,
      minimumStatus: options.minimumStatus,
      ...(options.workload === undefined ? {} : { workload: { name: options.workload } }),
      ...(options.maxAge === undefined ? {} : { maxAgeSeconds: options.maxAge }),
      ...(options.zone === undefined ? {} : { zone: options.zone }),
      ...(options.tenant === undefined ? {} : { tenant: options.tenant }),
      ...(options.requireLabel === undefined ? {} : { requireLabels: options.requireLabel }),
      ...(options.requireClaim === undefined ? {} : { requireVector: options.requireClaim }),
      ...(options.confidential === true ? { confidentialComputing: true } : {}),
      ...(options.refuseHeld === true ? { refuseHeld: true } : {}),
    },
  });
  const { reasons, verdict, validUntil, remembered } = decision;
  const allowed = decision.decision === 'allow';
  return {
    data: { ...decision },
    lines: (paper) =>
      formatFacts(paper, [
        ['decision', paper.tone(allowed ? 'good' : 'bad', decision.decision)],
        ['host', printable(decision.host)],
        ['verdict', verdict && `${verdict.status}, issued ${verdict.issuedAt}, expires ${verdict.expiresAt}`],
        ...formatGround(paper, decision, session.now()),
        ['from memory', remembered && paper.tone('warn', `the database is away; so at ${remembered.asOf}`)],
        ['valid until', validUntil],
        ...reasons.map(({ code, message }) => ['reason', `${printable(code)}: ${printableAgain(message)}`] as const),
      ]),
    refusal: allowed
      ? undefined
      : {
          code: 'CLI_ADMISSION_DENIED',
          message: reasons.map(({ message }) => printableAgain(message)).join('; ') || 'the server denies',
          remedy: remedyOf(decision),
        },
  };
}

/** What has something to say of a denial: of a host that is not enrolled there is nothing to show, and of one that is trusted nothing to explain. */
function remedyOf({ host, reasons }: Pick<JsonAnswerOf<'createAdmissionDecision'>, 'host' | 'reasons'>): string {
  if (reasons.some(({ code }) => code === 'HOST_UNKNOWN')) {
    return (
      'No host of this name is enrolled: `touchstone host list` has the names. Enrol it by `touchstone agent enrol` on the host; ' +
      'where it asked and waits for an operator: `touchstone host pending`.'
    );
  }
  if (reasons.some(({ code }) => code === 'HOST_QUARANTINED')) {
    return (
      'Operators set it aside, whatever it attests: `touchstone quarantine list` says who and why. ' +
      'Once it may come back: `touchstone quarantine lift`.'
    );
  }
  if (reasons.every(({ code }) => code === 'VERDICT_TOO_OLD')) {
    return 'Ask again after its next attestation, demand less with `--max-age`, or have hosts attest more often: `verdictSeconds` of the policy.';
  }
  if (reasons.every(({ code }) => ofLabels.has(code))) {
    return (
      `Nothing is wrong with the host: choose another. \`touchstone host show ${printable(host)}\` has its labels, ` +
      'which operators give: `touchstone host label`.'
    );
  }
  return `Read the reasons: \`touchstone host explain ${printable(host)}\` tells what the host must change.`;
}

/** Denied for what operators call the host, and for nothing that it booted. */
const ofLabels: ReadonlySet<string> = new Set(['LABEL_MISSING', 'ZONE_MISMATCH', 'TENANT_MISMATCH']);

/** Which claims there are, the server knows and says. */
function collectClaim(text: string, previous: Vector | undefined): Vector {
  const [, claim, value] = /^([a-z-]+)=(-?\d{1,3})$/.exec(text) ?? [];
  if (claim === undefined) throw new InvalidArgumentError('claim=value is expected, as in executables=3');
  return { ...previous, [claim]: Number(value) };
}
