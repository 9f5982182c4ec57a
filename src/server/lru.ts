// What is kept because it was used lately. Bounded by the number of entries: the one that was used longest ago goes first.

export interface Lru<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
}

/** `capacity` 0 keeps nothing. */
export function createLru<Value>(capacity: number): Lru<Value> {
  // A map lists its keys in the order in which they were put in.
  const entries = new Map<string, Value>();
  let latest: string | undefined;
  const putLast = (key: string, value: Value): void => {
    entries.delete(key);
    entries.set(key, value);
    latest = key;
  };
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value !== undefined && key !== latest) putLast(key, value);
      return value;
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
