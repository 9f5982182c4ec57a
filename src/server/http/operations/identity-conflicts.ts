// identity conflicts: who claimed a name or a TPM that belongs to another.
import { encodeHex, isoTime } from '../../../core/encoding/index.ts';
import { readActorNames } from '../../auth/actor-names.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';

export const identityConflictOperations: Pick<Handlers, 'listIdentityConflicts'> = {
  listIdentityConflicts: async (_request, { store }) => {
    const conflicts = await store.listConflicts();
    const names = await readActorNames(
      store,
      conflicts.map(({ actor }) => actor),
    );
    const items = conflicts.map(({ hostId, ekDigest, code, actor, firstAt, lastAt, count }) => ({
      hostName: hostId,
      ekDigest: encodeHex(ekDigest),
      code,
      actor,
      ...present('actorName', names.get(actor)),
      firstAt: isoTime(firstAt),
      lastAt: isoTime(lastAt),
      count,
    }));
    return { status: 200, body: { items } };
  },
};
