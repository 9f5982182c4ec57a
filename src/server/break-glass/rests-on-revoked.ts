// Whether a boot is one that operators have revoked. A boot that matches no golden measurement in force may match one that is not
// in force because it is dangerous: its finding is the same.
import { hashHex } from '../../core/crypto/index.ts';
import { matchLayer, supposeApprovedStatement } from '../../core/golden/index.ts';
import { proveBoot, provePcrs } from '../fleet/prove-boot.ts';
import { recallStatement, type EndedStatements } from '../golden/recall-statement.ts';
import { createLru } from '../lru.ts';
import { ownTurn } from '../own-turn.ts';
import type { EvidenceRecord, Store } from '../storage/index.ts';

/** What a boot matches is a question about its log and the golden measurements that were revoked. */
export interface Boot {
  readonly hostId: string;
  /** Hex SHA-256. */
  readonly eventLog: string;
  /** Of what trust rests on: rises with every revocation. */
  readonly revision: number;
}

const remembered = 4096;

interface RevocationSources {
  readonly store: Pick<Store, 'findEvidence' | 'listGoldenHeads' | 'findGolden'>;
  readonly memory: EndedStatements['memory'];
}

/** What cannot be looked at counts as revoked. */
export function createRevocationReader({ store, memory }: RevocationSources) {
  const known = createLru<boolean>(remembered);
  return async ({ hostId, eventLog, revision }: Boot): Promise<boolean> => {
    const key = `${revision} ${hostId} ${eventLog}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const evidence = await store.findEvidence(hostId);
    if (evidence?.eventLog === undefined || hashHex('sha256', evidence.eventLog) !== eventLog) return true;
    const isRevoked = await matchesAny({ store, memory }, { ...evidence, eventLog: evidence.eventLog });
    known.set(key, isRevoked);
    return isRevoked;
  };
}

/** So many are held against a boot in one turn. */
const matchedAtOnce = 16;

/** Each is read once, whatever boots are asked about, and others have their turns between.
 * @throws VerificationError and MalformedError TPM_*, EVENT_LOG_*, GOLDEN_* */
async function matchesAny(
  sources: RevocationSources,
  evidence: EvidenceRecord & { readonly eventLog: Uint8Array },
): Promise<boolean> {
  await ownTurn();
  const log = proveBoot(evidence, provePcrs(evidence));
  const heads = await sources.store.listGoldenHeads('revoked');
  let held = 0;
  for (const { id, layer } of heads) {
    if (layer === 'runtime') continue;
    const statement = await recallStatement(sources, id);
    if (statement === undefined) return true;
    if (held > 0 && held % matchedAtOnce === 0) await ownTurn();
    held += 1;
    // Whether a quorum signed it once is of no matter: nothing but a refusal follows from it.
    const golden = supposeApprovedStatement(id, statement);
    if (matchLayer(statement.layer, log, [golden]).outcome === 'matched') return true;
  }
  return false;
}
