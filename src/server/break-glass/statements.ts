// Break-glass statements on their way into force and out of it.
import { parseBreakGlassEnvelope, verifyBreakGlass, type BreakGlass } from '../../core/break-glass/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { readSigners } from '../golden/approve.ts';
import type { AuditDraft, BreakGlassRecord } from '../storage/index.ts';
import { tellBreakGlassEnds } from './ends.ts';
import { endOf, isCurrent } from './grants.ts';

export interface BreakGlassView {
  readonly record: BreakGlassRecord;
  readonly statement: BreakGlass;
  readonly state: 'in-force' | 'over' | 'ended' | 'not-approved';
  readonly until: Date;
  /** Whose signatures count now. */
  readonly signers: readonly string[];
}

/** What a statement does for one host that it names. */
export interface Cover {
  readonly host: string;
  /** Why it is not covered: a code of an obstacle, or of what ended its verdict. Undefined where it is covered. */
  readonly obstacle: string | undefined;
}

/**
 * Puts a statement into force that a quorum signed.
 *
 * @throws MalformedError, VerificationError as `verifyBreakGlass`; ServerError BREAK_GLASS_TOO_LONG, BREAK_GLASS_OUT_OF_TIME,
 *   BREAK_GLASS_COVERS_NOBODY, BREAK_GLASS_KNOWN
 */
export async function submitBreakGlass(
  context: ServerContext,
  envelope: Uint8Array,
  actor: string,
): Promise<BreakGlassView> {
  const { store, config } = context;
  const { id, statement, signatures } = verifyBreakGlass(envelope, {
    signers: await readSigners(context),
    quorum: config.goldenQuorum,
  });
  // What ended before comes before what begins now.
  await tellBreakGlassEnds(context);
  const at = context.now();
  refuseTimes(context, statement, at);
  const covers = await readCovers(context, statement);
  if (covers.every(({ obstacle }) => obstacle !== undefined)) {
    const why = covers.slice(0, 5).map(({ host, obstacle }) => `${host}: ${obstacle ?? ''}`);
    throw new ServerError('BREAK_GLASS_COVERS_NOBODY', why.join('; '));
  }
  const { until, status, reason, ticket, excuses } = statement;
  const signers = signatures.map(({ signer }) => signer);
  const told = { until: until.toISOString(), reason, ticket, signers };
  const by = { at: at.getTime(), actor };
  const audit: AuditDraft = {
    ...by,
    action: 'break-glass.begun',
    subject: id,
    details: { ...told, status, excuses: [...excuses], hosts: statement.hosts.length },
  };
  const known = covers.filter(({ obstacle }) => obstacle !== 'HOST_UNKNOWN');
  const hosts = known.map(({ host }): AuditDraft => {
    return { ...by, action: 'host.break-glass-begun', subject: host, details: { ...told, breakGlass: id } };
  });
  const record = { id, envelope, until: until.getTime(), storedAt: at.getTime(), storedBy: actor };
  if (!(await store.saveBreakGlass(record, { audit, hosts }))) throw new ServerError('BREAK_GLASS_KNOWN');
  context.log.warn({ event: 'break-glass.begun', breakGlass: id, ...told }, 'hosts are admitted by break-glass');
  return findBreakGlass(context, id);
}

/** @throws ServerError BREAK_GLASS_NOT_FOUND, BREAK_GLASS_ENDED */
export async function endBreakGlass(
  context: ServerContext,
  { id, reason, actor }: { readonly id: string; readonly reason: string; readonly actor: string },
): Promise<BreakGlassView> {
  const text = printable(reason, 1024);
  const { statement } = await findBreakGlass(context, id);
  const by = { at: context.now().getTime(), actor };
  const audit = { ...by, action: 'break-glass.ended', subject: id, details: { reason: text } };
  const hosts = statement.hosts.map(({ id: subject }): AuditDraft => {
    return { ...by, action: 'host.break-glass-ended', subject, details: { breakGlass: id, reason: text } };
  });
  if (!(await context.store.endBreakGlass(id, { reason: text, audit, hosts })))
    throw new ServerError('BREAK_GLASS_ENDED');
  return findBreakGlass(context, id);
}

/** @throws ServerError BREAK_GLASS_NOT_FOUND */
export async function findBreakGlass(context: ServerContext, id: string): Promise<BreakGlassView> {
  const record = await context.store.findBreakGlass(id);
  if (record === undefined) throw new ServerError('BREAK_GLASS_NOT_FOUND', `no break-glass statement ${id}`);
  return viewBreakGlass(context, record);
}

export async function viewBreakGlass(context: ServerContext, record: BreakGlassRecord): Promise<BreakGlassView> {
  const { config } = context;
  const at = context.now();
  const { untrustedStatement: statement } = parseBreakGlassEnvelope(record.envelope);
  const approved = (await context.breakGlass.listApproved(at)).find(({ id }) => id === record.id);
  const isOver = !isCurrent(config, statement, at);
  const state = record.ended ? 'ended' : isOver ? 'over' : approved === undefined ? 'not-approved' : 'in-force';
  const signers = approved?.signatures.map(({ signer }) => signer) ?? [];
  return { record, statement, state, until: endOf(config, statement), signers };
}

/** Of each host that is named, in the order of the statement. */
export async function readCovers(context: ServerContext, statement: BreakGlass): Promise<readonly Cover[]> {
  const { store, now, breakGlass } = context;
  const covers: Cover[] = [];
  for (const { id: host } of statement.hosts) {
    const standing = await store.findStanding(host);
    if (standing === undefined) covers.push({ host, obstacle: 'HOST_UNKNOWN' });
    else {
      const { host: known, verdict: last } = standing;
      const { reasons, verdict } = await viewVerdict(context, known, last, now());
      const obstacle =
        reasons[0]?.code ??
        (verdict === undefined ? 'VERDICT_NONE' : await breakGlass.findObstacle(statement, known, verdict));
      covers.push({ host, obstacle });
    }
  }
  return covers;
}

/** @throws ServerError BREAK_GLASS_TOO_LONG, BREAK_GLASS_OUT_OF_TIME */
function refuseTimes({ config }: ServerContext, statement: BreakGlass, at: Date): void {
  const { issuedAt, until } = statement;
  const { longestSeconds } = config.breakGlass;
  const seconds = (until.getTime() - issuedAt.getTime()) / 1000;
  if (seconds > longestSeconds) {
    throw new ServerError('BREAK_GLASS_TOO_LONG', `${seconds} s were signed, ${longestSeconds} s are allowed`);
  }
  if (!isCurrent(config, statement, at)) {
    const message = `it holds from ${issuedAt.toISOString()} until ${until.toISOString()}`;
    throw new ServerError('BREAK_GLASS_OUT_OF_TIME', message);
  }
}
