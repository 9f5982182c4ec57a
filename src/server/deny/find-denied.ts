// "Which hosts still run this boot loader?": asked of stored evidence, before anything is applied or after.
import { findingKey } from '../../core/appraisal/index.ts';
import { parseDenyList, readDenyListAhead, type DenyList } from '../../core/deny/index.ts';
import type { Finding } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Steps } from '../fleet/progress.ts';
import { ownTurn } from '../own-turn.ts';
import { viewDenyList } from './deny-lists.ts';
import { judgeFleet, type JudgedHost, type UnreadCode } from './judge-fleet.ts';

export interface DeniedQuestion {
  /** A list that nobody need have signed, or the name of one that is stored. */
  readonly list: { readonly payload: Uint8Array } | { readonly name: string };
  readonly after: string | undefined;
  readonly limit: number;
}

export interface DeniedHost {
  readonly host: string;
  readonly denials: readonly Finding[];
  readonly isProtected: boolean;
}

/** Hosts that one entry is held against, and how. */
export interface DenialGroup {
  readonly finding: Finding;
  readonly hosts: readonly string[];
}

export interface DeniedHosts {
  readonly at: Date;
  /** Active hosts that were looked at. */
  readonly hosts: number;
  readonly denied: number;
  /** The largest first. A host is in each group that holds for it. */
  readonly groups: readonly DenialGroup[];
  readonly items: readonly DeniedHost[];
  readonly next: string | undefined;
  readonly unread: readonly { readonly host: string; readonly code: UnreadCode }[];
}

/** Says how many hosts it looked at, and at last which of them are denied.
 * @throws MalformedError as `parseDenyList`; ServerError DENY_LIST_NOT_FOUND, WHAT_IF_BUSY, FLEET_WALK_LOST */
export async function* findDenied(
  context: ServerContext,
  { list, after = '', limit }: DeniedQuestion,
): Steps<DeniedHosts> {
  const asked = await readList(context, list);
  const release = context.whatIfSlots.take();
  if (release === undefined) throw new ServerError('WHAT_IF_BUSY', undefined, { headers: { 'retry-after': '5' } });
  try {
    const at = context.now();
    const groups = new Map<string, { readonly finding: Finding; readonly hosts: string[] }>();
    const denied: DeniedHost[] = [];
    const unread: { host: string; code: UnreadCode }[] = [];
    const note = ({ hostId, isProtected, denial }: JudgedHost): void => {
      if ('code' in denial) unread.push({ host: hostId, code: denial.code });
      else if (denial.denials.length > 0) denied.push({ host: hostId, denials: denial.denials, isProtected });
    };
    const hosts = yield* judgeFleet(context, { list: asked, isAlone: true, at }, note);
    for (const { host, denials } of denied) {
      for (const finding of denials) {
        const key = findingKey(finding);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, { finding, hosts: [host] });
        else group.hosts.push(host);
      }
    }
    const rest = denied.filter(({ host }) => host > after);
    const items = rest.slice(0, limit);
    const sorted = [...groups.values()].sort((left, right) => right.hosts.length - left.hosts.length);
    const next = rest.length > limit ? items.at(-1)?.host : undefined;
    return { at, hosts, denied: denied.length, groups: sorted, items, next, unread };
  } finally {
    release();
  }
}

async function readList({ store }: ServerContext, list: DeniedQuestion['list']): Promise<DenyList> {
  if ('payload' in list) {
    await readDenyListAhead(list.payload, ownTurn);
    return parseDenyList(list.payload);
  }
  const record = await store.findDenyList(list.name);
  if (record === undefined) throw new ServerError('DENY_LIST_NOT_FOUND', `no deny list ${list.name}`);
  return (await viewDenyList(record)).claimed.untrustedList;
}
