// Golden measurements as operators name them.
import { readAllPages, type ApiClient } from '../../api/index.ts';
import { readId, readIds, type IdKind } from './short-id.ts';

function goldenKind(client: ApiClient): IdKind {
  return {
    what: 'golden measurement',
    scheme: 'sha256:',
    listing: 'touchstone golden list',
    list: async () =>
      (await readAllPages((query) => client.call('listGoldenMeasurements', { query }))).map(({ id }) => id),
  };
}

/** @throws CliError as `readId` */
export async function readGoldenId(client: ApiClient, typed: string): Promise<string> {
  return readId(typed, goldenKind(client));
}

/** @throws CliError as `readId` */
export async function readGoldenIds(client: ApiClient, typed: readonly string[]): Promise<readonly string[]> {
  return readIds(typed, goldenKind(client));
}
