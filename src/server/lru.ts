// What is kept because it was used lately. Bounded by the number of entries: the one that was used longest ago goes first.

export interface Lru<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
}

interface Entry<Value> {
  readonly key: string;
  value: Value | undefined;
  earlier: Entry<Value>;
  later: Entry<Value>;
}

/** `capacity` 0 keeps nothing. In a ring in the order of use: a map keeps order too, but passes all that was taken out before it
 * finds its first. */
export function createLru<Value>(capacity: number): Lru<Value> {
  const entries = new Map<string, Entry<Value>>();
  // The first and the last stand beside it.
  const ends = { key: '', value: undefined } as Entry<Value>;
  ends.earlier = ends;
  ends.later = ends;
  const take = (entry: Entry<Value>): void => {
    entry.earlier.later = entry.later;
    entry.later.earlier = entry.earlier;
  };
  const putLast = (entry: Entry<Value>): void => {
    entry.earlier = ends.earlier;
    entry.later = ends;
    ends.earlier.later = entry;
    ends.earlier = entry;
  };
  const find = (key: string): Entry<Value> | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry === ends.earlier) return entry;
    take(entry);
    putLast(entry);
    return entry;
  };
  const remove = (entry: Entry<Value>): void => {
    entries.delete(entry.key);
    take(entry);
  };
  return {
    get: (key) => find(key)?.value,
    set: (key, value) => {
      const known = find(key);
      if (known !== undefined) {
        known.value = value;
        return;
      }
      const entry = { key, value, earlier: ends, later: ends };
      entries.set(key, entry);
      putLast(entry);
      if (entries.size > capacity) remove(ends.later);
    },
    delete: (key) => {
      const entry = entries.get(key);
      if (entry !== undefined) remove(entry);
    },
  };
}
