// Rings when the audit log has grown. Nobody polls it, and whoever looks away for a moment misses nothing: they show how many
// rings they have heard.
import type { Store } from '../storage/index.ts';

export interface Bell {
  /** How often it has rung. */
  readonly rings: number;
  /** Resolves when it has rung more often than `heard`, when the time is over, or when `signal` is aborted. */
  wait(heard: number, bounds: { readonly milliseconds?: number; readonly signal: AbortSignal }): Promise<void>;
  close(): void;
}

export async function createBell(store: Pick<Store, 'watchAudit'>): Promise<Bell> {
  let rings = 0;
  const waiting = new Set<() => void>();
  const unwatch = await store.watchAudit(() => {
    rings += 1;
    for (const wake of waiting) wake();
  });
  return {
    get rings() {
      return rings;
    },
    wait: (heard, { milliseconds, signal }) =>
      new Promise((resolve) => {
        if (rings > heard || signal.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          waiting.delete(wake);
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = milliseconds === undefined ? undefined : setTimeout(wake, milliseconds);
        waiting.add(wake);
        signal.addEventListener('abort', wake);
      }),
    close: unwatch,
  };
}
