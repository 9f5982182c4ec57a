// Quarantine: operators set hosts aside, at once and whatever they attest. By name, or by labels, which also takes hosts that
// get the labels later.
import { encodeBase64url, printable } from '../../core/encoding/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { isInForce, type HostSelector, type QuarantineRecord } from '../storage/index.ts';
import type { Passage } from '../what-if/protection.ts';

export interface QuarantineView {
  readonly quarantine: QuarantineRecord;
  readonly state: 'in-force' | 'ended' | 'lifted';
}

export interface QuarantineRequest {
  readonly hosts: HostSelector;
  readonly reason: string;
  readonly expiresInSeconds: number | undefined;
}

export interface OpenedQuarantine extends QuarantineView {
  /** How many hosts it selects now. */
  readonly selected: number;
}

export async function openQuarantine(
  context: ServerContext,
  { hosts, reason, expiresInSeconds }: QuarantineRequest,
  { actor, passage }: { readonly actor: string; readonly passage: Passage },
): Promise<OpenedQuarantine> {
  const at = context.now().getTime();
  const quarantine: QuarantineRecord = {
    id: `qua_${encodeBase64url(context.random(12))}`,
    hosts,
    reason: printable(reason, 1024),
    createdAt: at,
    createdBy: actor,
    until: expiresInSeconds === undefined ? undefined : at + expiresInSeconds * 1000,
    lifted: undefined,
  };
  const until = quarantine.until === undefined ? null : new Date(quarantine.until).toISOString();
  const details = { hosts: JSON.stringify(hosts), reason: quarantine.reason, until, ...passage.details };
  const audit = { at, actor, action: 'quarantine.opened', subject: quarantine.id, details };
  const selected = await context.store.openQuarantine(quarantine, { revision: passage.revision, audit });
  return { quarantine, state: 'in-force', selected };
}

/** @throws ServerError QUARANTINE_NOT_FOUND, QUARANTINE_ENDED */
export async function liftQuarantine(
  context: ServerContext,
  { id, reason, actor }: { readonly id: string; readonly reason: string; readonly actor: string },
): Promise<QuarantineView> {
  const text = printable(reason, 1024);
  const draft = {
    at: context.now().getTime(),
    actor,
    action: 'quarantine.lifted',
    subject: id,
    details: { reason: text },
  };
  const isLifted = await context.store.liftQuarantine(id, { reason: text, audit: draft });
  const quarantine = await context.store.findQuarantine(id);
  if (quarantine === undefined) throw new ServerError('QUARANTINE_NOT_FOUND', `no quarantine ${id}`);
  if (!isLifted) throw new ServerError('QUARANTINE_ENDED');
  return viewQuarantine(quarantine, context.now());
}

export function viewQuarantine(quarantine: QuarantineRecord, at: Date): QuarantineView {
  const { lifted } = quarantine;
  const state = lifted !== undefined ? 'lifted' : isInForce(quarantine, at.getTime()) ? 'in-force' : 'ended';
  return { quarantine, state };
}
