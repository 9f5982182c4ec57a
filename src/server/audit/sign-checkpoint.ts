// What the server signs of its audit log for whoever holds it to its history.
import { signCheckpoint, type SignedCheckpoint } from '../../core/transparency/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';

type Context = Pick<ServerContext, 'store' | 'config' | 'auditTree' | 'keys' | 'now'>;

export interface CheckpointAnswer {
  readonly signed: SignedCheckpoint;
  /** From the log of `from` entries to this one. Undefined where the log does not have as many. */
  readonly path: readonly Uint8Array[] | undefined;
  /** From the entry that was asked about to the root. Undefined where nobody asked, or the log does not have it. */
  readonly inclusion: readonly Uint8Array[] | undefined;
}

interface Asked {
  /** Size of an earlier checkpoint. */
  readonly from?: number | undefined;
  /** Sequence of an entry. */
  readonly entry?: number | undefined;
}

/** The whole log as it is now. A log that is shorter than `from` is signed as it is: what that means is for whoever has the longer one.
 * @throws ServerError AUDIT_LOG_BROKEN where entries were taken out, all of them too: setting a server up makes the first */
export async function signAuditCheckpoint(
  { store, config, auditTree, keys, now }: Context,
  { from, entry }: Asked,
): Promise<CheckpointAnswer> {
  const size = await store.lastAuditSequence();
  if (size === 0) throw new ServerError('AUDIT_LOG_BROKEN', 'it has no entries');
  const { root, path } = await auditTree.extend(from, size);
  const proof = entry !== undefined && entry <= size ? await auditTree.prove([entry], size) : undefined;
  const at = now();
  const signed = await signCheckpoint({ log: config.serverId, size, root, at }, keys.signing.at(at));
  return { signed, path, inclusion: proof?.paths[0] };
}
