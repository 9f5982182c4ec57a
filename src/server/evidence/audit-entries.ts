// Which entries of the audit log concern a verdict: those about the host since this TPM came, and about what the verdict rests on.
import { encodeHex } from '../../core/encoding/index.ts';
import type { RecordedAudit } from '../../core/evidence-bundle/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import { auditFields } from '../audit/audit-chain.ts';
import type { ServerContext } from '../context.ts';
import type { AuditRecord, HostRecord } from '../storage/index.ts';

/** What is read of the log, and what a bundle takes of it: of the host, of each thing that the verdict rests on, and of all of them. */
const read = { host: 10_000, enrolments: 10, each: 20, subjects: 200 } as const;
const taken = { host: 900, verdicts: 100, others: 900 } as const;

type Context = Pick<ServerContext, 'store' | 'config' | 'auditTree' | 'now'>;

/** Undefined where the log is empty. */
export async function proveEntries(
  { store, config, auditTree, now }: Context,
  { size, host, verdict }: { readonly size: number; readonly host: AboutHost; readonly verdict: Verdict },
): Promise<RecordedAudit | undefined> {
  if (size === 0) return undefined;
  const enrolments = await store.listAuditOf({ subject: host.id, action: 'host.enrolled' }, read.enrolments);
  const known = await store.listAuditOf({ subject: host.id }, read.host);
  const about = selectOfHost(inOrder([...enrolments, ...known]), { host, verdict });
  const subjects = [...subjectsOf(host, verdict), ...namedBy(about)].slice(0, read.subjects);
  const others = await Promise.all(subjects.map((subject) => store.listAuditOf({ subject }, read.each)));
  const entries = inOrder([...about, ...others.flat().slice(0, taken.others)]).filter(
    ({ sequence }) => sequence <= size,
  );
  const { root, paths } = await auditTree.prove(
    entries.map(({ sequence }) => sequence),
    size,
  );
  return {
    checkpoint: { log: config.serverId, size, root, at: now() },
    entries: entries.map((entry, index) => ({ entry: auditFields(entry), path: paths[index] ?? [] })),
  };
}

/** As the bundle has it. */
export interface AboutHost extends Pick<HostRecord, 'ekDigest' | 'endorser'> {
  readonly id: string;
}

/** In the order of the log, each once. */
function inOrder(entries: readonly AuditRecord[]): readonly AuditRecord[] {
  const bySequence = new Map(entries.map((entry) => [entry.sequence, entry]));
  return [...bySequence.values()].sort((left, right) => left.sequence - right.sequence);
}

/** From where this TPM came under this name. Of its verdicts the last ones, and the one that has this verdict. */
function selectOfHost(
  entries: readonly AuditRecord[],
  { host, verdict }: { readonly host: AboutHost; readonly verdict: Verdict },
): readonly AuditRecord[] {
  const ek = encodeHex(host.ekDigest);
  const since = entries.findIndex(({ details }) => details['ek'] === ek);
  const own = entries.slice(Math.max(0, since));
  const verdicts = own.filter(({ action }) => action === 'verdict.changed');
  const rest = own.filter(({ action }) => action !== 'verdict.changed');
  const enrolled = rest
    .filter(({ action, details }) => details['ek'] === ek && action.startsWith('host.'))
    .slice(-read.enrolments);
  const issuedAt = Date.parse(verdict.issuedAt);
  const given = verdicts.findLast(({ at }) => at <= issuedAt);
  const kept = [...enrolled, ...rest.slice(-taken.host), ...verdicts.slice(-taken.verdicts)];
  return inOrder(given === undefined ? kept : [...kept, given]);
}

function subjectsOf({ endorser }: AboutHost, { layers, furtherGoldens = [], policy }: Verdict): readonly string[] {
  const goldens = [...Object.values(layers), ...furtherGoldens];
  const subjects = [...goldens, policy?.id, endorser?.id, endorser?.name];
  return [...new Set(subjects.filter((subject) => subject !== undefined))];
}

/** Quarantines and break-glass statements that the host's entries name. */
function namedBy(entries: readonly AuditRecord[]): readonly string[] {
  const named = entries.flatMap(({ details }) => [details['quarantine'], details['breakGlass']]);
  return [...new Set(named.filter((name) => typeof name === 'string'))];
}
