// Which measured files are good: by digest, by signer, or left out by name. Refused until one of them says so.
import { encodeHex } from '../encoding/index.ts';
import type { PublicKey } from '../crypto/index.ts';
import type { ImaEntry } from './parse.ts';
import { isSignedBy } from './signature.ts';
import type { VerifiedImaList } from './verify.ts';

export interface ImaAllowList {
  /** `algorithm:hex` -> why it is good. The path in the entry is advisory: a good file is good wherever it lies. */
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

/** Every entry that nothing vouches for, in list order. A violation is always refused unless its path is excluded. */
export function refusedEntries(list: VerifiedImaList, allowed: ImaAllowList): readonly RefusedEntry[] {
  return list.entries.flatMap((entry): readonly RefusedEntry[] => {
    if (isBootAggregate(entry) || isExcluded(entry.path, allowed.excludedPaths)) return [];
    if (entry.violation) return [{ entry, reason: 'violation' }];
    if (allowed.digests.has(`${entry.digest.algorithm}:${encodeHex(entry.digest.value)}`)) return [];
    if (allowed.signers.some((key) => isSignedBy(entry, key))) return [];
    return [{ entry, reason: 'unknown-digest' }];
  });
}

/** Only the first entry is the boot aggregate, and the verification has checked it; a later one is a name like any. */
function isBootAggregate(entry: ImaEntry): boolean {
  return entry.index === 0 && entry.path === 'boot_aggregate' && !entry.violation;
}

function isExcluded(path: string, excluded: readonly string[]): boolean {
  if (path.split('/').includes('..')) return false;
  return excluded.some((rule) => (rule.endsWith('/') ? path.startsWith(rule) : path === rule));
}
