// Has an answer the form that the contract promises? A server that is not the right one, or something between that answers in its place,
// must not be taken for a yes. Members that are not known are passed over, and what values mean is for whoever reads them.

/** `text?` as a member's name: it may be absent. `#Name`: one of the named. */
export type Shape =
  | string
  | readonly [Shape]
  | { readonly members: Readonly<Record<string, Shape>>; readonly others?: Shape }
  | { readonly one: readonly Shape[] }
  | { readonly all: readonly Shape[] };

/** Which status comes with it, too. */
export interface AnswerShapes {
  readonly json?: { readonly status: number; readonly shape: Shape };
  readonly line?: { readonly status: number; readonly shape: Shape };
  /** The status of an answer without a body. */
  readonly empty?: number;
}

/** Deeper than any answer. */
const deepest = 64;

/** Where `value` first is not of `shape`; undefined where it is. */
export function findMisshape(
  value: unknown,
  shape: Shape,
  named: Readonly<Record<string, Shape>>,
  at = '',
  depth = 0,
): string | undefined {
  const here = at === '' ? 'the whole' : at;
  const below = (inner: unknown, innerShape: Shape, place: string) =>
    findMisshape(inner, innerShape, named, place, depth + 1);
  if (depth > deepest) return here;
  if (typeof shape === 'string') {
    if (shape.startsWith('#')) return below(value, named[shape.slice(1)] ?? 'nothing', at);
    return isPlain(value, shape) ? undefined : here;
  }
  if ('one' in shape) return shape.one.some((each) => below(value, each, at) === undefined) ? undefined : here;
  if ('all' in shape) return firstOf(shape.all, (each) => below(value, each, at));
  if (!('members' in shape)) {
    if (!Array.isArray(value)) return here;
    return firstOf(value, (item: unknown, index) => below(item, shape[0], `${at}[${index}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return here;
  const memberOf = (name: string): unknown => (Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);
  const place = (name: string): string => (at === '' ? name : `${at}.${name}`);
  const { members, others } = shape;
  const wrong = firstOf(Object.entries(members), ([key, inner]) => {
    const name = key.endsWith('?') ? key.slice(0, -1) : key;
    const member = memberOf(name);
    if (member === undefined) return name === key ? place(name) : undefined;
    return below(member, inner, place(name));
  });
  if (wrong !== undefined || others === undefined) return wrong;
  const further = Object.keys(value).filter((name) => !(name in members) && !(`${name}?` in members));
  return firstOf(further, (name) => below(memberOf(name), others, `${at}.*`));
}

function isPlain(value: unknown, name: string): boolean {
  switch (name) {
    case 'any':
      return true;
    case 'text':
      return typeof value === 'string';
    case 'null':
      return value === null;
    case 'number':
    case 'boolean':
      return typeof value === name;
    default:
      return false;
  }
}

function firstOf<Item>(
  items: readonly Item[],
  find: (item: Item, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
