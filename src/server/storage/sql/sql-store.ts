// The store over a database engine: every method, table by table.
import type { Store } from '../store.ts';
import { openAkIssuerTable } from './hosts/ak-certificate-table.ts';
import { openAuditTable } from './audit-table.ts';
import { openAttestationTable } from './attestations/attestation-table.ts';
import { openBindingEnd } from './hosts/binding-end.ts';
import { openBindingTable } from './hosts/binding-table.ts';
import { openBreakGlassTable } from './trust/break-glass-table.ts';
import { openChallengeTable } from './attestations/challenge-table.ts';
import { openConflictTable } from './hosts/conflict-table.ts';
import { fleetRevision, openTransactions, trustRevision } from './database.ts';
import { openDenyTable } from './trust/deny-table.ts';
import { openEndorserTables } from './trust/endorser-tables.ts';
import { openEnrolmentTable } from './hosts/enrolment-table.ts';
import { openFleetTable } from './hosts/fleet-table.ts';
import { openGoldenTables } from './trust/golden-tables.ts';
import { openHostLabels, openHostTable } from './hosts/host-table.ts';
import { openIntermediateTables } from './trust/intermediate-tables.ts';
import { openLeaseTable } from './upkeep/lease-table.ts';
import { openLockoutTable } from './trust/lockout-table.ts';
import { openLogTable, type LogBounds } from './attestations/log-table.ts';
import { openApprovalQueue } from './hosts/pending-table.ts';
import { openQuarantineTable } from './hosts/quarantine-table.ts';
import { openRevocationTable } from './trust/revocation-table.ts';
import { openRolloutTable } from './trust/rollout-table.ts';
import { createRowMemory, readEachTime, type RowMemory } from './row-memory.ts';
import type { Engine } from './sql.ts';
import { openAhead, readTrustRevision } from './store-ahead.ts';
import { createVisits, type Visits } from './visits.ts';
import { openDeliveryTable, openSubscriptionTable } from './upkeep/subscription-table.ts';
import { openSizeTable } from './upkeep/size-table.ts';
import { openSweepTable } from './upkeep/sweep-table.ts';
import { openTimeTable } from './upkeep/time-table.ts';
import { openTokenTable } from './hosts/token-table.ts';
import { openPolicyTable, openSignerTable } from './trust/trust-tables.ts';

export interface RowBounds {
  /** Of how many hosts the rows that are asked for most are kept in memory. */
  readonly rememberedHosts: number;
}

export type StoreBounds = RowBounds & LogBounds;

export const rememberNothing: StoreBounds = { rememberedHosts: 0, rememberedLogs: 0 };

export function openSqlStore(engine: Engine, { rememberedHosts, rememberedLogs }: StoreBounds): Store {
  const watchers = new Set<() => void>();
  const tell = (): void => watchers.forEach((watcher) => watcher());
  const visits = createVisits(rememberedHosts);
  const memory = openMemory(engine, { rememberedHosts, visits });
  const database = openTransactions(engine, { memory, onAudit: tell });
  engine.watchOthers(tell);
  const store: Store = {
    readAhead: (request) => openAhead({ database, visits, store }, request),
    ping: async () => {
      await trustRevision(database);
    },
    close: () => engine.close(),
    ...openHostTable(database),
    ...openHostLabels(database),
    ...openEnrolmentTable(database),
    ...openBindingTable(database),
    ...openApprovalQueue(database),
    ...openBindingEnd(database),
    ...openConflictTable(database),
    ...openQuarantineTable(database),
    ...openChallengeTable(database),
    ...openAttestationTable(database),
    ...openLogTable(database, { rememberedLogs }),
    ...openFleetTable(database),
    ...openAkIssuerTable(database),
    trustRevision: () => readTrustRevision(database, visits),
    fleetRevision: () => fleetRevision(database),
    ...openGoldenTables(database),
    ...openDenyTable(database),
    ...openBreakGlassTable(database),
    ...openRolloutTable(database),
    ...openSignerTable(database),
    ...openPolicyTable(database),
    ...openEndorserTables(database),
    ...openRevocationTable(database),
    ...openIntermediateTables(database),
    ...openTokenTable(database),
    ...openAuditTable(database),
    watchAudit: (listener) => {
      watchers.add(listener);
      return Promise.resolve(() => void watchers.delete(listener));
    },
    ...openSubscriptionTable(database),
    ...openDeliveryTable(database),
    ...openLeaseTable(database),
    ...openLockoutTable(database),
    ...openSweepTable(database),
    ...openSizeTable(database),
    ...openTimeTable(database),
  };
  return store;
}

/** Over a database that others change, too, nothing is remembered but visits. */
function openMemory(
  { ask, isAsWeLeftIt }: Engine,
  { rememberedHosts, visits }: { readonly rememberedHosts: number; readonly visits: Visits },
): RowMemory {
  if (ask === undefined) return createRowMemory({ capacity: rememberedHosts, isAsWeLeftIt });
  // What is changed for all hosts raises the revision of trust, or no visit rests on it.
  const forget = (host: string | undefined): void => (host === undefined ? undefined : visits.forget(host));
  return { recall: readEachTime, amend: forget, forget };
}
