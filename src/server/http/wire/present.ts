// Fields that are there only with a value.

/** `{ name: value }`, or nothing when there is no value: absent fields stay absent on the wire. */
export function present<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
