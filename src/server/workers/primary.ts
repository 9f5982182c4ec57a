// The primary: starts the workers, hands each connection to one of them in turn, and fills the seat of one that dies. It opens no
// store and no key, and answers nobody. docs/decisions/0027
import cluster from 'node:cluster';
import { extname, join } from 'node:path';
import type { ServerConfig } from '../config/config.ts';
import { announceStart, type RunningServer } from '../running-server.ts';
import type { StartOptions } from '../start-options.ts';
import { createLog } from '../telemetry/log.ts';
import { measureLinesLost } from '../telemetry/process-gauges.ts';
import type { Role } from './messages.ts';
import { createSeat, type Seat } from './seat.ts';
import { settlePorts } from './settle-ports.ts';

/** Starts as many servers as `workers` says, behind one socket, and one process more where admission has an address of its own. Not one
 * is left when the first of one of them cannot start.
 * @throws ServerError as `startServer` */
export async function startWorkers(
  asked: ServerConfig,
  { announce }: Pick<StartOptions, 'announce'>,
): Promise<RunningServer> {
  const config = await settlePorts(asked);
  // Connections are handed out in turn: the kernel would give most of them to one.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const program = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);
  cluster.setupPrimary({
    exec: program,
    args: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const log = createLog(config.log.level);
  const seats: Seat[] = [];
  const gather = async (asker: number, question: number): Promise<void> => {
    const measures = await Promise.all(seats.map((seat) => seat.measure()));
    seats[asker - 1]?.say({ kind: 'measured', question, measures, ofPrimary: [measureLinesLost(log)] });
  };
  const seatNumber = (number: number, role: Role): Seat =>
    createSeat({ number, role, config, log, onGather: (question) => void gather(number, question) });
  const close = async (graceMs = 10_000): Promise<void> => {
    await Promise.all(seats.map((seat) => seat.clear(graceMs)));
  };
  try {
    // The first brings the schema up to date, and finds what keeps all of them from starting.
    const first = seatNumber(1, 'server');
    seats.push(first);
    const taken = await first.taken;
    for (let number = 2; number <= config.workers; number += 1) seats.push(seatNumber(number, 'server'));
    const admission = config.admission.listen && seatNumber(config.workers + 1, 'admission');
    if (admission !== undefined) seats.push(admission);
    await Promise.all(seats.map((seat) => seat.taken));
    const apart = await admission?.taken;
    const shortcomings = [...taken.shortcomings, ...(apart?.shortcomings ?? [])];
    const started = { ...taken, shortcomings, ...(apart === undefined ? {} : { admissionUrl: apart.url }) };
    announceStart({ ...started, config }, announce);
    // Whose disk failed is replaced, as whoever dies.
    return { ...started, failed: new Promise(() => undefined), close };
  } catch (error) {
    await close(0);
    throw error;
  }
}
