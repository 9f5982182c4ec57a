// Which hosts a break-glass statement covers now: asked of the verdict at each answer, so that nothing has to run for a grant to end.
import { excusableCode, excusedStatus, findObstacle, verifyBreakGlass } from '../../core/break-glass/index.ts';
import type { ApprovedBreakGlass, BreakGlass, Obstacle } from '../../core/break-glass/index.ts';
import { encodeHex } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import type { Grant } from '../attestation/host-verdict.ts';
import type { ServerConfig } from '../config/config.ts';
import type { TrustCache, TrustInForce } from '../golden/trust-cache.ts';
import type { ServerMemory } from '../memory.ts';
import type { HostRecord, Store } from '../storage/index.ts';
import type { ServerLog } from '../telemetry/log.ts';
import { createRevocationReader } from './rests-on-revoked.ts';

/** Why a statement does not cover a host whose verdict holds. */
export type CoverObstacle = Obstacle | 'revoked';

type GrantedHost = Pick<HostRecord, 'hostId' | 'ekDigest'>;

export interface BreakGlassGrants {
  /** The grant for a host whose verdict holds and refuses. Never fails: what cannot be looked at is not granted. */
  find(host: GrantedHost, verdict: Verdict, at: Date): Promise<Grant | undefined>;
  /** Undefined where the statement covers the host, whether it is in force or not. */
  findObstacle(statement: BreakGlass, host: GrantedHost, verdict: Verdict): Promise<CoverObstacle | undefined>;
  /** Proved again by the signers and the quorum of now; whether it is time for them is asked by `isCurrent`. */
  listApproved(at: Date): Promise<readonly ApprovedBreakGlass[]>;
}

export interface BreakGlassOptions {
  readonly config: Pick<ServerConfig, 'breakGlass' | 'goldenQuorum'>;
  readonly store: Store;
  readonly trust: TrustCache;
  readonly memory: Pick<ServerMemory, 'ended'>;
  readonly log: ServerLog;
}

export function createBreakGlass({ config, store, trust, memory, log }: BreakGlassOptions): BreakGlassGrants {
  const restsOnRevoked = createRevocationReader({ store, memory });
  let kept: { readonly revision: number; readonly approved: readonly ApprovedBreakGlass[] } | undefined;

  /** Kept until anything that trust rests on changes: a statement that comes or is ended, too. */
  async function readApproved({ revision, signers }: TrustInForce, at: Date): Promise<readonly ApprovedBreakGlass[]> {
    if (kept?.revision === revision) return kept.approved;
    const records = await store.listOpenBreakGlass(at.getTime());
    const approved = records.flatMap(({ id, envelope }) => {
      try {
        return [verifyBreakGlass(envelope, { signers, quorum: config.goldenQuorum })];
      } catch (error) {
        if (!(error instanceof AttestationError)) throw error;
        log.error(
          { breakGlass: id, code: error.code },
          'a stored break-glass statement is not approved; it covers nobody',
        );
        return [];
      }
    });
    kept = { revision, approved };
    return approved;
  }

  async function findBest(host: GrantedHost, verdict: Verdict, at: Date): Promise<Grant | undefined> {
    const inForce = await trust.current();
    const approved = (await readApproved(inForce, at)).filter(({ statement }) => isCurrent(config, statement, at));
    const ek = encodeHex(host.ekDigest);
    const covering = approved.filter(({ statement }) => findObstacle(statement, ek, verdict) === undefined);
    if (covering.length === 0) return undefined;
    const boot = { hostId: host.hostId, eventLog: verdict.eventLogDigest ?? '', revision: inForce.revision };
    if (await restsOnRevoked(boot)) return undefined;
    return covering.map((one) => grantOf(config, one, verdict)).sort(byWorth)[0];
  }

  return {
    find: async (host, verdict, at) => {
      if (config.breakGlass.longestSeconds === 0 || !mayBeExcused(verdict)) return undefined;
      try {
        return await findBest(host, verdict, at);
      } catch (error) {
        log.error({ err: error, host: host.hostId }, 'break-glass statements could not be looked at; none counts');
        return undefined;
      }
    },
    findObstacle: async (statement, host, verdict) => {
      const obstacle = findObstacle(statement, encodeHex(host.ekDigest), verdict);
      if (obstacle !== undefined) return obstacle;
      const { revision } = await trust.current();
      const boot = { hostId: host.hostId, eventLog: verdict.eventLogDigest ?? '', revision };
      return (await restsOnRevoked(boot)) ? 'revoked' : undefined;
    },
    listApproved: async (at) => readApproved(await trust.current(), at),
  };
}

/** Spares the hosts that no statement could cover a look at the statements. */
function mayBeExcused({ status, findings }: Verdict): boolean {
  if (status === 'affirming' || status === 'warning') return false;
  return findings.every((finding) => finding.severity !== 'error' || excusableCode(finding) !== undefined);
}

/** The end is the earlier of what was signed and what the configuration allows now. */
export function endOf({ breakGlass }: Pick<ServerConfig, 'breakGlass'>, { issuedAt, until }: BreakGlass): Date {
  return new Date(Math.min(until.getTime(), issuedAt.getTime() + breakGlass.longestSeconds * 1000));
}

export function isCurrent(config: Pick<ServerConfig, 'breakGlass'>, statement: BreakGlass, at: Date): boolean {
  return at >= statement.issuedAt && at < endOf(config, statement);
}

function grantOf(
  config: Pick<ServerConfig, 'breakGlass'>,
  { id, statement, signatures }: ApprovedBreakGlass,
  verdict: Verdict,
): Grant {
  const { issuedAt, reason, ticket } = statement;
  return {
    statement: id,
    since: issuedAt,
    until: endOf(config, statement),
    status: excusedStatus(statement, verdict),
    reason,
    ticket,
    signers: signatures.map(({ signer }) => signer),
  };
}

/** What is worth most first, then what lasts longest. */
function byWorth(left: Grant, right: Grant): number {
  if (left.status !== right.status) return left.status === 'affirming' ? -1 : 1;
  return right.until.getTime() - left.until.getTime();
}
