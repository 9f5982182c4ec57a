// What a controller needs of a platform: its members, news of them, and a way to mark each as trusted or not.

/** Whether a member is to be trusted, as of now. */
export interface Standing {
  readonly trusted: boolean;
  /** Touchstone itself said so. False: it is silent, or nobody could tell which host the member is. */
  readonly said: boolean;
  /** Codes of `docs/errors.md`, or what this controller found; empty exactly when trusted. */
  readonly codes: readonly string[];
  /** For people. */
  readonly reason: string;
}

/** A node, a resource provider: what workloads are placed on. */
export interface Member {
  readonly name: string;
  /** As Touchstone knows it; undefined when the member does not say. */
  readonly hostId: string | undefined;
}

export interface Watcher<M extends Member> {
  /** These are all there are. */
  replaced(members: readonly M[]): void;
  changed(member: M): void;
  gone(name: string): void;
  /** News are late; they are asked for again. */
  failed(error: unknown): void;
}

export interface Platform<M extends Member> {
  /** @throws ControllerError, ApiUnreachable */
  list(): Promise<readonly M[]>;
  /** Tells of members until the signal, all of them first. Does not end by failures. */
  follow(watcher: Watcher<M>, signal: AbortSignal): Promise<void>;
  /** Whether the marks of a member, as last seen, say what its standing is. */
  isInStep(member: M, standing: Standing): boolean;
  /** Writes the marks that are ours and nothing else, whatever others write meanwhile. Returns the member as it is then;
   * undefined when it is gone.
   * @throws ControllerError, ApiUnreachable */
  write(member: M, standing: Standing): Promise<M | undefined>;
}

/** Time, as far as a controller needs it. */
export interface Clock {
  /** Milliseconds that no correction of the wall clock moves. */
  monotonic(): number;
  /** Resolves after the time, or as soon as the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}
