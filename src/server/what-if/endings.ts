// Golden measurements that a change ends, and how: what hosts are lost by that did not change themselves.
import type { Layer } from '../../core/event-log/index.ts';
import { isValidAt, type ApprovedGolden } from '../../core/golden/index.ts';
import { nameOfGolden } from '../golden/golden-name.ts';
import type { DraftTrust, LaidDraft } from './draft.ts';

export interface Ending {
  readonly layer: Layer;
  readonly name: string;
  /** `expired`: it holds when the trust in force is asked, and no more when the change is. `lapsed`: it has too few signatures then. */
  readonly end: 'retired' | 'revoked' | 'expired' | 'lapsed';
}

/** By the id of the golden measurement. */
export type Endings = ReadonlyMap<string, Ending>;

export interface EndingsQuestion {
  readonly before: Pick<DraftTrust, 'goldens'>;
  readonly after: Pick<LaidDraft, 'goldens' | 'lapsed'>;
  /** Ids: the others that are no more, and did not lapse, are retired. */
  readonly revoked: readonly string[];
  /** When the trust in force is asked. */
  readonly from: Date;
  /** When the change is. */
  readonly at: Date;
}

export function readEndings({ before, after, revoked, from, at }: EndingsQuestion): Endings {
  const kept = new Set(after.goldens.map(({ id }) => id));
  const endOf = ({ id, statement }: ApprovedGolden): Ending['end'] | undefined => {
    if (!kept.has(id)) return revoked.includes(id) ? 'revoked' : after.lapsed.includes(id) ? 'lapsed' : 'retired';
    return isValidAt(statement, from) && !isValidAt(statement, at) ? 'expired' : undefined;
  };
  return new Map(
    before.goldens.flatMap((golden) => {
      const { id, statement } = golden;
      const end = endOf(golden);
      return end === undefined ? [] : [[id, { layer: statement.layer, name: nameOfGolden(statement), end }] as const];
    }),
  );
}
