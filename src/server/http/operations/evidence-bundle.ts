// hosts: what a third party needs to appraise one of them again.
import { exportHost } from '../../evidence/export-host.ts';
import type { Handlers } from '../handler.ts';

export const evidenceBundleOperations: Pick<Handlers, 'exportHost'> = {
  exportHost: async ({ path, query: { verdict, at }, principal: { actor }, signal }, context) => {
    const content = await exportHost(context, path.hostId, {
      asker: { actor, signal: signal() },
      verdict,
      at: at === undefined ? undefined : new Date(at),
    });
    return { status: 200, raw: { mediaType: 'application/x-tar', content } };
  },
};
