// The logs that stored evidence names.
import type { ServerContext } from '../context.ts';

/** In the order of the names. Undefined where one that is named is gone: the host has sent newer evidence meanwhile. */
export async function findLogs(
  { store }: Pick<ServerContext, 'store'>,
  names: readonly (string | undefined)[],
): Promise<readonly (Uint8Array | undefined)[] | undefined> {
  const logs = await Promise.all(names.map(async (name) => (name === undefined ? undefined : store.findLog(name))));
  return names.every((name, index) => name === undefined || logs[index] !== undefined) ? logs : undefined;
}
