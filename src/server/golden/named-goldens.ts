// Golden measurements that deny lists name, in force or not: who retires one, or takes a signer's key away, does not end what is denied by it.
import { denyRulesInPieces, type DenyList, type DenyRules, type NamedGolden } from '../../core/deny/index.ts';
import { parseGolden, readGoldenAhead } from '../../core/golden/index.ts';
import type { GoldenRecord, GoldenState, Store } from '../storage/index.ts';
import { envelopeOf } from './envelope.ts';

export interface StoredGolden {
  readonly golden: NamedGolden;
  readonly envelope: Uint8Array;
}

/** Not those that were only proposed, unless they are named by their id: one signer alone would deny by them. */
const everInForce: readonly GoldenState[] = ['active', 'retired', 'revoked'];

interface Reading {
  /** Those that were read already. */
  readonly known?: readonly StoredGolden[];
  /** Between two that are read. */
  readonly pause: () => Promise<void>;
}

/** @throws MalformedError where a stored one cannot be read: to go on without it would trust what it denies */
async function readNamedGoldens(
  { findGolden, listGoldenHeads }: Pick<Store, 'findGolden' | 'listGoldenHeads'>,
  lists: readonly DenyList[],
  { known, pause }: Required<Reading>,
): Promise<readonly StoredGolden[]> {
  const denied = lists.flatMap(({ entries }) => entries.map(({ denies }) => denies));
  const ids = new Set(denied.flatMap((each) => (each.kind === 'golden' ? [each.id] : [])));
  // What ran is held against what is in force alone.
  const subjects = denied.filter((each) => each.kind === 'golden-subject').filter(({ layer }) => layer !== 'runtime');
  const layers = new Set<string>(subjects.map(({ layer }) => layer));
  const ofLayers = new Set<string>();
  for (const state of layers.size === 0 ? [] : everInForce)
    for (const { id, layer } of await listGoldenHeads(state)) if (layers.has(layer) && !ids.has(id)) ofLayers.add(id);
  const byId = new Map(known.map((each) => [each.golden.id, each]));
  const named: StoredGolden[] = [];
  for (const id of [...ids, ...ofLayers].sort()) {
    const record = byId.has(id) ? undefined : await findGolden(id);
    const read = byId.get(id) ?? (record?.layer === 'runtime' ? undefined : record && (await readOne(record, pause)));
    if (read === undefined || read.golden.statement.layer === 'runtime') continue;
    const { layer, subjects: own } = read.golden.statement;
    const isOfSubject = subjects.some((each) => each.layer === layer && own.some(({ name }) => name === each.name));
    if (ids.has(id) || isOfSubject) named.push(read);
  }
  return named;
}

/** What the lists deny, with the golden measurements that they name.
 * @throws as `readNamedGoldens` */
export async function readDenyRules(
  store: Pick<Store, 'findGolden' | 'listGoldenHeads'>,
  lists: readonly DenyList[],
  { known = [], pause }: Reading,
): Promise<{ readonly denied: DenyRules | undefined; readonly named: readonly StoredGolden[] }> {
  const named = await readNamedGoldens(store, lists, { known, pause });
  const goldens = named.map(({ golden }) => golden);
  return { denied: await denyRulesInPieces(lists, pause, goldens), named };
}

async function readOne(record: GoldenRecord, pause: () => Promise<void>): Promise<StoredGolden> {
  await pause();
  const envelope = envelopeOf(record);
  await readGoldenAhead(envelope, pause);
  const { id, untrustedStatement: statement } = parseGolden(envelope);
  return { golden: { id, statement }, envelope };
}
