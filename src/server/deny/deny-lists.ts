// Deny lists on their way into force and out of it.
import {
  parseDenyEnvelope,
  readDenyEnvelopeAhead,
  verifyDenyList,
  type ClaimedDenyList,
  type DenyList,
} from '../../core/deny/index.ts';
import { printable } from '../../core/encoding/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Steps } from '../fleet/progress.ts';
import { readSigners } from '../golden/approve.ts';
import { ownTurn } from '../own-turn.ts';
import { unlessDamaged, type DenyJudgement, type DenyListRecord } from '../storage/index.ts';
import type { Passage } from '../what-if/protection.ts';
import { createJudge, judgeFleet, type HostDenial, type JudgedHost } from './judge-fleet.ts';

export interface DenyListView {
  readonly record: DenyListRecord;
  readonly claimed: ClaimedDenyList;
}

export interface DenyListEnd {
  readonly name: string;
  readonly reason: string;
  readonly actor: string;
}

/** How often hosts that attested meanwhile are looked at before their verdicts end unseen. */
const maximumRounds = 5;

/**
 * Puts a list into force that a quorum signed. Says how many hosts it looked at, and returns how many lost their verdicts by it.
 *
 * @throws MalformedError, VerificationError as `verifyDenyList`; ServerError DENY_LIST_OUTDATED, DENY_LIST_FROM_THE_FUTURE
 */
export async function* importDenyList(
  context: ServerContext,
  envelope: Uint8Array,
  { actor, passage }: { readonly actor: string; readonly passage: Passage },
): Steps<DenyListView & { readonly hosts: number }> {
  const { store, config } = context;
  await readDenyEnvelopeAhead(envelope, ownTurn);
  const { list, id, signatures } = verifyDenyList(envelope, {
    signers: await readSigners(context),
    quorum: config.goldenQuorum,
  });
  const at = context.now();
  if (list.issuedAt > at)
    throw new ServerError('DENY_LIST_FROM_THE_FUTURE', `issued at ${list.issuedAt.toISOString()}`);
  await refuseOutdated(context, list);
  const { name, version, entries } = list;
  const record = { name, version, envelope, storedAt: at.getTime(), storedBy: actor };
  const signers = signatures.map(({ signer }) => signer);
  const details = { version, digest: id, entries: entries.length, signers, ...passage.details };
  const audit = { at: at.getTime(), actor, action: 'deny-list.imported', subject: name, details };
  const judgement = yield* judge(context, list, at);
  for (let round = 1; ; round += 1) {
    const voidUnjudged = round >= maximumRounds;
    const outcome = await store.saveDenyList(record, { ...judgement, voidUnjudged, revision: passage.revision, audit });
    if (outcome === 'older') throw new ServerError('DENY_LIST_OUTDATED');
    if ('hosts' in outcome) return { ...(await findDenyList(context, name)), hosts: outcome.hosts };
    await judgement.judgeAgain(outcome.unjudged);
  }
}

/** @throws ServerError DENY_LIST_NOT_FOUND */
export async function removeDenyList(
  context: ServerContext,
  { name, reason, actor }: DenyListEnd,
): Promise<DenyListView> {
  const text = printable(reason, 1024);
  const { record } = await findDenyList(context, name);
  const details = { version: record.version, reason: text };
  const audit = { at: context.now().getTime(), actor, action: 'deny-list.removed', subject: name, details };
  if (!(await context.store.removeDenyList(name, { reason: text, audit }))) throw new ServerError('DENY_LIST_REMOVED');
  return findDenyList(context, name);
}

/** @throws ServerError DENY_LIST_NOT_FOUND */
export async function findDenyList({ store }: ServerContext, name: string): Promise<DenyListView> {
  const record = await store.findDenyList(name);
  if (record === undefined) throw new ServerError('DENY_LIST_NOT_FOUND', `no deny list ${name}`);
  return viewDenyList(record);
}

/** The largest takes a tenth of a second to read: others have their turns meanwhile. */
export async function viewDenyList(record: DenyListRecord): Promise<DenyListView> {
  await readDenyEnvelopeAhead(record.envelope, ownTurn);
  return { record, claimed: parseDenyEnvelope(record.envelope) };
}

/** Asked again in the transaction; here it saves the look at the fleet. */
async function refuseOutdated({ store }: ServerContext, { name, version }: DenyList): Promise<void> {
  const known = await store.findDenyList(name);
  if (known !== undefined && known.version >= version) {
    throw new ServerError('DENY_LIST_OUTDATED', `version ${known.version} of ${name} was imported already`);
  }
}

interface Judging extends Pick<DenyJudgement, 'judged' | 'denied' | 'disowned'> {
  readonly judgeAgain: (hosts: readonly string[]) => Promise<void>;
}

/** Looks at the whole fleet under what would be in force. Hosts that attest meanwhile are looked at again. */
async function* judge(context: ServerContext, list: DenyList, at: Date): Steps<Judging> {
  const question = { list, isAlone: false, at };
  const judged = new Map<string, number>();
  const denied = new Map<string, { readonly code: string; readonly message: string }>();
  const disowned = new Set<string>();
  const note = ({ hostId, sequence, isDisowned, denial }: JudgedHost): void => {
    // A host that cannot be read stays unjudged: its verdict ends.
    if (sequence === undefined) return;
    judged.set(hostId, sequence);
    if (isDisowned) disowned.add(hostId);
    const reason = reasonOf(denial);
    if (reason === undefined) denied.delete(hostId);
    else denied.set(hostId, reason);
  };
  yield* judgeFleet(context, question, note);
  const judgeAgain = async (hosts: readonly string[]): Promise<void> => {
    const judgeHost = await createJudge(context, question);
    for (const hostId of hosts) {
      const record = await unlessDamaged(() => context.store.findFleetHost(hostId));
      if (record !== undefined) note(await judgeHost(record));
    }
  };
  return { judged, denied, disowned, judgeAgain };
}

/** A host nobody can judge is not one that is free of what is denied. One without evidence has no verdict that could end. */
function reasonOf(denial: HostDenial): { readonly code: string; readonly message: string } | undefined {
  if ('code' in denial) {
    if (denial.code !== 'SERVER_INTERNAL') return undefined;
    return { code: 'DENIED_UNPROVEN', message: 'it could not be held against a deny list' };
  }
  const [first] = denial.denials;
  return first && { code: first.code, message: first.message };
}
