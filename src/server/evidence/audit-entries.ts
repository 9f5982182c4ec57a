// Which entries of the audit log concern a verdict: those about the host since this TPM came, and about what the verdict rests on.
import { encodeHex } from '../../core/encoding/index.ts';
import { MalformedError } from '../../core/error.ts';
import type { RecordedAudit } from '../../core/evidence-bundle/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import { auditFields } from '../audit/audit-chain.ts';
import type { ServerContext } from '../context.ts';
import { ownTurn } from '../own-turn.ts';
import type { AuditFilter, AuditRecord, HostRecord } from '../storage/index.ts';

/** What is read of the log, and what a bundle takes of it: of the host, of each thing that the verdict rests on, and of all of them. */
const read = { host: 10_000, enrolments: 10, each: 20, subjects: 200 } as const;
const taken = { host: 900, verdicts: 100, others: 900 } as const;
/** As many at once, unless they are heavy. */
const pageSize = 1000;
/** What the entries of one bundle tell, as it is stored. As a bundle writes it, by lines, a list of hosts is twice as long: so much that no
 * bundle has room for it. */
const heaviest = 32 * 1024 * 1024;

type Context = Pick<ServerContext, 'store' | 'config' | 'auditTree' | 'now'>;

/** Undefined where the log is empty.
 * @throws MalformedError EVIDENCE_TOO_LARGE */
export async function proveEntries(
  { store, config, auditTree, now }: Context,
  { size, host, verdict }: { readonly size: number; readonly host: AboutHost; readonly verdict: Verdict },
): Promise<RecordedAudit | undefined> {
  if (size === 0) return undefined;
  const reading: Reading = { store, size, budget: createBudget() };
  const about = await readOfHost(reading, { host, verdict });
  const subjects = [...subjectsOf(host, verdict), ...namedBy(about)].slice(0, read.subjects);
  const others = await readOfOthers(reading, subjects);
  const entries = inOrder([...about, ...others]);
  const { root, paths } = await auditTree.prove(
    entries.map(({ sequence }) => sequence),
    size,
  );
  return {
    checkpoint: { log: config.serverId, size, root, at: now() },
    entries: entries.map((entry, index) => ({ entry: auditFields(entry), path: paths[index] ?? [] })),
  };
}

interface Reading {
  readonly store: Pick<ServerContext['store'], 'searchAudit'>;
  /** Of the log that the bundle is about. */
  readonly size: number;
  /** Counts what is kept of the log. */
  readonly budget: (entry: AuditRecord) => void;
}

function createBudget(): Reading['budget'] {
  const counted = new Set<number>();
  let weight = 0;
  return ({ sequence, subject, details }) => {
    if (counted.has(sequence)) return;
    counted.add(sequence);
    weight += JSON.stringify(details).length;
    if (weight <= heaviest) return;
    const words = `the entries of the audit log that belong to it are more than ${heaviest / 1024 / 1024} MiB`;
    throw new MalformedError('EVIDENCE_TOO_LARGE', `${words}: reached with entry ${sequence}, about ${subject}`);
  };
}

/** The newest `most` entries about a subject, the newest first, in pages that end at some megabytes: whoever else is at the door comes
 * between two of them, and so it is between two subjects. */
async function* pagesOf(
  { store, size }: Reading,
  { subject, actions = [] }: Partial<Pick<AuditFilter, 'actions'>> & { readonly subject: string },
  most: number,
): AsyncGenerator<readonly AuditRecord[]> {
  const all = { actor: undefined, since: 0, until: Number.MAX_SAFE_INTEGER, byPeople: false } as const;
  const filter = { ...all, subject, actions };
  let left = most;
  for (let before = size + 1; left > 0;) {
    await ownTurn();
    const limit = Math.min(left, pageSize);
    const { entries, isCut } = await store.searchAudit({ after: 0, before, order: 'newest', filter }, limit);
    yield entries;
    const last = entries.at(-1);
    if (last === undefined || (entries.length < limit && !isCut)) return;
    left -= entries.length;
    before = last.sequence;
  }
}

async function readOfHost(
  reading: Reading,
  about: { readonly host: AboutHost; readonly verdict: Verdict },
): Promise<readonly AuditRecord[]> {
  const selection = selectOfHost(reading, about);
  const subject = about.host.id;
  for await (const page of pagesOf(reading, { subject }, read.host)) page.forEach(selection.take);
  for await (const page of pagesOf(reading, { subject, actions: ['host.enrolled'] }, read.enrolments)) {
    page.forEach(selection.take);
  }
  return selection.kept();
}

/** In the order of `subjects`, of each the newest. */
async function readOfOthers(reading: Reading, subjects: readonly string[]): Promise<readonly AuditRecord[]> {
  const found: AuditRecord[] = [];
  for (const subject of subjects) {
    const most = Math.min(read.each, taken.others - found.length);
    for await (const page of pagesOf(reading, { subject }, most)) {
      page.forEach(reading.budget);
      found.push(...page);
    }
  }
  return found;
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

/** From where this TPM came under this name. Of its verdicts the last ones, and the one that has this verdict. Entries are given the newest
 * first, and those of an enrolment a second time: what is not taken is not held. */
function selectOfHost(
  { budget }: Reading,
  { host, verdict }: { readonly host: AboutHost; readonly verdict: Verdict },
): { readonly take: (entry: AuditRecord) => void; readonly kept: () => readonly AuditRecord[] } {
  const ek = encodeHex(host.ekDigest);
  const issuedAt = Date.parse(verdict.issuedAt);
  const seen = new Set<number>();
  const kept: AuditRecord[] = [];
  const count = { enrolled: 0, verdicts: 0, rest: 0 };
  let isGivenFound = false;
  let since = Number.MAX_SAFE_INTEGER;

  function isTaken({ action, at, details }: AuditRecord): boolean {
    if (action === 'verdict.changed') {
      const isGiven = !isGivenFound && at <= issuedAt;
      isGivenFound ||= isGiven;
      return count.verdicts++ < taken.verdicts || isGiven;
    }
    const isEnrolment = details['ek'] === ek && action.startsWith('host.') && count.enrolled++ < read.enrolments;
    return count.rest++ < taken.host || isEnrolment;
  }

  return {
    take: (entry) => {
      if (seen.has(entry.sequence)) return;
      seen.add(entry.sequence);
      if (entry.details['ek'] === ek) since = Math.min(since, entry.sequence);
      if (!isTaken(entry)) return;
      budget(entry);
      kept.push(entry);
    },
    kept: () => inOrder(kept.filter(({ sequence }) => since === Number.MAX_SAFE_INTEGER || sequence >= since)),
  };
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
