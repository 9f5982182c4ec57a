// After the load: everything that was acknowledged is there, once.
import type { ApiClient, AuditEntry } from '../../src/api/index.ts';
import { checkAuditLog } from '../../src/server/audit/check-audit-log.ts';
import { ServerError } from '../../src/server/errors.ts';
import { openStore } from '../../src/server/storage/index.ts';
import type { PostgresConfig } from '../../src/server/config/storage-place.ts';
import type { Ledger } from './ledger.ts';
import type { Site } from './site.ts';

export interface Outcome {
  readonly name: string;
  /** What is wrong; nothing: it passed. */
  readonly wrong: readonly string[];
}

export async function checkAcknowledged(site: Site, storage: PostgresConfig): Promise<readonly Outcome[]> {
  const { ledger, replicas, operatorToken } = site;
  const api = replicas[0]!.client(operatorToken);
  const entries = await readAudit(api);
  return [
    { name: 'no promise was broken while it ran', wrong: ledger.broken },
    { name: 'every acknowledged enrolment is there, with its TPM', wrong: await missingHosts(ledger, api) },
    { name: 'every acknowledged verdict was recorded, and none twice', wrong: await wrongCounts(ledger, storage) },
    { name: 'every acknowledged golden measurement is as it was acknowledged', wrong: await wrongGoldens(ledger, api) },
    { name: 'every acknowledged act is in the audit log, and none twice', wrong: missingEntries(ledger, entries) },
    { name: 'the chain of the audit log holds', wrong: await brokenChain(storage) },
    {
      name: 'no server ended by itself',
      wrong: replicas.filter((one) => one.ends() > 0).map(({ name }) => `${name} ended`),
    },
  ];
}

async function readAudit(api: ApiClient): Promise<readonly AuditEntry[]> {
  const all: AuditEntry[] = [];
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: { items: AuditEntry[]; next?: number | undefined } = await api.call('listAudit', {
      query: { after, limit: 1000 },
    });
    all.push(...page.items);
    after = page.next;
  }
  return all;
}

async function missingHosts({ enrolled }: Ledger, api: ApiClient): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [hostId, ekDigest] of enrolled) {
    const host = await api.call('getHost', { path: { hostId } }).catch(() => undefined);
    if (host?.ekDigest !== ekDigest) wrong.push(`${hostId} is not there, or with another TPM`);
  }
  return wrong;
}

/** The store counts the verdicts of each host. */
async function wrongCounts({ hosts }: Ledger, storage: PostgresConfig): Promise<readonly string[]> {
  return withStore(storage, async (store) => {
    const wrong: string[] = [];
    for (const [hostId, { acknowledged, unknown }] of hosts) {
      const recorded = (await store.findHost(hostId))?.verdictSequence ?? 0;
      if (recorded >= acknowledged && recorded <= acknowledged + unknown) continue;
      wrong.push(`${hostId}: ${recorded} recorded, ${acknowledged} acknowledged, ${unknown} unknown`);
    }
    return wrong;
  });
}

async function wrongGoldens({ goldens }: Ledger, api: ApiClient): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [goldenId, state] of goldens) {
    const golden = await api.call('getGoldenMeasurement', { path: { goldenId } }).catch(() => undefined);
    if (golden?.state !== state)
      wrong.push(`${goldenId} is ${golden?.state ?? 'gone'}, and was acknowledged as ${state}`);
  }
  return wrong;
}

function missingEntries(ledger: Ledger, entries: readonly AuditEntry[]): readonly string[] {
  const subjects = new Map<string, number>();
  const numbers = new Map<string, number>();
  for (const { action, subject, details } of entries) {
    const key = `${action} ${subject}`;
    subjects.set(key, (subjects.get(key) ?? 0) + 1);
    if (action === 'host.labelled') {
      const { number = '' } = JSON.parse(String(details['labels'])) as { number?: string };
      numbers.set(number, (numbers.get(number) ?? 0) + 1);
    }
  }
  const once = (key: string): string[] => {
    const times = subjects.get(key) ?? 0;
    return times === 1 ? [] : [`${key}: ${times} entries`];
  };
  return [
    ...[...ledger.enrolled.keys()].flatMap((hostId) => once(`host.enrolled ${hostId}`)),
    ...[...ledger.goldens].flatMap(([id, state]) => [
      ...once(`golden.activated ${id}`),
      ...(state === 'revoked' ? once(`golden.revoked ${id}`) : []),
    ]),
    ...ledger.quarantines.flatMap((id) => once(`quarantine.opened ${id}`)),
    ...ledger.labels.flatMap((number) =>
      numbers.get(number) === 1 ? [] : [`label ${number}: ${numbers.get(number) ?? 0} entries`],
    ),
    ...[...numbers].flatMap(([number, times]) => (times === 1 ? [] : [`label ${number}: ${times} entries`])),
  ];
}

function brokenChain(storage: PostgresConfig): Promise<readonly string[]> {
  return withStore(storage, async (store) => {
    try {
      await checkAuditLog(store);
      return [];
    } catch (error) {
      if (error instanceof ServerError && error.code === 'AUDIT_LOG_BROKEN') return [error.message];
      throw error;
    }
  });
}

async function withStore<Result>(
  storage: PostgresConfig,
  work: (store: Awaited<ReturnType<typeof openStore>>) => Promise<Result>,
): Promise<Result> {
  const store = await openStore({ dataDirectory: '/nowhere', storage });
  return work(store).finally(() => store.close());
}
