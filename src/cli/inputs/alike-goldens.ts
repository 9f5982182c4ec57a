// Golden measurements that a list shows alike, as two whose lists of machine owner keys alone differ: in what they do differ.
import type { ApiClient } from '../../api/index.ts';
import { encodeHex, printableAgain } from '../../core/encoding/index.ts';
import type { GoldenStatement } from '../../core/golden/index.ts';
import type { Golden } from '../commands/golden-record.ts';
import { fetchHeldGolden } from './held-golden.ts';
import { shortId } from './short-id.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

/** A difference in words; `undefined` where one expects nothing that not all of them do. */
export interface AlikeGolden {
  readonly id: string;
  readonly layer: string;
  readonly differsIn: string | undefined;
}

/** Each is fetched whole: of very many alike nobody reads the differences here. */
const mostFetched = 32;

/** Those in `items` whose layer, description and landmark are those of another. */
export async function readAlike(client: ApiClient, items: readonly Golden[]): Promise<readonly AlikeGolden[]> {
  const groups = new Map<string, Golden[]>();
  for (const golden of items) {
    const { layer, description, landmark } = golden;
    if (landmark === undefined) continue;
    const key = JSON.stringify([layer, description, landmark.digest]);
    groups.set(key, [...(groups.get(key) ?? []), golden]);
  }
  const alike = [...groups.values()].filter(({ length }) => length > 1);
  if (alike.flat().length > mostFetched) return [];
  return (await Promise.all(alike.map((group) => compare(client, group)))).flat();
}

export function formatAlike(paper: Paper, alike: readonly AlikeGolden[]): string[] {
  if (alike.length === 0) return [];
  const rows = alike.map(({ id, layer, differsIn }) => [
    layer,
    shortId(id),
    differsIn ?? 'nothing that not all of them expect',
  ]);
  return [
    '',
    'of those that look alike, what each expects and not all of them do:',
    ...formatTable(paper, ['layer', 'id', 'what'], rows),
  ];
}

async function compare(client: ApiClient, group: readonly Golden[]): Promise<readonly AlikeGolden[]> {
  const all: (Golden & { readonly expected: ReadonlyMap<string, string> })[] = [];
  for (const { id } of group) {
    const { golden, statement } = await fetchHeldGolden(client, id);
    all.push({ ...golden, expected: expectationsOf(statement) });
  }
  return all.map(({ id, layer, expected }) => {
    const own = [...expected].find(([key]) => !all.every((other) => other.expected.has(key)));
    return { id, layer, differsIn: own?.[1] };
  });
}

/** What is expected of each register, in words. */
function expectationsOf({ events, pcrs }: Pick<GoldenStatement, 'events' | 'pcrs'>): ReadonlyMap<string, string> {
  const named = [...events, ...pcrs.map(({ pcr, digests }) => ({ pcr, digests, description: `value of PCR ${pcr}` }))];
  return new Map(
    named.map(({ pcr, digests, description }) => {
      const [first] = digests.values();
      const words = printableAgain(description.replace(/^\(unverified\) /, ''), 80);
      const hex = [...digests].map(([alg, value]) => `${alg}:${encodeHex(value)}`).join(' ');
      return [`${pcr} ${hex}`, `${words} [${encodeHex(first ?? new Uint8Array()).slice(0, 8)}]`];
    }),
  );
}
