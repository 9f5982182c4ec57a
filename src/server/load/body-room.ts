// How much of bodies that are still coming is kept in memory. Each is bounded by its operation; but there may be as many as there are
// connections, and some operations ask for no credentials before they read.

export interface BodyRoom {
  /** For one body. `cut` is called when there is no room for it any more: nothing of it may be kept then. */
  open(cut: () => void): BodyShare;
}

export interface BodyShare {
  /** Counts bytes that came. Where more is kept than there is room for, whoever keeps most is cut: it may be this one. */
  take(bytes: number): void;
  /** The body came whole, or nobody waits for it; once, however often it is called. */
  leave(): void;
}

/** Whose bodies share a room: whoever has no right, or one that many machines share, crowds out nobody else. */
export interface BodyRooms {
  readonly strangers: BodyRoom;
  readonly known: BodyRoom;
}

/** How many of the largest bodies there is room for. */
const largestAtOnce = 32;

export function createBodyRooms(bodyBytes: number): BodyRooms {
  const most = largestAtOnce * bodyBytes;
  return { strangers: createBodyRoom(most), known: createBodyRoom(most) };
}

interface KeptBody {
  length: number;
  readonly cut: () => void;
}

export function createBodyRoom(mostBytes: number): BodyRoom {
  const kept = new Set<KeptBody>();
  let total = 0;
  const leave = (body: KeptBody): void => {
    if (kept.delete(body)) total -= body.length;
  };
  return {
    open: (cut) => {
      const body: KeptBody = { length: 0, cut };
      kept.add(body);
      return {
        take: (bytes) => {
          if (!kept.has(body)) return;
          body.length += bytes;
          total += bytes;
          if (total <= mostBytes) return;
          // The largest is no smaller than what came: without it there is room again.
          const largest = largestOf(kept, body);
          leave(largest);
          largest.cut();
        },
        leave: () => leave(body),
      };
    },
  };
}

function largestOf(kept: ReadonlySet<KeptBody>, first: KeptBody): KeptBody {
  let largest = first;
  for (const body of kept) if (body.length > largest.length) largest = body;
  return largest;
}
