// What a server signs of its audit log at one moment: how many entries, and the root of the tree over them. Whoever keeps one can
// hold the server to it for ever. [RFC9162 §4.10]
import type { SigningKey } from '../crypto/index.ts';
import { bytesEqual, encodeHex, encodeUtf8, parseJsonStrict, Field } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import { openDetached, signDetached, type TokenKey } from '../verdict/index.ts';
import { isConsistent, type TreeHead } from './consistency.ts';

/** The whole log at one moment. */
export interface Checkpoint extends TreeHead {
  /** Id of the server whose log it is. */
  readonly log: string;
  readonly at: Date;
}

/** As it travels: what was signed, byte for byte, and the signature apart. */
export interface SignedCheckpoint {
  readonly text: string;
  readonly signature: string;
}

declare const opened: unique symbol;

/** A checkpoint that a trusted key signed. Made by `openCheckpoint` only. */
export interface OpenedCheckpoint extends Checkpoint {
  readonly [opened]: true;
  /** Of the key that signed it. */
  readonly kid: string | undefined;
}

/** Keeps a checkpoint from being taken for anything else that the key signs. */
const signatureType = 'touchstone-audit-checkpoint';

/** Signs the text as it stands: whoever verifies it needs no canonical form. */
export async function signCheckpoint({ log, size, root, at }: Checkpoint, key: SigningKey): Promise<SignedCheckpoint> {
  const members = { log, size, root: encodeHex(root), at: at.toISOString() };
  const text = `${JSON.stringify(members, undefined, 2)}\n`;
  return { text, signature: await signDetached(encodeUtf8(text), key, { typ: signatureType }) };
}

/**
 * Proves that one of `keys` signed exactly this text, and signed it as a checkpoint. It does not prove that the log is what the
 * checkpoint says: that takes the entries (`verifyStretch`), or an earlier checkpoint (`verifyAppended`).
 *
 * @throws MalformedError CHECKPOINT_MALFORMED, VERDICT_TOKEN_MALFORMED; VerificationError VERDICT_*
 */
export async function openCheckpoint(
  { text, signature }: SignedCheckpoint,
  keys: readonly TokenKey[],
): Promise<OpenedCheckpoint> {
  const bytes = encodeUtf8(text);
  const { key } = await openDetached(bytes, signature, { keys, typ: signatureType });
  return { ...readCheckpoint(bytes), kid: key.kid } as unknown as OpenedCheckpoint;
}

/**
 * Proves of two checkpoints of one log:
 * 1. both are of the same server;
 * 2. the later one has as many entries, or more;
 * 3. with as many, its root is the same;
 * 4. with more, the path proves that it begins with all entries of the earlier one, unchanged and in their order.
 * It does not prove that the entries are true, nor that others were shown the same log: for that, compare checkpoints with them.
 *
 * @throws VerificationError CHECKPOINT_*
 */
export function verifyAppended(
  earlier: OpenedCheckpoint,
  later: OpenedCheckpoint,
  path: readonly Uint8Array[] | undefined,
): void {
  if (earlier.log !== later.log) {
    throw new VerificationError('CHECKPOINT_LOG_FOREIGN', `of ${earlier.log}, and of ${later.log}`);
  }
  if (later.size < earlier.size) {
    const problem = `${later.size} entries, and there were ${earlier.size}`;
    throw new VerificationError('CHECKPOINT_LOG_CUT', problem);
  }
  if (later.size === earlier.size) {
    if (bytesEqual(later.root, earlier.root)) return;
    const problem = `as many entries (${later.size}) as before, and not the same`;
    throw new VerificationError('CHECKPOINT_HISTORY_CHANGED', problem);
  }
  if (path === undefined) {
    throw new VerificationError('CHECKPOINT_UNPROVEN', `no proof from ${earlier.size} to ${later.size} entries`);
  }
  if (isConsistent(path, earlier, later)) return;
  const problem = `of ${later.size} entries the first ${earlier.size} are not those that there were`;
  throw new VerificationError('CHECKPOINT_HISTORY_CHANGED', problem);
}

function readCheckpoint(bytes: Uint8Array): Checkpoint {
  const document = parseJsonStrict(bytes, { maxDepth: 2 });
  const { log, size, root, at } = new Field(document, '', 'CHECKPOINT_MALFORMED').object('log', 'size', 'root', 'at');
  return {
    log: log.text(512),
    size: size.integer(1, Number.MAX_SAFE_INTEGER),
    root: root.hex(32),
    at: at.time(),
  };
}
