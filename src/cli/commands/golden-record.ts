// Golden measurements as the server has them on record.
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

export type Golden = JsonAnswerOf<'getGoldenMeasurement'>;

/** Every golden measurement of the server, or those in one state. */
export async function fetchGoldens(client: ApiClient, state?: Golden['state']): Promise<readonly Golden[]> {
  const found: Golden[] = [];
  let after: string | undefined;
  do {
    const page = await client.call('listGoldenMeasurements', {
      query: { limit: 1000, ...(after === undefined ? {} : { after }) },
    });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found.filter((golden) => state === undefined || golden.state === state);
}

export function formatGoldens(paper: Paper, items: readonly Golden[]): string[] {
  const tones = { active: 'good', proposed: 'warn', retired: 'dim', revoked: 'bad' } as const;
  const rows = items.map(({ id, layer, name, state, signatures, quorum }) => [
    layer,
    paper.tone(tones[state], state),
    `${signatures.length}/${quorum}`,
    signatures.map(({ signer }) => printable(signer)).join(', '),
    printable(name, 40),
    id,
  ]);
  return formatTable(paper, ['layer', 'state', 'signed', 'by', 'name', 'id'], rows);
}
