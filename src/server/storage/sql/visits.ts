// What a server last knew of the hosts that attested to it, where others change the same database: what the host's attestation rested on,
// as that left it. Anybody may have changed it since, and nobody tells. So a visit decides nothing by itself: an attestation that rests on
// one counts when the database has recorded it, which demands that all of this still holds (`advance` in attestation-table.ts), and whatever
// else comes of it is asked again. docs/decisions/0055
import { createLru } from '../../lru.ts';
import type { ChallengeRecord, HostRecord } from '../records.ts';
import type { RequestAhead } from '../store.ts';
import {
  readEachTime,
  tokenSubject,
  trustRevisionSubject,
  type Amend,
  type RowMemory,
  type Subject,
} from './row-memory.ts';

/** Answers by the name of their subject. */
type Answers = ReadonlyMap<string, unknown>;

export interface Visit {
  readonly ofHost: Answers;
  /** Its token, and the revision of trust, which was read before anything that rises with it. */
  readonly others: Answers;
}

const nothing: Visit = { ofHost: new Map(), others: new Map() };

/** What one request finds out. */
export interface Notes {
  /** As `RowMemory.recall`: what `read` answers is noted. */
  readonly recall: RowMemory['recall'];
  /** After the host was changed by an attestation, as `amend` says, the notes are its visit. Where it could not be, what was noted is of two
   * moments from then on, and is never kept. */
  readonly settle: (isChanged: boolean, amend: Amend) => void;
}

/** Of a request that leaves no visit. */
const noNotes: Notes = { recall: readEachTime, settle: () => undefined };

export interface Visits {
  /** The visit that such a request can rest on. */
  readonly find: (request: RequestAhead) => Visit | undefined;
  /** `before`: what is known already, and not read. */
  readonly note: (request: RequestAhead, before?: Visit) => Notes;
  /** Gives back the revision of trust that was read here: a visit under another one is over. */
  readonly noteRevision: (revision: number) => number;
  readonly forget: (hostId: string) => void;
}

/** `capacity`: of how many hosts. */
export function createVisits(capacity: number): Visits {
  const visits = createLru<Visit>(capacity);
  let latestRevision: number | undefined;
  return {
    find: ({ purpose, hostId, tokenId }) => {
      const visit = purpose === 'attestation' ? visits.get(hostId) : undefined;
      const isCurrent = visit?.others.get(trustRevisionSubject.name) === latestRevision;
      return visit !== undefined && isCurrent && isWhole(visit, tokenId) ? visit : undefined;
    },
    note: ({ purpose, hostId }, before = nothing) => {
      if (purpose !== 'attestation') return noNotes;
      const [ofHost, others] = [new Map(before.ofHost), new Map(before.others)];
      let isOfOneMoment = true;
      const read = async <Value>({ host, name }: Subject, reading: Promise<Value>): Promise<Value> => {
        const value = await reading;
        (host === undefined ? others : ofHost).set(name, value);
        return value;
      };
      return {
        recall: <Value>(subject: Subject, ask: () => Promise<Value>) => {
          const { host, name } = subject;
          const known = (host === undefined ? before.others : before.ofHost).get(name) as Value | undefined;
          return known ?? read(subject, ask());
        },
        settle: (isChanged, amend) => {
          isOfOneMoment &&= isChanged;
          if (isOfOneMoment) visits.set(hostId, { ofHost: amended(ofHost, amend), others });
        },
      };
    },
    noteRevision: (revision) => (latestRevision = revision),
    forget: (hostId) => visits.delete(hostId),
  };
}

function amended(answers: Answers, amend: Amend): Answers {
  const all = [...answers].map(([name, answer]) => [name, amend(name, answer)] as const);
  const after = new Map(all.filter(([, answer]) => answer !== undefined));
  // Of those that are open a visit knows the one that came with its answer: it ends when the host says, at any replica, that it has booted,
  // or asks for another.
  const open = after.get('challenges') as readonly ChallengeRecord[] | undefined;
  return after.set(
    'challenges',
    (open ?? []).filter(({ rides }) => rides),
  );
}

/** The first of a host knows no verdict. One that is set aside is told so until the quarantine is lifted, which no record demands: it is read. */
function isWhole({ ofHost, others }: Visit, tokenId: string | undefined): boolean {
  const host = ofHost.get('host') as HostRecord | undefined;
  const open = ofHost.get('challenges') as readonly ChallengeRecord[];
  const isKnown = ofHost.has('verdict') && (tokenId === undefined || others.has(tokenSubject(tokenId).name));
  return isKnown && open.length > 0 && host?.quarantines.length === 0;
}
