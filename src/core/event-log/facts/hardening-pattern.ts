// Patterns of kernel parameters, as `hardening.table.ts` writes them.
//
//   name                 there; among those that weaken, with any value too
//   name=value           the value, or one item of a list (`,`, `|` and `;` separate items)
//   name=value*          a value or an item that begins so, where the kernel compares no more
//   name=<yes>, <no>     as the kernel reads a boolean: by the first letter, or by the second of `on` and `off`
//   name=<not a|b>       any other value than these, or none
//   name=<without a|b>   a list with none of these items
import { splitParameter, type KernelParameter } from './kernel-parameter.ts';

export interface HardeningPattern {
  readonly name: string;
  readonly matches: (value: string | undefined) => boolean;
}

/** One entry of `hardening.table.ts`. A name alone stands for the parameter without a value; where it `weakens`, for one with any. */
export function readPattern(text: string, { weakens }: { readonly weakens: boolean }): HardeningPattern {
  const { name, value }: KernelParameter = splitParameter(text);
  if (value === undefined) return { name, matches: (actual) => weakens || actual === undefined };
  const special = /^<(yes|no|not|without)(?: ([^>]+))?>$/.exec(value);
  if (special?.[1] !== undefined) return { name, matches: readSpecial(special[1], special[2]?.split('|') ?? []) };
  const items = value.includes(',') ? () => [] : itemsOf;
  const isMeant = value.endsWith('*')
    ? (actual: string) => actual.startsWith(value.slice(0, -1))
    : (actual: string) => actual === value;
  return { name, matches: (actual) => actual !== undefined && [actual, ...items(actual)].some(isMeant) };
}

function readSpecial(word: string, names: readonly string[]): HardeningPattern['matches'] {
  switch (word) {
    case 'yes':
      return (actual) => actual !== undefined && /^(?:[yt1]|on)/i.test(actual);
    case 'no':
      return (actual) => actual !== undefined && /^(?:[nf0]|of)/i.test(actual);
    case 'not':
      return (actual) => actual === undefined || !names.includes(actual);
    default:
      return (actual) => actual !== undefined && !itemsOf(actual).some((item) => names.includes(item));
  }
}

function itemsOf(list: string): readonly string[] {
  return list.split(/[,|;]/);
}
