// A result with all of it read: much of what readers return is only computed when it is asked for.

const maximumDepth = 32;

/** Plain data of a value: own members and accessors of its classes alike, so that two results can be compared. */
export function materialise(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array || value instanceof Date || value instanceof RegExp) return value;
  if (depth > maximumDepth) return 'deeper';
  const inner = (member: unknown): unknown => materialise(member, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Set) return new Set([...value].map(inner));
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [inner(key), inner(member)]));
  return Object.fromEntries(namesOf(value).map((name) => [name, inner((value as Record<string, unknown>)[name])]));
}

function namesOf(value: object): readonly string[] {
  const names = new Set(Object.keys(value));
  for (let kind: object | null = protoOf(value); kind !== null && kind !== Object.prototype; kind = protoOf(kind)) {
    for (const [name, own] of Object.entries(Object.getOwnPropertyDescriptors(kind))) {
      if (own.get !== undefined) names.add(name);
    }
  }
  return [...names];
}

function protoOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}
