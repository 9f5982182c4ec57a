// what-if: what a change would do to the fleet, before anybody makes it.
import type { components } from '../../../api/index.ts';
import { decodeBase64, isoTime } from '../../../core/encoding/index.ts';
import { askWhatIf } from '../../what-if/ask.ts';
import type { Endings } from '../../what-if/endings.ts';
import type { WhatIf, WhatIfGroup, WhatIfQuestion, WithdrawnAnchor } from '../../what-if/walk-what-if.ts';
import type { TrustedNow } from '../../what-if/trusted-now.ts';
import type { LockoutForecast } from '../../lockout/forecast.ts';
import type { Handlers } from '../handler.ts';
import { answerSteps } from './lines.ts';
import { groupByCode, namedHosts } from './named-hosts.ts';
import { wireBringsBack } from '../wire/golden.ts';
import { present } from '../wire/present.ts';
import { selectorOf } from '../wire/selector.ts';
import { wireFinding } from '../wire/verdict.ts';

type Schemas = components['schemas'];

export const whatIfOperations: Pick<Handlers, 'askWhatIf'> = {
  askWhatIf: async ({ body, accept }, context) =>
    answerSteps(askWhatIf(context, questionOf(body)), { accept, wire: wireWhatIf }),
};

function questionOf({
  activate = [],
  retire = [],
  revoke = [],
  policies = [],
  deny = [],
  withdrawAnchors = [],
  removeRevocationLists = [],
  removeSigners = [],
  labels,
  at,
}: Schemas['WhatIfRequest']): WhatIfQuestion {
  return {
    draft: {
      activate: activate.flatMap(({ statement }) => (statement === undefined ? [] : [decodeBase64(statement)])),
      activateStored: activate.flatMap(({ goldenId }) => (goldenId === undefined ? [] : [goldenId])),
      retire,
      revoke,
      policies: policies.map(({ id, policy: { hosts, ...document } }) => ({ id, document, hosts: selectorOf(hosts) })),
      deny: deny.map(decodeBase64),
      withdraw: withdrawAnchors,
      removeLists: removeRevocationLists,
      rollouts: [],
      removeSigners,
    },
    ...present('labels', labels),
    ...(at === undefined ? {} : { at: new Date(at) }),
  };
}

const shownGroups = 200;

function wireWhatIf(whatIf: WhatIf): Schemas['WhatIf'] {
  const { at, hosts, counts, groups, endings, unknown, protectedLosses, lockout, policies, broughtBack, withdrawn, lapsed } = whatIf; // prettier-ignore
  return {
    at: at.toISOString(),
    hosts,
    lost: counts.lost,
    gained: counts.gained,
    stillRefused: counts['still-refused'],
    stillTrusted: counts['still-trusted'],
    groups: groups.slice(0, shownGroups).map((group) => wireGroup(group, endings)),
    furtherGroups: Math.max(0, groups.length - shownGroups),
    unknown: groupByCode(unknown),
    protectedLosses: protectedLosses.slice(0, namedHosts),
    ...present('lockout', lockout && wireForecast(lockout)),
    policies: [...policies].map(([id, judged]) => ({ id, hosts: judged })),
    broughtBack: [...broughtBack].map(([goldenId, found]) => ({ goldenId, bringsBack: wireBringsBack(found) })),
    ...present('withdrawnAnchors', withdrawn.length === 0 ? undefined : withdrawn.map(wireWithdrawn)),
    ...present('lapsed', lapsed && [...lapsed]),
  };
}

function wireWithdrawn({ hosts, ...anchor }: WithdrawnAnchor) {
  return { ...anchor, count: hosts.length, hosts: hosts.slice(0, namedHosts) };
}

function wireForecast({ outcome, holdable, held, until }: LockoutForecast): Schemas['WhatIfLockout'] {
  return { outcome, holdable, held, ...present('until', until?.toISOString()) };
}

function wireGroup(group: WhatIfGroup, endings: Endings): Schemas['WhatIfGroup'] {
  const { kind, count, hosts, reason, ended, trustedNow } = group;
  return {
    kind,
    count,
    hosts: hosts.slice(0, namedHosts),
    ...present('reason', reason && wireFinding(reason)),
    ...present('ended', ended.length === 0 ? undefined : wireEnded(ended, endings)),
    ...present('trustedNow', trustedNow && wireTrustedNow(trustedNow)),
  };
}

function wireTrustedNow({ count, until, dueBy }: TrustedNow): Schemas['WhatIfGroup']['trustedNow'] {
  return { count, until: isoTime(until), ...present('dueBy', dueBy === undefined ? undefined : isoTime(dueBy)) };
}

/** So many of what one group rested on are named: more than one only where files that ran were approved by several. */
const namedEndings = 16;

function wireEnded(ended: readonly string[], endings: Endings): Schemas['WhatIfEnding'][] {
  return ended.slice(0, namedEndings).flatMap((goldenId) => {
    const ending = endings.get(goldenId);
    return ending === undefined ? [] : [{ goldenId, ...ending }];
  });
}
