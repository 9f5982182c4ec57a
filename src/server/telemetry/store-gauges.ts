// How large the store is, and what sweeps took out of it.
import type { ServerContext } from '../context.ts';
import { sweptNothing } from '../storage/index.ts';
import type { Family } from './exposition.ts';

/** As the last attempt of the server itself to write said, ten seconds ago at most. */
export function measureWrites({ writes }: Pick<ServerContext, 'writes'>): readonly Family[] {
  return [
    {
      name: 'touchstone_store_writable',
      type: 'gauge',
      help: 'Whether the store takes what is written; 0 where its disk is full, read-only or failing.',
      samples: [{ labels: {}, value: writes.refusal() === undefined ? 1 : 0 }],
    },
  ];
}

export async function surveyStore({ store }: Pick<ServerContext, 'store'>): Promise<readonly Family[]> {
  const { bytes, freeBytes } = await store.measure();
  const sweep = await store.findSweep();
  const { verdicts, challenges, akCertificates, flips } = sweep?.total ?? sweptNothing;
  const last = sweep?.endedAt ?? sweep?.begunAt;
  return [
    {
      name: 'touchstone_store_bytes',
      type: 'gauge',
      help: 'Size of the database on the disk.',
      samples: [{ labels: {}, value: bytes }],
    },
    {
      name: 'touchstone_store_free_bytes',
      type: 'gauge',
      help: 'Of them used by nothing, where the database says it (SQLite).',
      samples: freeBytes === undefined ? [] : [{ labels: {}, value: freeBytes }],
    },
    {
      name: 'touchstone_sweep_timestamp_seconds',
      type: 'gauge',
      help: 'When the last sweep ended, or began if it has not ended.',
      samples: last === undefined ? [] : [{ labels: {}, value: last / 1000 }],
    },
    {
      name: 'touchstone_swept_rows_total',
      type: 'counter',
      help: 'Rows that sweeps dropped, by all servers that share the store, by kind.',
      samples: [
        { labels: { kind: 'verdicts' }, value: verdicts },
        { labels: { kind: 'challenges' }, value: challenges },
        { labels: { kind: 'ak-certificates' }, value: akCertificates },
        { labels: { kind: 'lockout-flips' }, value: flips },
      ],
    },
  ];
}
