// Which measured files are good: by digest, by signer, or left out by name. Refused until one of them says so.
import { encodeHex } from '../encoding/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import type { ImaEntry } from './parse.ts';
import { isSignedBy } from './signature.ts';
import type { VerifiedImaList } from './verify.ts';

export interface ImaAllowList {
  /** Digests of good files, as `algorithm:hex`. A good file is good wherever it lies: its path decides nothing. */
  readonly digests: ReadonlySet<string>;
  /** Keys whose file signatures are accepted. */
  readonly signers: readonly PublicKey[];
  /** Path prefixes that policy leaves out, each ending in `/`, or whole paths. Their digests prove nothing. */
  readonly excludedPaths: readonly string[];
}

export type ImaRefusalReason = 'unknown-digest' | 'violation';

export interface RefusedEntry {
  readonly entry: ImaEntry;
  readonly reason: ImaRefusalReason;
}

/** The measured files of a list: all of it but the boot aggregate, which the verification has held against the quote. */
export function entriesToJudge(list: VerifiedImaList): readonly ImaEntry[] {
  return list.entries.filter((entry) => !isBootAggregate(entry));
}

/** What an allow list says of one entry. `excluded` says that nobody looks, not that the file is good.
 * @param name its `fileDigestName`, for whoever asks many lists about it */
export function judgeEntry(
  entry: ImaEntry,
  allowed: ImaAllowList,
  name = fileDigestName(entry),
): 'approved' | 'excluded' | ImaRefusalReason {
  if (isExcluded(entry.path, allowed.excludedPaths)) return 'excluded';
  if (entry.violation) return 'violation';
  if (allowed.digests.has(name)) return 'approved';
  return allowed.signers.some((key) => isSignedBy(entry, key)) ? 'approved' : 'unknown-digest';
}

/** `algorithm:hex`, as an allow list has it. */
export function fileDigestName({ digest }: Pick<ImaEntry, 'digest'>): string {
  return `${digest.algorithm}:${encodeHex(digest.value)}`;
}

/** Only the first entry is the boot aggregate, which the verification has checked. A later entry of that name is a file like any other. */
function isBootAggregate(entry: ImaEntry): boolean {
  return entry.index === 0 && entry.path === 'boot_aggregate' && !entry.violation;
}

function isExcluded(path: string, excluded: readonly string[]): boolean {
  const isNamed = excluded.some((rule) => (rule.endsWith('/') ? path.startsWith(rule) : path === rule));
  return isNamed && !path.split('/').includes('..');
}
