// What is often here already, and has to be waited for now and then: rows in memory, of which most requests need no others. To wait for
// what is here costs a promise and a turn of the queue each time. docs/decisions/0021

export type Soon<Value> = Value | Promise<Value>;

/** Whether `value` has to be waited for. */
export function isLater<Value>(value: Soon<Value>): value is Promise<Value> {
  return value instanceof Promise;
}

/** What `next` makes of the value: at once where it is here. */
export function soon<Value, Next>(value: Soon<Value>, next: (value: Value) => Soon<Next>): Soon<Next> {
  return isLater(value) ? value.then(next) : next(value);
}
