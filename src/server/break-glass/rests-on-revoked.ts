// Whether a boot is one that operators have revoked. A boot that matches no golden measurement in force may match one that is not
// in force because it is dangerous: its finding is the same.
import { hashHex } from '../../core/crypto/index.ts';
import { matchLayer, supposeApproved } from '../../core/golden/index.ts';
import { proveBoot, provePcrs } from '../fleet/prove-boot.ts';
import { createLru } from '../lru.ts';
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

/** What cannot be looked at counts as revoked. */
export function createRevocationReader(store: Pick<Store, 'findEvidence' | 'listGoldensByState'>) {
  const known = createLru<boolean>(remembered);
  return async ({ hostId, eventLog, revision }: Boot): Promise<boolean> => {
    const key = `${revision} ${hostId} ${eventLog}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const evidence = await store.findEvidence(hostId);
    if (evidence?.eventLog === undefined || hashHex('sha256', evidence.eventLog) !== eventLog) return true;
    const isRevoked = matchesAny({ ...evidence, eventLog: evidence.eventLog }, await readRevoked(store));
    known.set(key, isRevoked);
    return isRevoked;
  };
}

/** @throws VerificationError and MalformedError TPM_*, EVENT_LOG_*, GOLDEN_* */
function matchesAny(
  evidence: EvidenceRecord & { readonly eventLog: Uint8Array },
  payloads: readonly Uint8Array[],
): boolean {
  const log = proveBoot(evidence, provePcrs(evidence));
  // Whether a quorum signed it once is of no matter: nothing but a refusal follows from it.
  const revoked = payloads.map(supposeApproved);
  return revoked.some((golden) => matchLayer(golden.statement.layer, log, [golden]).outcome === 'matched');
}

async function readRevoked(store: Pick<Store, 'listGoldensByState'>): Promise<readonly Uint8Array[]> {
  const revoked = await store.listGoldensByState('revoked');
  return revoked.filter(({ layer }) => layer !== 'runtime').map(({ payload }) => payload);
}
