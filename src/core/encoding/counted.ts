/** `1 host`, `2 hosts`, `0 hosts`. `many` where the noun has another plural than with an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
