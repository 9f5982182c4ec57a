// What is kept because it was used lately. Bounded by the number of entries: the one that was used longest ago goes first, to a quarter of the
// bound.

export interface Lru<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
}

/** `capacity` 0 keeps nothing. */
export function createLru<Value>(capacity: number): Lru<Value> {
  // A map lists its keys in the order in which they were put in.
  const entries = new Map<string, { readonly value: Value; readonly place: number }>();
  let lastPlace = 0;
  const putLast = (key: string, value: Value): void => {
    entries.delete(key);
    entries.set(key, { value, place: (lastPlace += 1) });
  };
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      // Among the latest it stays where it is: to move it costs ten times what it costs to find it.
      if (lastPlace - entry.place > capacity / 4) putLast(key, entry.value);
      return entry.value;
    },
    set: (key, value) => {
      putLast(key, value);
      if (entries.size <= capacity) return;
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    },
    delete: (key) => void entries.delete(key),
  };
}
