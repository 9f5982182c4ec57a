// The world of break-glass: a server with two operators, and a host that boots what no golden measurement accepts.
import {
  attest,
  enrol,
  paperHost,
  trustedWorld,
  type EnrolledHost,
  type Operator,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { boundHost, draftBreakGlass, submitBreakGlass, type Draft } from '../../support/break-glass.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';

/** One server for the tests that stand beside the call; each of them has a host of its own, which attested and was refused. */
export function useRefusedHost() {
  let server: TestServer;
  let operators: TrustedWorld['operators'];
  let count = 1;
  let id = '';
  let host: PaperHost;
  let enrolled: EnrolledHost;
  before(async () => {
    server = await startTestServer({ settings: { breakGlass: { longestSeconds: 43_200 } } });
    ({ operators } = await trustedWorld(server));
  });
  after(() => server.close());
  beforeEach(async () => {
    id = `hv-${(count += 1)}`;
    host = paperHost(id, { tampering: ['changed-kernel'] });
    await enrolNow();
  });

  async function enrolNow(): Promise<void> {
    enrolled = await enrol(server, host);
    await again();
  }

  /** The host attests. */
  const again = () => attest({ ...enrolled, client: server.client(enrolled.token, enrolled.prove) }, host);
  const admit = (more: object = {}) => server.operator.call('createAdmissionDecision', { body: { host: id, ...more } });
  const submit = async (draft: Draft = {}, signers: readonly Operator[] = operators) =>
    submitBreakGlass(server, draftBreakGlass(server, [await boundHost(server, id)], draft), signers);
  return {
    get server() {
      return server;
    },
    get operators() {
      return operators;
    },
    get id() {
      return id;
    },
    get host() {
      return host;
    },
    get enrolled() {
      return enrolled;
    },
    again,
    admit,
    decision: async () => (await admit()).decision,
    /** A statement about the boot that the host shows now, signed by both operators. */
    submit,
    begin: async (draft: Draft = {}) => (await submit(draft)).statement,
    end: (breakGlassId: string) =>
      server.operator.call('endBreakGlass', {
        path: { breakGlassId },
        body: { reason: 'golden measurements are active' },
      }),
    /** Entries of these actions, since the host of this test was enrolled. */
    auditOf: async (...actions: string[]) => {
      const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
      const from = items.findLastIndex(({ action, subject }) => action === 'host.enrolled' && subject === id);
      return items.slice(from).filter(({ action }) => actions.includes(action));
    },
    /** Another machine takes the name of the host, which was released. */
    comeBackAsAnother: async () => {
      host = paperHost(id, { seed: `another ${id}`, tampering: ['changed-kernel'] });
      await enrolNow();
    },
  };
}
