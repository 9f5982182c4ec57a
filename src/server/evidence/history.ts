// What a verdict does not say, and whoever judges it later wants to know: quarantines of the host, what operators signed for it, and
// what of the trust has ended since.
import { parseBreakGlassEnvelope } from '../../core/break-glass/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import type { RecordedHistory, RecordedTrust } from '../../core/evidence-bundle/index.ts';
import { parseGolden, readGoldenAhead } from '../../core/golden/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import { endOf } from '../break-glass/grants.ts';
import { readBreakGlass } from '../break-glass/read-statements.ts';
import type { ServerContext } from '../context.ts';
import { ownTurn } from '../own-turn.ts';
import { selectsHost, type HostRecord, type Labels, type QuarantineRecord } from '../storage/index.ts';

interface About {
  /** As it is now. */
  readonly host: HostRecord;
  readonly verdict: Verdict;
  /** Those that the host had at the verdict. */
  readonly labels: Labels;
  readonly trust: RecordedTrust;
}

export async function readHistory(context: ServerContext, about: About): Promise<RecordedHistory> {
  const [quarantines, breakGlass, goldens, anchors] = await Promise.all([
    listQuarantines(context, about),
    listBreakGlass(context, about),
    listGoldenEnds(context, about.trust),
    listAnchorEnds(context, about.trust),
  ]);
  return { quarantines, breakGlass, ends: [...goldens, ...anchors] };
}

/** So many quarantines at once: each may name ten thousand hosts. */
const pieceSize = 25;

/** Those that were in force at the verdict or later, of the host by the labels that it had then or has now. */
async function listQuarantines({ store }: ServerContext, { host, verdict, labels }: About) {
  const issuedAt = Date.parse(verdict.issuedAt);
  const found: RecordedHistory['quarantines'][number][] = [];
  const concerns = ({ hosts, until, lifted }: QuarantineRecord): boolean =>
    Math.min(until ?? Infinity, lifted?.at ?? Infinity) > issuedAt &&
    (selectsHost(hosts, host) || selectsHost(hosts, { ...host, labels }));
  for (let after: string | undefined; ;) {
    await ownTurn();
    const piece = await store.listQuarantines({ after, limit: pieceSize });
    found.push(...piece.filter(concerns).map(recordedQuarantine));
    after = piece.at(-1)?.id;
    if (piece.length < pieceSize) break;
  }
  return found.sort((left, right) => left.from.getTime() - right.from.getTime());
}

/** Without the other hosts that it names. */
function recordedQuarantine(quarantine: QuarantineRecord): RecordedHistory['quarantines'][number] {
  const { id, reason, createdAt, createdBy, until, lifted } = quarantine;
  return {
    id,
    reason,
    from: new Date(createdAt),
    by: createdBy,
    until: until === undefined ? undefined : new Date(until),
    liftedAt: lifted && new Date(lifted.at),
  };
}

/** Those that cover the host by this verdict, whether their time is over or not. */
async function listBreakGlass({ store, config, breakGlass }: ServerContext, { host, verdict }: About) {
  const found: RecordedHistory['breakGlass'][number][] = [];
  for await (const { envelope, storedAt, ended } of readBreakGlass(store)) {
    const { untrustedStatement: statement } = parseBreakGlassEnvelope(envelope);
    if ((await breakGlass.findObstacle(statement, host, verdict)) !== undefined) continue;
    const endedAt = ended && new Date(ended.at);
    found.push({ envelope, storedAt: new Date(storedAt), until: endOf(config, statement), endedAt });
  }
  return found;
}

/** By what of them is not large; one statement is read in a turn. */
async function listGoldenEnds({ store }: ServerContext, { goldens }: RecordedTrust) {
  const ids = new Set<string>();
  for (const envelope of goldens) {
    await ownTurn();
    await readGoldenAhead(envelope, ownTurn);
    ids.add(parseGolden(envelope).id);
  }
  const heads = [...(await store.listGoldenHeads('retired')), ...(await store.listGoldenHeads('revoked'))];
  const endOfId = new Map(heads.map((head) => [head.id, head]));
  return [...ids].flatMap((id): RecordedHistory['ends'] => {
    const { state, endedAt, endReason = '', cve } = endOfId.get(id) ?? {};
    if (endedAt === undefined || (state !== 'retired' && state !== 'revoked')) return [];
    const reason = [endReason, cve].filter(Boolean).join(', ');
    return [{ what: 'golden', id, end: state, at: new Date(endedAt), reason }];
  });
}

async function listAnchorEnds({ store }: ServerContext, { anchors }: RecordedTrust) {
  const ids = new Set(anchors.map(({ certificate }) => hashHex('sha256', certificate)));
  return (await store.listAnchors()).flatMap(({ id, withdrawn }): RecordedHistory['ends'] => {
    if (withdrawn === undefined || !ids.has(id)) return [];
    return [{ what: 'anchor', id, end: 'withdrawn', at: new Date(withdrawn.at), reason: withdrawn.reason }];
  });
}
