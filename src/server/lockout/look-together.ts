// One look for all who ask at once: a fleet that loses trust in a minute is counted some hundred times, not once for each host.

/** Runs `work`. Whoever asks while it runs waits for the run after it, which sees what they have done. */
export function lookTogether(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function run(): Promise<void> {
    next = undefined;
    running = work().finally(() => (running = undefined));
    return running;
  }

  return () => {
    if (running === undefined) return next ?? run();
    return (next ??= running.then(run, run));
  };
}
