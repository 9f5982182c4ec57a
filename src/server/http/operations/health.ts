// health: for load balancers, service managers and monitoring. Nothing in here says who may do what, or about which host.
import { expositionType } from '../../telemetry/exposition.ts';
import { scrape } from '../../telemetry/scrape.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';
import { wireRemembered } from '../wire/remembered.ts';

export const healthOperations: Pick<Handlers, 'getHealth' | 'getReadiness' | 'getMetrics'> = {
  getHealth: () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
  // A server that still admits hosts from memory is worth asking: all replicas lose the database at the same moment.
  // So is one whose disk is full: it answers by what is stored.
  getReadiness: async (_request, { reads, writes }) => {
    const remembered = wireRemembered(await reads.look());
    const readOnly = writes.refusal() === undefined ? undefined : true;
    return {
      status: 200,
      body: { status: 'ok', ...present('remembered', remembered), ...present('readOnly', readOnly) },
    };
  },
  getMetrics: async (_request, context) => {
    return { status: 200, raw: { mediaType: expositionType, content: await scrape(context) } };
  },
};
