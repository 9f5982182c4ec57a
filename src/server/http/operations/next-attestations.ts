// hosts: when they come next, and feel by that what was changed.
import type { components } from '../../../api/index.ts';
import { isoTime } from '../../../core/encoding/index.ts';
import { readNextAttestations, type Returns } from '../../fleet/next-attestations.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';

type Schemas = components['schemas'];

export const nextAttestationOperations: Pick<Handlers, 'getNextAttestations'> = {
  getNextAttestations: async ({ query }, context) => {
    const { at, trusted, untrusted, isPart } = await readNextAttestations(context, {
      policyId: query.policy,
      rollouts: query.rollouts?.split(','),
      isLastStep: query.lastStep ?? false,
      layers: query.layers?.split(','),
    });
    const until = trusted.until === undefined ? undefined : isoTime(trusted.until);
    const body = {
      at: at.toISOString(),
      trusted: { ...wireReturns(trusted), ...present('until', until) },
      untrusted: wireReturns(untrusted),
      partial: isPart,
    };
    return { status: 200, body };
  },
};

function wireReturns({ hosts, overdue, unasked, dueBy }: Returns): Schemas['Returns'] {
  return { hosts, overdue, unasked, ...present('dueBy', dueBy === undefined ? undefined : isoTime(dueBy)) };
}
