// hosts: what a third party needs to appraise one of them again.
import { exportHost } from '../../evidence/export-host.ts';
import type { Handlers } from '../handler.ts';

export const evidenceBundleOperations: Pick<Handlers, 'exportHost'> = {
  exportHost: async ({ path }, context) => {
    const bytes = await exportHost(context, path.hostId);
    return { status: 200, raw: { mediaType: 'application/x-tar', bytes } };
  },
};
