// Backpressure. After a power cut ten thousand hosts come at once: what the server cannot do now it refuses at the door, before
// it reads a body, and tells each host when to come back: one appointment after the other, at the pace that it really keeps.
import { ServerError } from '../errors.ts';
import { createAppointments } from './appointments.ts';
import { createPace } from './pace.ts';
import { createPlaces } from './places.ts';
import { createTurns, type Stage } from './turns.ts';

export interface LoadGate {
  /** Resolves when it may be looked at what a request of a host says; undefined where nobody waits for that. Those who came together are let in
   * one in a turn of the event loop while others ask where a workload may run. */
  arrive(): Promise<void> | undefined;
  /** Takes a place for a request of `actor`. `finishing` work was begun before: it still finds one when nothing new does, and where it
   * does not, its appointment is a near one.
   * @throws ServerError SERVER_BUSY, with Retry-After */
  enter(actor: string, stage: Stage): Place;
  /** For work inside that came as `finishing`, and turns out to be new.
   * @throws ServerError SERVER_BUSY, with Retry-After, when nothing new is begun */
  admitNew(): void;
  /** How busy the server is, 0 to 1. */
  load(): number;
  occupancy(): Occupancy;
}

export interface Occupancy {
  readonly places: number;
  readonly inside: number;
  /** How many were told to come back, from the start. */
  readonly sentAway: number;
  /** How far ahead the last appointment is. */
  readonly bookedSeconds: number;
}

export interface Place {
  /** Resolves when the work itself may begin. */
  turn(): Promise<void>;
  /** Gives the place back; once, however often it is called. */
  leave(): void;
}

export interface LoadGateOptions {
  /** How many requests of hosts may be under way at once. */
  readonly places: number;
  /** For how long what was begun can be finished at least. */
  readonly begunMs: number;
  /** Milliseconds; never goes back. */
  readonly clock: () => number;
  /** Share of the last seconds in which the process was busy, 0 to 1. */
  readonly utilisation: () => number;
  /** See `createTurns`. */
  readonly later: (run: () => void) => void;
  /** Whether others may ask any moment where a workload may run, who must not wait. */
  readonly isQuestioned: () => boolean;
}

/** Appointments leave room for those who come without one. */
const shareForAppointments = 0.8;
/** A visit of a host that booted is two requests: challenge and evidence. One that is steady makes one, and comes when it was told to. */
const requestsOfVisit = 2;
const longestWaitMs = 900_000;
/** Whoever is told to come later than this has no use for the connection: another one costs less than to keep it. */
const keptOpenSeconds = 5;

export function createLoadGate({
  places,
  begunMs,
  clock,
  utilisation,
  later,
  isQuestioned,
}: LoadGateOptions): LoadGate {
  const taken = createPlaces(places);
  const pace = createPace(clock);
  const turns = createTurns(later);
  // A row of their own: who is inside waits for one of them, and not for all.
  const arrivals = createTurns(later);
  let sentAway = 0;
  let turnedAway = 0;
  /** Who has begun does not wait behind all who have not, and comes twice before it is too late. */
  const rows = {
    opening: createAppointments(clock, longestWaitMs),
    finishing: createAppointments(clock, begunMs / 3),
  };

  function sendAway(seconds: number): never {
    sentAway += 1;
    const end = seconds > keptOpenSeconds ? { connection: 'close' } : {};
    throw new ServerError('SERVER_BUSY', undefined, { headers: { 'retry-after': String(seconds), ...end } });
  }

  function refuse(stage: Stage): never {
    pace.saturated();
    return sendAway(rows[stage].next((pace.perSecond() * shareForAppointments) / requestsOfVisit));
  }

  function leave(actor: string): void {
    taken.leave(actor);
    if (turnedAway > 0) turnedAway -= 1;
    else pace.finished();
  }

  return {
    arrive: () => (isQuestioned() ? arrivals.next('opening') : undefined),
    enter: (actor, stage) => {
      const found = taken.take(actor, stage);
      // Whoever does too much at once waits for itself: that puts nobody else's appointment off.
      if (found === 'own') sendAway(1);
      if (found === 'full') refuse(stage);
      let isInside = true;
      return {
        turn: () => turns.next(stage),
        leave: () => {
          if (isInside) leave(actor);
          isInside = false;
        },
      };
    },
    admitNew: () => {
      if (!taken.isCrowded()) return;
      // It leaves its place without having done anything: that says nothing of the pace.
      turnedAway += 1;
      refuse('opening');
    },
    load: () => Math.min(1, Math.max(utilisation(), taken.hosts() / places)),
    occupancy: () => ({
      places,
      inside: taken.all(),
      sentAway,
      bookedSeconds: rows.opening.bookedMs() / 1000,
    }),
  };
}
