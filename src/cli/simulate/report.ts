// What a simulation has to say: counts by outcome, pace, latency with its picture, and what that means for a fleet.
import { cliErrors } from '../errors.ts';
import { counted, printable } from '../../core/encoding/index.ts';
import type { Refusal, Report } from '../report.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';
import type { Histogram } from './histogram.ts';
import type { PhaseResult } from './phase.ts';
import { describeRetired, refusalOfRetirement, retirementData, type Retirement } from './retire.ts';
import type { SimulationOptions, SimulationResult } from './simulate.ts';
import { isSound, outcomes } from './tally.ts';
import type { ServerUsage } from './usage.ts';

export interface ReportContext {
  /** Where it ran, in words. */
  readonly server: string;
  readonly isOwn: boolean;
  readonly options: SimulationOptions;
  /** What came of retiring the simulated hosts at the end, where that was asked for. */
  readonly retirement: Retirement | undefined;
}

export function reportOf(result: SimulationResult, context: ReportContext): Report {
  const { hosts, intervalSeconds, seed } = context.options;
  const { enrolSeconds, phases, tamperedHosts, trustSeconds, usage } = result;
  const { retirement } = context;
  return {
    data: {
      server: {
        address: context.server,
        own: context.isOwn,
        [context.isOwn ? 'peakBytes' : 'residentBytes']: usage?.memoryBytes,
        dataBytes: result.dataBytes,
      },
      fleet: { hosts, tampered: tamperedHosts, seed },
      setUp: { ...seconds('enrolSeconds', enrolSeconds), ...seconds('trustSeconds', trustSeconds) },
      phases: phases.map((phase) => describe(phase, intervalSeconds)),
      lost: phases.reduce((sum, { tally }) => sum + tally.lost, 0),
      ...(retirement === undefined ? {} : retirementData(retirement)),
    },
    lines: (paper) => format(paper, result, context),
    refusal: refusalOf(result, context),
  };
}

function refusalOf(
  { interrupted, phases }: SimulationResult,
  { isOwn, retirement }: ReportContext,
): Refusal | undefined {
  const unsound = phases.filter(({ tally }) => !isSound(tally)).map(({ arrival }) => arrival);
  if (unsound.length > 0) {
    const { remedy } = cliErrors.CLI_SIMULATION_UNSOUND;
    return {
      code: 'CLI_SIMULATION_UNSOUND',
      message: `not every host was treated as it should: ${unsound.join(', ')}`,
      remedy,
    };
  }
  const left = retirement && refusalOfRetirement(retirement);
  if (!interrupted) return left;
  const { remedy } = cliErrors.CLI_SIMULATION_INTERRUPTED;
  const isClean = isOwn || (retirement !== undefined && left === undefined);
  const stay = isClean ? '' : '; its hosts stay on that server: `touchstone simulate clean-up`';
  return { code: 'CLI_SIMULATION_INTERRUPTED', message: `it was ended before its time${stay}`, remedy };
}

interface Cost {
  readonly microseconds: number;
  /** How many hosts one core would carry that does nothing else. */
  readonly hostsPerCore: number;
}

function costOf({ attestations, serverCpuMicroseconds }: PhaseResult, intervalSeconds: number): Cost | undefined {
  if (serverCpuMicroseconds === undefined || serverCpuMicroseconds <= 0 || attestations === 0) return undefined;
  const microseconds = serverCpuMicroseconds / attestations;
  return { microseconds, hostsPerCore: Math.floor((intervalSeconds * 1_000_000) / microseconds) };
}

function describe(phase: PhaseResult, intervalSeconds: number): Record<string, unknown> {
  const { arrival, attestations, ownLoad, seconds, serverIdle, tally } = phase;
  const { cameBack, cutOff, errors, lost, reasons, sentAway, sentAwayBegun, sentAwayMost } = tally;
  const cost = costOf(phase, intervalSeconds);
  return {
    arrival,
    seconds: round(seconds),
    attestations,
    outcomes: tally.outcomes,
    sentAway,
    sentAwayMost,
    sentAwayBegun,
    cameBack,
    cutOff,
    errors,
    lost,
    reasons: Object.fromEntries(reasons),
    perSecond: round(attestations / seconds),
    answerMs: quantiles(tally.answer),
    heardMs: quantiles(tally.heard),
    histogram: pictured(phase).bars(),
    simulationLoad: round(ownLoad),
    ...(serverIdle === undefined ? {} : { serverIdle: round(serverIdle) }),
    ...(cost === undefined
      ? {}
      : {
          serverCpu: {
            perAttestationMicroseconds: Math.round(cost.microseconds),
            intervalSeconds,
            hostsPerCore: cost.hostsPerCore,
          },
        }),
  };
}

function quantiles(histogram: Histogram): Record<string, number> {
  const { max } = histogram;
  const at = (share: number): number => round(histogram.quantile(share));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: round(max) };
}

/** After a power cut it matters how long hosts waited in all; else how long the server took. */
function pictured({ arrival, tally }: PhaseResult): Histogram {
  return arrival === 'power-cut' ? tally.heard : tally.answer;
}

