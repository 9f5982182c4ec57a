// What makers revoke ends the trust that rests on it, and an anchor may demand to know that nothing was.
import assert from 'node:assert/strict';
import { encodePem } from '../../../src/core/encoding/index.ts';
import { makeCrl, makeRoot, testKey } from '../../support/pki.ts';
import { importList, listBody, type issuers, type ListOptions } from '../../support/authority-lists.ts';
import { attest, authority, enrol, paperHost, trustSimulator, trustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const root = encodePem('CERTIFICATE', authority.rootCertificate);

async function ekOf(host: ReturnType<typeof paperHost>): Promise<Uint8Array> {
  const { certificate } = await host.ekCertificates();
  assert.ok(certificate);
  return certificate;
}

describe('revocation of what vouches for TPMs', () => {
  let server: TestServer;
  beforeEach(async () => (server = await startTestServer()));
  afterEach(() => server.close());

  const give = (issuer: keyof typeof issuers, options: Partial<ListOptions> = {}) =>
    importList(server.operator, listBody(issuer, { madeAt: server.now(), ...options }));
  const admit = async (host: string) =>
    server.operator.call('createAdmissionDecision', { body: { host, minimumStatus: 'affirming' } });
  const demand = () =>
    server.operator.call('createTrustAnchor', {
      body: { name: 'simulator', pem: root, scope: 'virtual', revocation: 'require' },
    });
  const codesOf = async (world: Awaited<ReturnType<typeof trustedWorld>>) =>
    (await attest(world.enrolled, world.host)).verdict.findings.map(({ code }) => code);

  it('ends the verdict of a revoked EK at once, and the host gets no other', async () => {
    const world = await trustedWorld(server);
    assert.equal((await admit('hv-1')).decision, 'allow');
    assert.equal((await give('intermediate', { revoked: [await ekOf(world.host)] })).hosts, 1);
    const denied = await admit('hv-1');
    assert.deepEqual([denied.decision, denied.reasons[0]?.code], ['deny', 'VERDICT_VOIDED']);
    assert.ok((await codesOf(world)).includes('ENDORSEMENT_REVOKED'));
    await server.restart();
    assert.equal((await admit('hv-1')).decision, 'deny');
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    assert.ok(items.some(({ action }) => action === 'revocation-list.imported'));
  });

  it('lets no part of a list that its authority splits, and no other part, take back what another revoked', async () => {
    const world = await trustedWorld(server);
    const revoked = [await ekOf(world.host)];
    const [one, other] = ['https://a.example/1.crl', 'https://a.example/2.crl'];
    await give('intermediate', { revoked, point: one });
    for (const options of [{ point: other }, {}]) {
      await give('intermediate', options);
      assert.ok((await codesOf(world)).includes('ENDORSEMENT_REVOKED'));
      assert.equal((await admit('hv-1')).decision, 'deny');
    }
    // The next issue of that very part does.
    server.advance(60);
    await give('intermediate', { point: one });
    assert.ok(!(await codesOf(world)).includes('ENDORSEMENT_REVOKED'));
    assert.equal((await server.operator.call('listRevocationLists', {})).items.length, 3);
  });

  it('ends what rests on a revoked intermediate, and leaves other hosts alone', async () => {
    await trustedWorld(server);
    const other = paperHost('hv-2');
    assert.equal((await give('intermediate', { revoked: [await ekOf(other)] })).hosts, 0);
    assert.equal((await admit('hv-1')).decision, 'allow');
    assert.equal((await give('root', { revoked: [authority.intermediateCertificate] })).hosts, 1);
    assert.equal((await admit('hv-1')).decision, 'deny');
    await refuses(enrol(server, other), 'X509_CERTIFICATE_REVOKED', 422);
  });

  it('leaves alone a host that only sent the revoked certificate beside its own', async () => {
    const stray = await ekOf(paperHost('hv-2'));
    const plain = paperHost('hv-1');
    const ekCertificates = async () => {
      const { certificate, chain } = await plain.ekCertificates();
      return { certificate, chain: [...chain, stray] };
    };
    await trustSimulator(server);
    await enrol(server, { ...plain, ekCertificates });
    assert.equal((await give('intermediate', { revoked: [stray] })).hosts, 0);
    assert.equal((await server.operator.call('getHost', { path: { hostId: 'hv-1' } })).ekVerified, true);
  });

  it('does not enrol a revoked EK, not even where TPMs without certificates may', async () => {
    await server.close();
    server = await startTestServer({ settings: { enrolment: { mode: 'token', allowUnverifiedEk: true } } });
    await trustSimulator(server);
    const host = paperHost('hv-1');
    await give('intermediate', { revoked: [await ekOf(host)] });
    await refuses(enrol(server, host), 'X509_CERTIFICATE_REVOKED', 422);
  });

  it('keeps what an operator vouches for by its key', async () => {
    const { host, enrolled } = await trustedWorld(server);
    const { ekDigest } = await server.operator.call('getHost', { path: { hostId: 'hv-1' } });
    await give('intermediate', { revoked: [await ekOf(host)] });
    await server.operator.call('registerEk', { path: { ekDigest }, body: { label: 'we asked the maker' } });
    assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
  });

  it('is foreseen where a list went stale: by explanations and what-if, which called the host trusted', async () => {
    const world = await trustedWorld(server);
    await give('intermediate');
    server.advance(86_401);
    assert.ok((await codesOf(world)).includes('ENDORSEMENT_REVOCATION_UNKNOWN'));
    const explain = () => server.operator.call('explainHost', { path: { hostId: 'hv-1' } });
    const foretold = async () =>
      (await server.operator.call('askWhatIf', { body: { at: server.now().toISOString() } })).groups.map(
        ({ kind, reason }) => [kind, reason?.code],
      );
    assert.equal((await explain()).next, undefined);
    assert.deepEqual(await foretold(), [['still-refused', 'ENDORSEMENT_REVOCATION_UNKNOWN']]);
    await give('intermediate');
    assert.equal((await explain()).next?.status, 'affirming');
    assert.deepEqual(
      (await foretold()).map(([kind]) => kind),
      ['still-trusted'],
    );
  });

  describe('an anchor that demands lists', () => {
    it('endorses nobody without the lists of every issuer, nor with a stale one', async () => {
      await demand();
      await refuses(enrol(server, paperHost('hv-1')), 'X509_CRL_MISSING', 422);
      await give('intermediate');
      await refuses(enrol(server, paperHost('hv-1')), 'X509_CRL_MISSING', 422);
      await give('root');
      await enrol(server, paperHost('hv-1'));
      server.advance(86_401);
      await refuses(enrol(server, paperHost('hv-2')), 'X509_CRL_STALE', 422);
    });

    it('denies at the first attestation after a list went stale, and no longer once a new one is there', async () => {
      await demand();
      await give('intermediate');
      await give('root', { lastsSeconds: 30 * 86_400 });
      const world = await trustedWorld(server);
      assert.deepEqual(await codesOf(world), ['ENDORSEMENT_LENIENCY']);
      server.advance(86_401);
      assert.ok((await codesOf(world)).includes('ENDORSEMENT_REVOCATION_UNKNOWN'));
      await give('intermediate');
      assert.deepEqual(await codesOf(world), ['ENDORSEMENT_LENIENCY']);
    });
  });

  describe('a list', () => {
    it('is refused when another key made it, when it is no list, and when a newer one is known', async () => {
      await refuses(give('intermediate', { forged: true }), 'X509_CRL_SIGNATURE_INVALID', 422);
      const body = { ...listBody('root', { madeAt: server.now() }), lists: [{ list: root }] };
      await refuses(importList(server.operator, body), 'X509_CRL_MALFORMED', 400);
      await give('root');
      await refuses(give('root', { madeAt: new Date(server.now().getTime() - 1000) }), 'REVOCATION_LIST_OLDER', 409);
    });

    it('is of the authority whose key made it, of several that are sent with it', async () => {
      const both = encodePem('CERTIFICATE', authority.intermediateCertificate) + root;
      const reversed = root + encodePem('CERTIFICATE', authority.intermediateCertificate);
      for (const issuer of [both, reversed]) {
        server.advance(1);
        for (const name of ['intermediate', 'root'] as const) {
          await importList(server.operator, { ...listBody(name, { madeAt: server.now() }), issuers: issuer });
        }
        assert.equal((await server.operator.call('listRevocationLists', {})).items.length, 2);
      }
    });

    it('is refused where no certificate of its issuer that the server holds may sign lists, whichever is named with it', async () => {
      const key = testKey('p256', 'barred');
      const may = makeRoot({ name: 'barred', key });
      const mayNot = makeRoot({ name: 'barred', key, fault: 'no cRLSign' });
      const list = makeCrl(may, {
        thisUpdate: server.now(),
        nextUpdate: new Date(server.now().getTime() + 86_400_000),
      });
      const body = { lists: [{ list: encodePem('X509 CRL', list.der) }], issuers: may.pem };
      const anchor = await server.operator.call('createTrustAnchor', { body: { name: 'barred', pem: mayNot.pem } });
      for (const ask of ['previewRevocationLists', 'importRevocationLists'] as const) {
        const refusal = await refuses(server.operator.call(ask, { body }), 'X509_CRL_SIGNATURE_INVALID', 422);
        assert.match(refusal.message, /may not sign revocation lists/);
      }
      // Paths may go through the other certificate as well: who holds one that may sign lists is believed.
      await server.operator.call('createTrustAnchor', { body: { name: 'may', pem: may.pem } });
      await server.operator.call('importRevocationLists', { body });
      assert.equal(anchor.withdrawnAt, undefined);
    });

    it('is shown with its age', async () => {
      await give('root');
      const fresh = await server.operator.call('listRevocationLists', {});
      assert.deepEqual([fresh.items[0]?.stale, fresh.items[0]?.entries], [false, 0]);
      server.advance(86_401);
      const { items } = await server.operator.call('listRevocationLists', {});
      assert.equal(items[0]?.stale, true);
    });
  });
});
