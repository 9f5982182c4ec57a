// The couriers of this server: one for each receiver, so that one that is slow or dead holds up nobody else.
import { runCourier, type Office, type Receiver } from './courier.ts';

export interface Couriers {
  /** Whose events are under way. */
  readonly ids: readonly string[];
  /** Brings events from now on, until it ceases or there is nothing more to bring; then the receiver is closed. */
  send(receiver: Receiver): void;
  /** Resolves when nothing is under way to this one any more. */
  cease(id: string): Promise<void>;
  /** Resolves when the last one has come back: each does when `stopping` is aborted. */
  allBack(): Promise<void>;
}

interface Running {
  readonly end: AbortController;
  readonly done: Promise<void>;
}

export function createCouriers(office: Office, stopping: AbortSignal): Couriers {
  const running = new Map<string, Running>();
  return {
    get ids() {
      return [...running.keys()];
    },
    send: (receiver) => {
      const { id } = receiver;
      const end = new AbortController();
      const done = runCourier(receiver, office, AbortSignal.any([stopping, end.signal])).finally(() => {
        if (running.get(id)?.end === end) running.delete(id);
        receiver.close();
      });
      running.set(id, { end, done });
    },
    cease: async (id) => {
      const courier = running.get(id);
      courier?.end.abort();
      await courier?.done;
    },
    allBack: async () => {
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}
