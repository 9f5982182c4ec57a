// Where lines go that somebody may read: standard error, which may be a pipe whose reader hangs or has gone, or a file without room. That
// costs lines, never an answer: nothing waits here, what is kept is bounded, and what was lost is said as soon as lines are taken again.
export interface LogOutlet {
  /** One line, with its end. False: it waits, or is lost, and so would another be. */
  write(line: string): boolean;
  /** How many lines nobody took. */
  readonly linesLost: () => number;
}

export interface OutletParts {
  /** Writes what is taken at once, and returns how many bytes that was. Throws EAGAIN where it is none now. */
  readonly take: (bytes: Uint8Array) => number;
  /** Calls once: after so long, or when the process ends. */
  readonly later: (work: () => void, afterMs: number) => void;
  /** The line, with its end, that says how many were lost. */
  readonly sayLost: (lines: number) => string;
}

/** Some four thousand lines. */
const mostBytes = 1024 * 1024;
/** A pipe holds 64 KiB: so six MB a second pass. */
export const pauseMs = 10;

interface Piece {
  readonly bytes: Buffer;
  /** How many lost lines it tells of. */
  readonly told: number;
}

export function createLogOutlet({ take, later, sayLost }: OutletParts): LogOutlet {
  /** In the order in which they came; of the first a part may have been taken. */
  let waiting: Piece[] = [];
  let waitingBytes = 0;
  let [lost, untold] = [0, 0];

  function lose({ told }: Pick<Piece, 'told'>): void {
    lost += 1;
    untold += 1 + told;
  }

  /** Returns what is not taken now. What cannot be written at all is lost. */
  function put(piece: Piece): Piece | undefined {
    let { bytes } = piece;
    try {
      while (bytes.length > 0) bytes = bytes.subarray(take(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return { ...piece, bytes };
      lose(piece);
    }
    return undefined;
  }

  function pass(piece: Piece): void {
    const rest = waiting.length > 0 ? piece : put(piece);
    if (rest === undefined) return;
    if (waiting.length === 0) later(goOn, pauseMs);
    waiting.push(rest);
    waitingBytes += rest.bytes.length;
  }

  function goOn(): void {
    const pieces = waiting;
    [waiting, waitingBytes] = [[], 0];
    pieces.forEach(pass);
  }

  return {
    write: (line) => {
      const told = untold;
      const bytes = Buffer.from(told > 0 ? sayLost(told) + line : line);
      if (waitingBytes + bytes.length > mostBytes) {
        lose({ told: 0 });
        return false;
      }
      untold = 0;
      pass({ bytes, told });
      return waiting.length === 0;
    },
    linesLost: () => lost,
  };
}