function format(paper: Paper, result: SimulationResult, context: ReportContext): string[] {
  const { enrolSeconds, phases, tamperedHosts, usage } = result;
  // Of a fleet that is not whole nobody knows how many hosts it has.
  const dataBytes = enrolSeconds === undefined ? undefined : result.dataBytes;
  const { isOwn, retirement } = context;
  const { hosts, intervalSeconds, seed } = context.options;
  return [
    ...formatFacts(paper, [
      ['server', printable(context.server)],
      ['fleet', `${counted(hosts, 'simulated host')}, ${tamperedHosts} of them tampered with; seed ${printable(seed)}`],
      ['set-up', describeSetUp(result, hosts)],
      ['server memory', usage && describeMemory(usage, isOwn)],
      ['server data', dataBytes === undefined ? undefined : `${Math.round(dataBytes / 1024 / hosts)} kB for each host`],
      ['retired', retirement && `${describeRetired(retirement.retired)}; for good: another --seed makes others`],
    ]),
    '',
    ...(phases.length === 0
      ? []
      : formatTable(paper, ['', ...phases.map(({ arrival }) => arrival)], rowsOf(phases, intervalSeconds))),
    ...phases.flatMap((phase) => ['', ...formatPicture(paper, phase)]),
    ...phases.flatMap((phase) => formatReasons(phase)),
    ...(phases.some(({ ownLoad }) => ownLoad > 0.9)
      ? ['', 'the simulation used a core of its own up: a server alone on the machine may do more than is shown']
      : []),
  ];
}

function describeMemory({ memoryBytes }: ServerUsage, isOwn: boolean): string {
  return `${Math.round(memoryBytes / 1_048_576)} MB ${isOwn ? 'at most' : 'when it ended, of all its processes'}`;
}

function describeSetUp({ enrolSeconds, trustSeconds }: SimulationResult, hosts: number): string {
  if (enrolSeconds === undefined) return 'ended before all hosts were enrolled';
  const enrolled = `enrolled in ${round(enrolSeconds)} s (${round(hosts / enrolSeconds)} a second)`;
  if (trustSeconds === undefined) return `${enrolled}, ended before all were trusted`;
  return `${enrolled}, all trusted after ${round(trustSeconds)} s more`;
}

function seconds(name: string, value: number | undefined): Record<string, number> {
  return value === undefined ? {} : { [name]: round(value) };
}

function rowsOf(phases: readonly PhaseResult[], intervalSeconds: number): string[][] {
  const row = (name: string, cell: (phase: PhaseResult) => string | number | undefined): string[] => [
    name,
    ...phases.map((phase) => String(cell(phase) ?? '')),
  ];
  const times = (histogram: Histogram): string => {
    const { p50, p90, p99, max } = quantiles(histogram);
    return [p50, p90, p99, max].map((value) => formatMs(value ?? 0)).join(' / ');
  };
  const cost = (phase: PhaseResult) => costOf(phase, intervalSeconds);
  const rows = [
    ...outcomes.map((outcome) => row(outcome.replaceAll('-', ' '), ({ tally }) => tally.outcomes[outcome])),
    row(
      'told to come back',
      ({ tally }) => `${counted(tally.sentAway, 'time')}, ${counted(tally.cameBack, 'host')} came back`,
    ),
    row('one host, at most', ({ tally }) => counted(tally.sentAwayMost, 'time')),
    row('with a challenge in its hands', ({ tally }) => counted(tally.sentAwayBegun, 'time')),
    row('cut off, and dialled again', ({ tally }) => counted(tally.cutOff, 'time')),
    row('errors', ({ tally }) => tally.errors),
    row('lost', ({ tally }) => tally.lost),
    row(
      'attestations per second',
      ({ attestations, seconds }) => `${round(attestations / seconds)}, for ${round(seconds)} s`,
    ),
    row('answered after, p50 / p90 / p99 / max', ({ tally }) => times(tally.answer)),
    row('heard after, p50 / p90 / p99 / max', ({ tally }) => times(tally.heard)),
    row('server CPU per attestation', (phase) => {
      const found = cost(phase);
      return found && `${Math.round(found.microseconds)} µs`;
    }),
    row('server had nothing to do', ({ serverIdle }) => serverIdle && `${Math.round(serverIdle * 100)} %`),
    row(`hosts per core, each every ${intervalSeconds} s`, (phase) => cost(phase)?.hostsPerCore),
  ];
  return rows.filter((cells) => cells.slice(1).some((cell) => cell !== ''));
}

const barWidth = 40;

function formatPicture(paper: Paper, phase: PhaseResult): string[] {
  const bars = pictured(phase).bars();
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const what =
    phase.arrival === 'power-cut'
      ? 'hosts by the time until they were heard'
      : 'attestations by the time until their answer';
  const labels = bars.map(({ uptoMs }) => `up to ${formatMs(uptoMs)}`);
  const width = Math.max(0, ...labels.map((label) => label.length));
  return [
    paper.tone('dim', `${phase.arrival}: ${what}`),
    ...bars.map(({ count }, index) => {
      const length = count === 0 ? 0 : Math.max(1, Math.round((barWidth * count) / most));
      return `${(labels[index] ?? '').padStart(width)}  ${paper.tone('accent', '█'.repeat(length))} ${count}`;
    }),
  ];
}

function formatReasons({ arrival, tally }: PhaseResult): string[] {
  if (tally.reasons.size === 0) return [];
  const lines = [...tally.reasons].map(([code, count]) => `  ${printable(code)}: ${counted(count, 'time')}`);
  return ['', `${arrival}: why`, ...lines];
}

function formatMs(milliseconds: number): string {
  if (milliseconds >= 1000) return `${round(milliseconds / 1000)} s`;
  return `${round(milliseconds)} ms`;
}

/** Three digits say all there is to say. */
function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
