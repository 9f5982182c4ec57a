// identity conflicts: who claimed a name or a TPM that belongs to another.
import { encodeHex, isoTime } from '../../../core/encoding/index.ts';
import type { Handlers } from '../handler.ts';

export const identityConflictOperations: Pick<Handlers, 'listIdentityConflicts'> = {
  listIdentityConflicts: async (_request, { store }) => ({
    status: 200,
    body: {
      items: (await store.listConflicts()).map(({ hostId, ekDigest, code, actor, firstAt, lastAt, count }) => ({
        hostName: hostId,
        ekDigest: encodeHex(ekDigest),
        code,
        actor,
        firstAt: isoTime(firstAt),
        lastAt: isoTime(lastAt),
        count,
      })),
    },
  }),
};
