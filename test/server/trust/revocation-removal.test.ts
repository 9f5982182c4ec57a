// A revocation list that is removed: who is believed again, who is not any more, and that nobody is by accident.
import assert from 'node:assert/strict';
import { encodePem } from '../../../src/core/encoding/index.ts';
import { importList, listBody, type issuers, type ListOptions } from '../../support/authority-lists.ts';
import { attest, authority, enrol, paperHost, trustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startPublisher } from '../../support/publisher.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const root = encodePem('CERTIFICATE', authority.rootCertificate);

describe('the removal of a revocation list', () => {
  let server: TestServer;
  beforeEach(async () => (server = await startTestServer()));
  afterEach(() => server.close());

  const give = (issuer: keyof typeof issuers, options: Partial<ListOptions> = {}) =>
    importList(server.operator, listBody(issuer, { madeAt: server.now(), ...options }));
  const demand = () =>
    server.operator.call('createTrustAnchor', {
      body: { name: 'simulator', pem: root, scope: 'virtual', revocation: 'require' },
    });
  const remove = ({ id, thisUpdate }: { id: string; thisUpdate: string }, query = {}) =>
    server.operator.call('removeRevocationList', {
      path: { revocationListId: id },
      query,
      body: { thisUpdate, reason: 'of the test authority' },
    });
  const foretold = async (id: string) =>
    (await server.operator.call('askWhatIf', { body: { removeRevocationLists: [id] } })).groups.map(
      ({ kind, reason, hosts }) => [kind, reason?.code, hosts],
    );
  const ekOf = async (host: ReturnType<typeof paperHost>) => {
    const { certificate } = await host.ekCertificates();
    assert.ok(certificate);
    return certificate;
  };
  const stored = async () => (await server.operator.call('listRevocationLists', {})).items.map(({ id }) => id);
  const decision = async () => (await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision; // prettier-ignore
  const auditOf = async (action: string) =>
    (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.find((entry) => entry.action === action)
      ?.details;

  it('gives hosts that it denied their endorser at their next attestation, not before, and is foretold', async () => {
    const world = await trustedWorld(server);
    const stranger = paperHost('hv-2');
    const list = await give('intermediate', { revoked: [await ekOf(world.host), await ekOf(stranger)] });
    assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'contraindicated');
    await refuses(enrol(server, stranger), 'X509_CERTIFICATE_REVOKED', 422);
    assert.deepEqual(await foretold(list.id), [['gained', 'ENDORSEMENT_REVOKED', ['hv-1']]]);
    assert.deepEqual(await stored(), [list.id]);

    const removed = await remove(list);
    assert.deepEqual([removed.id, removed.entries], [list.id, 2]);
    assert.equal(await decision(), 'deny');
    assert.deepEqual(await stored(), []);
    assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'affirming');
    assert.equal(await decision(), 'allow');
    await enrol(server, stranger);
    const { issuer, thisUpdate, entries, reason } = (await auditOf('revocation-list.removed')) ?? {};
    assert.deepEqual([issuer, thisUpdate, entries, reason], [list.issuer, list.thisUpdate, 2, 'of the test authority']);
    // Imported again it counts as it did: another import takes the removal back.
    assert.equal((await give('intermediate', { revoked: [await ekOf(world.host)] })).hosts, 1);
    assert.equal(await decision(), 'deny');
  });

  it('denies whose anchor demands one, and says so before', async () => {
    await demand();
    const list = await give('intermediate');
    await give('root');
    const world = await trustedWorld(server);
    assert.deepEqual(await foretold(list.id), [['lost', 'ENDORSEMENT_REVOCATION_UNKNOWN', ['hv-1']]]);
    await remove(list);
    const { findings } = (await attest(world.enrolled, world.host)).verdict;
    assert.ok(findings.some(({ code }) => code === 'ENDORSEMENT_REVOCATION_UNKNOWN'));
    await refuses(enrol(server, paperHost('hv-2')), 'X509_CRL_MISSING', 422);
  });

  it('gives nobody what another list keeps from it, nor what an anchor did not', async () => {
    const world = await trustedWorld(server);
    const ek = await give('intermediate', { revoked: [await ekOf(world.host)] });
    const above = await give('root', { revoked: [authority.intermediateCertificate] });
    assert.deepEqual(await foretold(ek.id), [['still-refused', 'ENDORSEMENT_REVOKED', ['hv-1']]]);
    assert.deepEqual(
      (await server.operator.call('askWhatIf', { body: { removeRevocationLists: [ek.id, above.id] } })).groups.map(
        ({ kind }) => kind,
      ),
      ['gained'],
    );
    await remove(ek);
    assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'contraindicated');
  });

  it('is refused of a list that is not there, and of another than the one that was looked at', async () => {
    await refuses(remove({ id: '0'.repeat(64), thisUpdate: server.now().toISOString() }), 'REVOCATION_LIST_NOT_FOUND', 404); // prettier-ignore
    const first = await give('intermediate');
    server.advance(60);
    const next = await give('intermediate');
    await refuses(remove(first), 'REVOCATION_LIST_OTHER', 409);
    assert.deepEqual(await stored(), [next.id]);
    const unknown = { removeRevocationLists: ['0'.repeat(64)] };
    await refuses(server.operator.call('askWhatIf', { body: unknown }), 'REVOCATION_LIST_NOT_FOUND', 404);
    await remove(next);
    await refuses(remove(next), 'REVOCATION_LIST_NOT_FOUND', 404);
  });

  it('takes no newer one that comes at that very moment', async () => {
    const first = await give('intermediate');
    server.advance(60);
    let comes = true;
    await server.restart({
      wrapStore: (store) => ({
        ...store,
        removeRevocationList: async (...removal) => {
          if (comes) {
            comes = false;
            await give('intermediate');
          }
          return store.removeRevocationList(...removal);
        },
      }),
    });
    await refuses(remove(first), 'REVOCATION_LIST_OTHER', 409);
    assert.equal((await stored()).length, 1);
  });

  it('is refused where a protected host would lose trust by it, unless operators say so', async () => {
    await server.close();
    server = await startTestServer({ settings: { lockout: { protected: [{ names: ['hv-1'] }] } } });
    await demand();
    const list = await give('intermediate');
    await give('root');
    await trustedWorld(server);
    await refuses(remove(list), 'CHANGE_LOSES_PROTECTED', 409);
    assert.equal((await stored()).length, 2);
    await remove(list, { includeProtected: true });
    assert.deepEqual((await auditOf('revocation-list.removed'))?.['protectedHosts'], ['hv-1']);
  });

  it('ends the fetching too: what was on its way does not bring the list back', async () => {
    const publisher = await startPublisher((_request, response) => response.writeHead(404).end());
    try {
      await server.close();
      server = await startTestServer({ settings: { revocation: { fetchHosts: [publisher.address] } } });
      const url = `http://${publisher.address}/ca.crl`;
      const list = await importList(server.operator, listBody('root', { madeAt: server.now() }, url));
      server.advance(3600);
      const [newer] = listBody('root', { madeAt: server.now() }).lists;
      let asked = 0;
      publisher.answer = (_request, response) => {
        asked += 1;
        // It was asked while the list was there, and answers when it no longer is.
        void remove(list).then(() => response.end(newer?.list));
      };
      await server.restart();
      for (let round = 0; round < 500 && (asked === 0 || (await stored()).length > 0); round += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      // Closing waits for the refresher.
      await server.restart();
      assert.deepEqual([asked, await stored()], [1, []]);
    } finally {
      await publisher.close();
    }
  });
});
