// The store as one request about one host sees it: what it rests on is read ahead in one round trip, or recalled from the host's last visit.
import { soon, type Soon } from '../../soon.ts';
import type { RequestAhead, Store, StoreAhead } from '../store.ts';
import { openAttestationTable } from './attestations/attestation-table.ts';
import { openChallengeTable } from './attestations/challenge-table.ts';
import { recallTrustRevision } from './database.ts';
import { openHostTable } from './hosts/host-table.ts';
import { openTokenTable } from './hosts/token-table.ts';
import { askAhead, questionsOf, type Ask } from './read-ahead.ts';
import type { Database } from './sql.ts';
import type { Notes, Visit, Visits } from './visits.ts';

export interface Reach {
  readonly database: Database;
  readonly visits: Visits;
  /** For everything that no request asks ahead. */
  readonly store: Store;
}

/** Undefined where a question costs no way. */
export function openAhead(reach: Reach, request: RequestAhead): StoreAhead | undefined {
  const { ask } = reach.database;
  if (ask === undefined) return undefined;
  const read = (): StoreAhead => readAhead(reach, request, ask);
  const visit = reach.visits.find(request);
  return visit === undefined ? read() : recallVisit(reach, { request, visit, again: read });
}

function readAhead(reach: Reach, request: RequestAhead, ask: Ask): StoreAhead {
  const { database, visits, store } = reach;
  const notes = visits.note(request);
  const { looking, taking } = askAhead(database, ask, { calls: questionsOf(request), recall: notes.recall });
  const { findHost, findStanding } = openHostTable(looking);
  const findInStanding: Store['findHost'] = (id) => soon(findStanding(id), (standing) => standing?.host);
  return {
    findHost: request.purpose === 'verdict' ? findInStanding : findHost,
    store: { ...store, ...tablesOf(settling(taking, notes), visits) },
    again: undefined,
  };
}

/** What a visit said does not hold any more. Nobody hears of this: all of it is asked anew. */
class VisitOver extends Error {}

interface Recollection {
  readonly request: RequestAhead;
  readonly visit: Visit;
  readonly again: () => StoreAhead;
}

function recallVisit({ database, visits, store }: Reach, { request, visit, again }: Recollection): StoreAhead {
  const notes = visits.note(request, visit);
  const tables = tablesOf(settling({ ...database, recall: notes.recall }, notes), visits);
  let isRecorded = false;
  const recordAttestation: Store['recordAttestation'] = async (record) => {
    const outcome = await tables.recordAttestation(record);
    isRecorded = outcome === 'recorded';
    if (!isRecorded) throw new VisitOver('the host, its token or trust is not as it was when the host attested last');
    return outcome;
  };
  return {
    findHost: tables.findHost,
    // A challenge is spent for an answer, and what fails here is no answer yet.
    store: { ...store, ...tables, recordAttestation, spendChallenge: () => Promise.resolve(false) },
    again: () => (isRecorded ? undefined : again()),
  };
}

/** What is read ahead for a request, or rests on that. */
function tablesOf(view: Database, visits: Visits) {
  return {
    ...openTokenTable(view),
    ...openHostTable(view),
    ...openChallengeTable(view),
    ...openAttestationTable(view),
    trustRevision: () => readTrustRevision(view, visits),
    readAhead: () => undefined,
  };
}

export function readTrustRevision(view: Database, { noteRevision }: Visits): Soon<number> {
  return soon(recallTrustRevision(view), noteRevision);
}

function settling(view: Database, { settle }: Notes): Database {
  return {
    ...view,
    changeHost: async (hostId, plan, more) => {
      const isChanged = await view.changeHost(hostId, plan, more);
      settle(isChanged, more.amend);
      return isChanged;
    },
  };
}
