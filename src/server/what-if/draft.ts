// A change nobody has made yet, laid over the trust in force.
import { parsePolicy, type AppraisalPolicy } from '../../core/appraisal/index.ts';
import { parseDenyList, readDenyListAhead, type DenyList, type DenyRules } from '../../core/deny/index.ts';
import { readGoldenStatementAhead, supposeApproved, type ApprovedGolden } from '../../core/golden/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { PolicyInForce } from '../golden/trust-cache.ts';
import { readDenyRules } from '../golden/named-goldens.ts';
import { ownTurn } from '../own-turn.ts';
import type { AnchorRecord, HostSelector, RevocationListRecord, RolloutRecord } from '../storage/index.ts';
import { foreseeLapse } from '../trust/signers.ts';

export interface DraftPolicy {
  readonly id: string;
  /** As `putPolicy` takes it, without `hosts`. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly hosts: HostSelector;
}

export interface Draft {
  /** Statements that would be active, as if a quorum had signed them. */
  readonly activate: readonly Uint8Array[];
  /** Stored golden measurements that would be active. */
  readonly activateStored: readonly string[];
  /** Those that would no longer be. To the next appraisal that is one with `revoke`; what was revoked is never held. */
  readonly retire: readonly string[];
  readonly revoke: readonly string[];
  /** Policies as they would be written next. */
  readonly policies: readonly DraftPolicy[];
  /** Payloads of deny lists that would be in force, each in the place of the one of its name. */
  readonly deny: readonly Uint8Array[];
  /** Ids of trust anchors that would vouch for nobody any more. */
  readonly withdraw: readonly string[];
  /** Ids of revocation lists that would be no more. */
  readonly removeLists: readonly string[];
  /** Rollouts as they would be after their next step, each in the place of the one of its name. */
  readonly rollouts: readonly RolloutRecord[];
  /** Ids of keys of signers that would count no more. */
  readonly removeSigners: readonly string[];
}

export const emptyDraft: Draft = {
  activate: [],
  activateStored: [],
  retire: [],
  revoke: [],
  policies: [],
  deny: [],
  withdraw: [],
  removeLists: [],
  rollouts: [],
  removeSigners: [],
};

export interface DraftTrust {
  readonly goldens: readonly ApprovedGolden[];
  readonly policies: readonly PolicyInForce[];
  readonly rollouts: readonly RolloutRecord[];
  readonly denyLists: readonly DenyList[];
  readonly denied: DenyRules | undefined;
}

/** What would be in force, and what ends by it that the draft does not name. */
export interface LaidDraft extends DraftTrust {
  /** Ids of golden measurements that would have too few signatures. */
  readonly lapsed: readonly string[];
  readonly withdrawn: readonly AnchorRecord[];
  readonly removedLists: readonly RevocationListRecord[];
}

/** @throws ServerError GOLDEN_MEASUREMENT_NOT_FOUND, TRUST_ANCHOR_NOT_FOUND, REVOCATION_LIST_NOT_FOUND, SIGNER_NOT_FOUND,
 * REQUEST_INVALID; MalformedError of statements, policies and deny lists */
export async function layDraft(
  context: Pick<ServerContext, 'store' | 'config'>,
  { goldens, policies, rollouts, denyLists, denied }: DraftTrust,
  draft: Draft,
): Promise<LaidDraft> {
  const stored = await Promise.all(draft.activateStored.map((id) => readStored(context, id)));
  const ended = [...draft.retire, ...draft.revoke];
  for (const id of ended) await readStored(context, id);
  const added: ApprovedGolden[] = [];
  for (const statement of [...draft.activate, ...stored]) {
    // One of files takes some tens of milliseconds.
    await ownTurn();
    await readGoldenStatementAhead(statement, ownTurn);
    added.push(supposeApproved(statement));
  }
  for (const payload of draft.deny) await readDenyListAhead(payload, ownTurn);
  const known = new Map([...goldens, ...added].map((golden) => [golden.id, golden]));
  const { lapsed } = await foreseeLapse(context, draft.removeSigners);
  for (const id of [...ended, ...lapsed]) known.delete(id);
  return {
    lapsed,
    withdrawn: await findAnchors(context, draft.withdraw),
    removedLists: await findLists(context, draft.removeLists),
    goldens: [...known.values()],
    policies: replacePolicies(policies, draft.policies),
    rollouts: rollouts.map((each) => draft.rollouts.find(({ name }) => name === each.name) ?? each),
    ...(draft.deny.length === 0
      ? { denyLists, denied }
      : await replaceDenyLists(context, denyLists, draft.deny.map(parseDenyList))),
  };
}

async function readStored({ store }: Pick<ServerContext, 'store'>, id: string): Promise<Uint8Array> {
  const golden = await store.findGolden(id);
  if (golden === undefined) throw new ServerError('GOLDEN_MEASUREMENT_NOT_FOUND', `no golden measurement ${id}`);
  return golden.payload;
}

/** Those that are staged too: they vouch for nobody now. */
async function findAnchors(
  { store }: Pick<ServerContext, 'store'>,
  ids: readonly string[],
): Promise<readonly AnchorRecord[]> {
  const standing = ids.length === 0 ? [] : (await store.listAnchors()).filter((one) => one.withdrawn === undefined);
  return [...new Set(ids)].map((id) => {
    const found = standing.find((anchor) => anchor.id === id);
    if (found === undefined) throw new ServerError('TRUST_ANCHOR_NOT_FOUND', `no trusted anchor ${id}`);
    return found;
  });
}

async function findLists(
  { store }: Pick<ServerContext, 'store'>,
  ids: readonly string[],
): Promise<readonly RevocationListRecord[]> {
  const stored = ids.length === 0 ? [] : await store.listRevocationLists();
  return [...new Set(ids)].map((id) => {
    const found = stored.find((list) => list.id === id);
    if (found === undefined) throw new ServerError('REVOCATION_LIST_NOT_FOUND', `no revocation list ${id}`);
    return found;
  });
}

function replacePolicies(policies: readonly PolicyInForce[], drafts: readonly DraftPolicy[]): readonly PolicyInForce[] {
  const ids = drafts.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw new ServerError('REQUEST_INVALID', 'two drafts of one policy');
  const written = drafts.map(({ id, document, hosts }) => {
    const version = (policies.find((each) => each.id === id)?.policy?.version ?? 0) + 1;
    return { id, hosts, policy: parsePolicy({ ...document, id, version }) };
  });
  return [...policies.filter(({ id }) => !ids.includes(id)), ...written];
}

/** @throws ServerError REQUEST_INVALID when two of them have one name */
export async function replaceDenyLists(
  { store }: Pick<ServerContext, 'store'>,
  lists: readonly DenyList[],
  drafts: readonly DenyList[],
): Promise<Pick<DraftTrust, 'denyLists' | 'denied'>> {
  const names = drafts.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new ServerError('REQUEST_INVALID', 'two drafts of one deny list');
  const denyLists = [...lists.filter(({ name }) => !names.includes(name)), ...drafts];
  const { denied } = await readDenyRules(store, denyLists, { pause: ownTurn });
  return { denyLists, denied };
}

/** What a host's policy is, for telling whether the draft changes it. */
export function policyName(policy: AppraisalPolicy | undefined): string {
  return policy === undefined ? '' : `${policy.id}/${policy.version}`;
}
