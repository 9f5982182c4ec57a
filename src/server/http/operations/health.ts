// health: for load balancers and service managers. Nothing in here says who may do what, or about which host.
import type { Handlers } from '../handler.ts';

export const healthOperations: Pick<Handlers, 'getHealth' | 'getReadiness'> = {
  getHealth: () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
  getReadiness: async (_request, { store }) => {
    await store.ping();
    return { status: 200, body: { status: 'ok' } };
  },
};
