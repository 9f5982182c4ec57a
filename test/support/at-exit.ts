// What a process of tests cleans up at its end.

// The runner ends a process by SIGTERM one second after its last test: that must not cut short what is done at the exit.
process.once('SIGTERM', () => process.exit(143));

/** Done when the process ends by itself or is asked to; not waited for, so it is done at once. */
export function atExit(clean: () => void): void {
  process.once('exit', clean);
}
