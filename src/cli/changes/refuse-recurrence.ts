// Before a folder is taken over: nothing in it may accept again what was revoked, or is about to be.
import type { ApiClient } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { readRecurrence, type GoldenStatement } from '../../core/golden/index.ts';
import { CliError } from '../errors.ts';
import { fetchHeldGolden } from '../inputs/held-golden.ts';

export interface ProposedFile {
  readonly id: string;
  readonly file: string;
  readonly statement: GoldenStatement;
}

/** `revoked`: ids that the server holds. The server refuses the same; here it is known before the first step is taken.
 * @throws CliError CLI_GOLDEN_REVOKED */
export async function refuseRecurrence(
  client: ApiClient,
  proposed: readonly ProposedFile[],
  revoked: readonly { readonly id: string; readonly layer: string }[],
): Promise<void> {
  const layers = new Set<string>(proposed.map(({ statement }) => statement.layer));
  for (const { id } of revoked.filter(({ layer }) => layers.has(layer))) {
    const { statement: before } = await fetchHeldGolden(client, id);
    const found = proposed.find(
      ({ id: own, statement }) =>
        own !== id && readRecurrence(statement, before) === 'whole' && !accepts(statement, id),
    );
    if (found === undefined) continue;
    throw new CliError(
      'CLI_GOLDEN_REVOKED',
      `${printable(found.file)} accepts every boot of ${id}, which is revoked: nothing was done`,
    );
  }
}

function accepts({ acceptsRevoked = [] }: GoldenStatement, id: string): boolean {
  return acceptsRevoked.some((each) => each.id === id);
}
