// The whole fleet as it stands, read in pages: hosts beside the evidence that their standing rests on.
import type { Verdict } from '../../../../core/verdict/index.ts';
import type { FleetRecord, StandingEvidence } from '../../records.ts';
import type { Store } from '../../store.ts';
import { isActive, isBehind } from './host-row.ts';
import { openHostReading } from './quarantine-table.ts';
import { bytesOf, listRow, readRow, type CountRow, type HostRow } from '../rows.ts';
import { statement, type Database } from '../sql.ts';

interface FleetRow extends HostRow {
  readonly attest: Buffer | null;
  readonly signature: Buffer;
  readonly pcrs: string;
  readonly event_log: string | null;
  readonly ima_log: string | null;
  readonly userspace_log: string | null;
  readonly quoted_by: Buffer;
  readonly qualifying_data: Buffer;
  readonly received_at: number;
  /** The verdict about this evidence. */
  readonly document: string;
  readonly quoted_sequence: number;
  readonly expires_at: number;
  readonly voided_at: number | null;
}

const hostsAndQuotes = `
  SELECT hosts.*, attest, signature, pcrs, event_log, ima_log, userspace_log, quoted.ak_public AS quoted_by, qualifying_data,
    received_at, document, quoted.sequence AS quoted_sequence, expires_at, voided_at
  FROM hosts LEFT JOIN attestations AS quoted ON quoted.host_id = hosts.id AND quoted.sequence =
    (SELECT max(sequence) FROM attestations AS latest
     WHERE latest.host_id = hosts.id AND latest.quote_verified = 1 AND latest.epoch = hosts.epoch)`;

const list = statement<FleetRow>(
  `${hostsAndQuotes} AND ${isBehind('quoted')} WHERE ${isActive} AND hosts.id > $after ORDER BY hosts.id LIMIT $limit`,
);
const find = statement<FleetRow>(`${hostsAndQuotes} WHERE ${isActive} AND hosts.id = ?`);
const count = statement<CountRow>("SELECT count(*) AS count FROM hosts WHERE state = 'active'");

export function openFleetTable(database: Database): Pick<Store, 'listFleet' | 'findFleetHost' | 'countActiveHosts'> {
  return {
    listFleet: async ({ after, limit }) => {
      const rows = await database.all(list, { after: after ?? '', limit });
      const readHost = await openHostReading(database);
      return rows.map((row) => listRow(row.id, () => recordOf(row, readHost(row))));
    },
    findFleetHost: async (hostId) => {
      const row = await database.get(find, hostId);
      const readHost = await openHostReading(database);
      return row && readRow(row.id, () => recordOf(row, readHost(row)));
    },
    countActiveHosts: async () => (await database.get(count))?.count ?? 0,
  };
}

function recordOf(row: FleetRow, host: FleetRecord['host']): FleetRecord {
  return { host, evidence: row.attest === null ? undefined : evidenceOf(row, row.attest) };
}

function evidenceOf(row: FleetRow, attest: Buffer): StandingEvidence {
  const { status, boot } = JSON.parse(row.document) as Verdict;
  const holds = status === 'affirming' && row.voided_at === null && row.quoted_sequence === row.verdict_sequence;
  return {
    attest: bytesOf(attest),
    signature: bytesOf(row.signature),
    pcrs: row.pcrs,
    eventLog: row.event_log ?? undefined,
    imaLog: row.ima_log ?? undefined,
    userspaceLog: row.userspace_log ?? undefined,
    akPublic: bytesOf(row.quoted_by),
    qualifyingData: bytesOf(row.qualifying_data),
    receivedAt: row.received_at,
    bootEpoch: boot?.epoch,
    trustedUntil: holds ? row.expires_at : undefined,
  };
}
