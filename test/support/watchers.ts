// Tests that wait until something has come.
export interface Watchers {
  /** Has everybody who waits look again. */
  readonly tell: () => void;
  /** Resolves at the first look that finds enough. */
  readonly until: (isEnough: () => boolean) => Promise<void>;
}

export function createWatchers(): Watchers {
  const looks = new Set<() => void>();
  return {
    tell: () => {
      for (const look of looks) look();
    },
    until: (isEnough) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isEnough()) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
  };
}
