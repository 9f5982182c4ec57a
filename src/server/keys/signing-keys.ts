// The keys that sign verdicts and decisions, one after the other. Each is published before it signs, and afterwards as long as
// a token of it may hold, so that relying parties never meet a key they cannot know. [RFC7517 §5]
import type { SigningKey, VerificationKey } from '../../core/crypto/index.ts';
import {
  destroyOthers,
  makeEntry,
  readEntries,
  whenWritten,
  writeManifest,
  type Entry,
  type SigningKeyKind,
} from './signing-key-files.ts';

export interface SigningKeyRecord extends VerificationKey {
  /** When it begins to sign; it ends when the next one begins. */
  readonly signsFrom: Date;
  readonly signsUntil: Date | undefined;
  /** When the last token of it has expired. */
  readonly publishedUntil: Date | undefined;
}

export interface Rotation {
  readonly kind: SigningKeyKind;
  readonly signsFrom: Date;
  /** The keys so far are no longer published: no token of theirs counts any more. */
  readonly withdrawOthers: boolean;
}

export interface SigningKeys {
  /** The key that signs at this moment. */
  at(moment: Date): SigningKey;
  /** Ascending by when they sign: those a token that holds may be signed with, and those that will sign. */
  published(moment: Date): readonly SigningKeyRecord[];
  /** Makes a key. One that waits for its time is replaced. Written to disk when this returns. */
  rotate(rotation: Rotation, moment: Date): SigningKeyRecord;
}

/** The longest verdict that a policy allows: PolicyRequest.verdictSeconds in openapi.yaml. */
const longestTokenMs = 604_800_000;
/** @param folder `keys` of the data directory
 * @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export function loadSigningKeys(folder: string): SigningKeys {
  let entries = readEntries(folder);
  const recordOf = (entry: Entry): SigningKeyRecord => describe(entry, entries[entries.indexOf(entry) + 1]);
  return {
    at: (moment) => {
      const { kid, alg, privateKey } = entries.findLast(({ signsFrom }) => signsFrom <= moment) ?? entries[0] ?? {};
      if (kid === undefined || alg === undefined || privateKey === undefined) throw new TypeError('no signing key');
      return { kid, alg, privateKey };
    },
    published: (moment) =>
      entries.map(recordOf).filter(({ publishedUntil }) => publishedUntil === undefined || publishedUntil > moment),
    rotate: (rotation, moment) => {
      const known = rotation.withdrawOthers ? [] : entries.filter(({ signsFrom }) => signsFrom <= moment);
      const current = known.at(-1);
      // A key that signs no more needs no private half.
      const kept = known.map((entry) => (entry === current ? entry : { ...entry, privateKey: undefined }));
      const made = makeEntry(folder, rotation.kind, rotation.signsFrom);
      entries = [...kept, made];
      writeManifest(folder, entries);
      destroyOthers(folder, entries);
      return recordOf(made);
    },
  };
}

/** The same for one of several processes of a server: what another of them made is read before a key is named. */
export function followSigningKeys(folder: string): SigningKeys {
  let written = whenWritten(folder);
  let keys = loadSigningKeys(folder);
  const current = (): SigningKeys => {
    const lastWritten = whenWritten(folder);
    if (lastWritten === written) return keys;
    keys = loadSigningKeys(folder);
    written = lastWritten;
    return keys;
  };
  return {
    at: (moment) => current().at(moment),
    published: (moment) => current().published(moment),
    rotate: (rotation, moment) => current().rotate(rotation, moment),
  };
}

function describe({ kid, alg, publicKey, signsFrom }: Entry, next: Entry | undefined): SigningKeyRecord {
  const signsUntil = next?.signsFrom;
  const publishedUntil = signsUntil && new Date(signsUntil.getTime() + longestTokenMs);
  return { kid, alg, publicKey, signsFrom, signsUntil, publishedUntil };
}
