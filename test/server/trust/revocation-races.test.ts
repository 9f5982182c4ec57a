// A revocation list beside what goes on meanwhile: hosts that enrol, and enrolments under way.
import assert from 'node:assert/strict';
import { encodeBase64, decodeBase64, encodePem } from '../../../src/core/encoding/index.ts';
import { importList, listBody } from '../../support/authority-lists.ts';
import { attest, authority, enrol, enrolmentBody, paperHost, trustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('a revocation list that comes', () => {
  let server: TestServer;
  type Moment = 'listed' | 'binding' | 'endorsing' | 'saving';
  /** Done once, behind a page of the fleet, before a binding and before it is kept who vouches anew. */
  const meanwhile = new Map<Moment, () => Promise<unknown>>();
  const doOnce = async (moment: Moment) => {
    const work = meanwhile.get(moment);
    meanwhile.delete(moment);
    await work?.();
  };
  beforeEach(async () => {
    meanwhile.clear();
    server = await startTestServer({
      start: {
        wrapStore: (store) => ({
          ...store,
          listHosts: async (page) => {
            const hosts = await store.listHosts(page);
            await doOnce('listed');
            return hosts;
          },
          saveRevocationList: async (...list) => {
            await doOnce('saving');
            return store.saveRevocationList(...list);
          },
          bindHost: async (request) => {
            await doOnce('binding');
            return store.bindHost(request);
          },
          setHostEndorser: async (...found) => {
            await doOnce('endorsing');
            return store.setHostEndorser(...found);
          },
        }),
      },
    });
  });
  afterEach(() => server.close());
  const ekOf = async (host: ReturnType<typeof paperHost>) => {
    const { certificate } = await host.ekCertificates();
    assert.ok(certificate);
    return certificate;
  };
  const give = (issuer: 'intermediate' | 'root', options: object = {}) =>
    importList(server.operator, listBody(issuer, { madeAt: server.now(), ...options }));
  const admit = async (host: string) => server.operator.call('createAdmissionDecision', { body: { host } });

  it('ends what was begun while it looked at the fleet', async () => {
    await trustedWorld(server);
    const late = paperHost('hv-2');
    meanwhile.set('listed', async () => {
      await attest(await enrol(server, late), late);
      assert.equal((await admit('hv-2')).decision, 'allow');
    });
    assert.equal((await give('intermediate', { revoked: [await ekOf(late)] })).hosts, 1);
    assert.equal((await admit('hv-2')).reasons[0]?.code, 'VERDICT_VOIDED');
    assert.equal((await admit('hv-1')).decision, 'allow');
  });

  it('looks at those as well, and ends unseen whoever comes while it has looked five times', async () => {
    await trustedWorld(server);
    const [late, other] = [paperHost('hv-2'), paperHost('hv-3')];
    const join = async (host: ReturnType<typeof paperHost>) => attest(await enrol(server, host), host);
    meanwhile.set('listed', async () => {
      await join(late);
      await join(other);
    });
    assert.equal((await give('intermediate', { revoked: [await ekOf(late)] })).hosts, 1);
    assert.equal((await admit('hv-3')).decision, 'allow', 'not revoked');
    let rounds = 0;
    const joinEachTime = async (): Promise<void> => {
      rounds += 1;
      await join(paperHost(`late-${rounds}`));
      if (rounds < 9) meanwhile.set('saving', joinEachTime);
    };
    meanwhile.set('saving', joinEachTime);
    server.advance(1);
    assert.equal((await give('intermediate', { revoked: [await ekOf(late)] })).hosts, 1);
    assert.equal(rounds, 5);
    assert.equal((await admit('late-4')).decision, 'allow');
    assert.equal((await admit('late-5')).reasons[0]?.code, 'VERDICT_VOIDED');
  });

  it('certifies no key of an enrolment that was opened before', async () => {
    await trustedWorld(server);
    const late = paperHost('hv-2');
    const opened = await server.operator.call('createEnrollment', { body: await enrolmentBody(late) });
    await give('intermediate', { revoked: [await ekOf(late)] });
    const secret = await late.activate(decodeBase64(opened.credentialBlob), decodeBase64(opened.encryptedSecret));
    const body = { secret: encodeBase64(secret) };
    await refuses(
      server.operator.call('activateEnrollment', { path: { enrollmentId: opened.enrollmentId }, body }),
      'X509_CERTIFICATE_REVOKED',
      422,
    );
  });

  it('binds nobody who is revoked while the certificate is made, and who is not, all the same', async () => {
    await trustedWorld(server);
    const [late, other] = [paperHost('hv-2'), paperHost('hv-3')];
    const revoke = async () => give('intermediate', { revoked: [await ekOf(late)] });
    meanwhile.set('binding', revoke);
    await refuses(enrol(server, late), 'X509_CERTIFICATE_REVOKED', 422);
    meanwhile.set('binding', revoke);
    assert.notEqual((await enrol(server, other)).akCertificate, '');
  });

  it('is held against whoever vouches anew for a host that lost its endorser', async () => {
    const { host, enrolled } = await trustedWorld(server);
    const [anchor] = (await server.operator.call('listTrustAnchors', {})).items;
    assert.ok(anchor);
    await server.operator.call('withdrawTrustAnchor', { path: { anchorId: anchor.id }, body: { reason: 'a test' } });
    await server.operator.call('createTrustAnchor', {
      body: { name: 'simulator', pem: encodePem('CERTIFICATE', authority.rootCertificate), scope: 'virtual' },
    });
    meanwhile.set('endorsing', async () => give('intermediate', { revoked: [await ekOf(host)] }));
    const { verdict } = await attest(enrolled, host);
    assert.equal(meanwhile.size, 0);
    assert.notEqual(verdict.status, 'affirming');
    assert.equal((await server.operator.call('getHost', { path: { hostId: 'hv-1' } })).ekVerified, false);
  });

  it('ends what it revokes, also while the list of another authority is stale', async () => {
    const pem = encodePem('CERTIFICATE', authority.rootCertificate);
    await server.operator.call('createTrustAnchor', {
      body: { name: 'simulator', pem, scope: 'virtual', revocation: 'require' },
    });
    await give('root', { lastsSeconds: 30 * 86_400 });
    await give('intermediate');
    const { host, enrolled } = await trustedWorld(server);
    server.advance(86_390);
    await attest(enrolled, host);
    server.advance(20);
    assert.equal((await admit('hv-1')).decision, 'allow');
    await give('root', { revoked: [authority.intermediateCertificate] });
    assert.equal((await admit('hv-1')).decision, 'deny');
  });
});
