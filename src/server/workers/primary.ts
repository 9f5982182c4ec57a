// The primary: starts the workers, hands each connection to one of them in turn, and fills the seat of one that dies. It opens no
// store and no key, and answers nobody. docs/decisions/0027
import cluster from 'node:cluster';
import { extname, join } from 'node:path';
import type { ServerConfig } from '../config/config.ts';
import { announceStart, type RunningServer, type StartOptions } from '../main.ts';
import { createLog } from '../telemetry/log.ts';
import { createSeat, type Seat } from './seat.ts';

/** Starts as many servers as `workers` says, behind one socket. Not one is left when the first of one of them cannot start.
 * @throws ServerError as `startServer` */
export async function startWorkers(
  config: ServerConfig,
  { announce }: Pick<StartOptions, 'announce'> = {},
): Promise<RunningServer> {
  // Connections are handed out in turn: the kernel would give most of them to one.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const program = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);
  cluster.setupPrimary({ exec: program, args: [], serialization: 'advanced' });
  const log = createLog(config.log.level);
  const seats: Seat[] = [];
  const gather = async (asker: number, question: number): Promise<void> => {
    const measures = await Promise.all(seats.map((seat) => seat.measure()));
    seats[asker - 1]?.say({ kind: 'measured', question, measures });
  };
  const seatNumber = (number: number): Seat =>
    createSeat({ number, config, log, onGather: (question) => void gather(number, question) });
  const close = async (graceMs = 10_000): Promise<void> => {
    await Promise.all(seats.map((seat) => seat.clear(graceMs)));
  };
  try {
    // The first brings the schema up to date, and finds what keeps all of them from starting.
    seats.push(seatNumber(1));
    const [first] = seats;
    const taken = await (first as Seat).taken;
    for (let number = 2; number <= config.workers; number += 1) seats.push(seatNumber(number));
    await Promise.all(seats.map((seat) => seat.taken));
    announceStart({ ...taken, config }, announce);
    return { ...taken, close };
  } catch (error) {
    await close(0);
    throw error;
  }
}
