// What is made of a thing is made once, however often the thing is met.

/** `make`, remembered by the identity of what it is given: for one piece of work, whose end ends the memory. */
export function once<Thing extends object, Made>(make: (thing: Thing) => Made): (thing: Thing) => Made {
  const known = new Map<Thing, Made>();
  return (thing) => {
    const found = known.get(thing);
    if (found !== undefined || known.has(thing)) return found as Made;
    const made = make(thing);
    known.set(thing, made);
    return made;
  };
}
