// Intermediates that hosts do not send: from operators' files and operators' addresses, never from where evidence points.
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { encodePem } from '../../../src/core/encoding/index.ts';
import { parseCertificate } from '../../../src/core/x509/index.ts';
import { doctor } from '../../../src/server/index.ts';
import { attest, authority, enrol, enrolmentBody, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { makeEk, makeIntermediate, makeRoot } from '../../support/pki.ts';
import { refuses } from '../../support/problems.ts';
import { startPublisher, type Publisher } from '../../support/publisher.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const issuing = parseCertificate(authority.intermediateCertificate);
const pem = encodePem('CERTIFICATE', authority.intermediateCertificate);

/** A host whose TPM holds no chain. */
function lonely(name: string) {
  const host = paperHost(name);
  return { ...host, ekCertificates: async () => ({ ...(await host.ekCertificates()), chain: [] }) };
}

describe('intermediates', () => {
  let server: TestServer;
  let publisher: Publisher;
  let address: string;

  beforeEach(async () => {
    publisher = await startPublisher((_request, response) => response.end(authority.intermediateCertificate));
    ({ address } = publisher);
  });
  afterEach(async () => {
    await server.close();
    await publisher.close();
  });

  const start = async (settings: object = {}) => {
    server = await startTestServer({ settings: { intermediates: { fetchHosts: [address], ...settings } } });
    await trustSimulator(server);
  };
  /** Starts, which looks for what is due, and waits for what comes of it. */
  const looked = async () => {
    await server.restart();
    await server.restart();
  };
  const list = () => server.operator.call('listIntermediates', {});
  const give = (text: string) => server.operator.call('importIntermediates', { body: { pem: text } });
  const allow = (body: { url: string; keyId?: string; name?: string }) =>
    server.operator.call('allowIntermediateSource', { body });
  const actions = async () =>
    (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.map(({ action }) => action);

  it('are noted as missing when a host comes without them, and complete its path once an operator gave them', async () => {
    await start();
    await refuses(enrol(server, lonely('hv-1')), 'X509_PATH_NO_ANCHOR', 422);
    const [missing, ...others] = (await list()).missing;
    assert.deepEqual([missing?.name, missing?.keyId, others], [issuing.subject, issuing.subjectKeyIdHex, []]);
    assert.equal((await give(pem)).items[0]?.subject, issuing.subject);
    assert.deepEqual((await give(pem)).items, [], 'known already');
    const { items, missing: none } = await list();
    assert.deepEqual([items.length, none], [1, []]);
    await enrol(server, lonely('hv-1'));
    assert.ok((await actions()).includes('intermediate.added'));
  });

  it('that are removed leave alone the hosts that enrolled with them, and no other enrols', async () => {
    await start();
    await give(pem);
    const host = lonely('hv-1');
    const enrolled = await enrol(server, host);
    const id = (await list()).items[0]?.id ?? '';
    await server.operator.call('removeIntermediate', { path: { intermediateId: id } });
    await refuses(
      server.operator.call('removeIntermediate', { path: { intermediateId: id } }),
      'INTERMEDIATE_NOT_FOUND',
      404,
    );
    const codes = (await attest(enrolled, host)).verdict.findings.map(({ code }) => code);
    assert.ok(!codes.some((code) => /^ENDORSEMENT_(?!LENIENCY)/.test(code)), codes.join());
    await refuses(enrol(server, lonely('hv-2')), 'X509_PATH_NO_ANCHOR', 422);
  });

  it('that are missing are named in the verdict of a host nobody vouches for, with what to do', async () => {
    server = await startTestServer({ settings: { enrolment: { mode: 'token', allowUnverifiedEk: true } } });
    await trustSimulator(server);
    const host = lonely('hv-1');
    const enrolled = await enrol(server, host);
    const find = async () =>
      (await attest(enrolled, host)).verdict.findings.find(({ check }) => check === 'endorsement');
    const finding = await find();
    assert.equal(finding?.code, 'ENDORSEMENT_UNVERIFIED');
    assert.ok(finding.expected?.includes(issuing.subject) && finding.expected.includes(issuing.subjectKeyIdHex ?? '-'));
    assert.match(finding.remedy ?? '', /touchstone trust-anchor intermediates import/);
    await give(pem);
    assert.notEqual((await find())?.code, 'ENDORSEMENT_UNVERIFIED', 'the next attestation finds them');
  });

  it('are refused as a whole when one is a root, no authority, or leads nowhere', async () => {
    await start();
    const root = encodePem('CERTIFICATE', authority.rootCertificate);
    const foreign = makeRoot({ name: 'Foreign root' });
    const maker = makeRoot({ name: 'Maker root' });
    await server.operator.call('createTrustAnchor', { body: { name: 'maker', pem: maker.pem } });
    const unsuitable = [root, makeIntermediate(foreign).pem, makeEk(foreign).pem, makeEk(maker).pem];
    for (const other of unsuitable) await refuses(give(pem + other), 'INTERMEDIATE_UNSUITABLE', 422);
    assert.deepEqual((await list()).items, []);
  });

  it('are bounded in number', async () => {
    await start({ maximum: 1 });
    const root = makeRoot({ name: 'Maker' });
    await server.operator.call('createTrustAnchor', { body: { name: 'maker', pem: root.pem } });
    await give(makeIntermediate(root, { name: 'first' }).pem);
    await refuses(give(pem), 'INTERMEDIATES_FULL', 409);
    assert.equal((await list()).items.length, 1);
  });

  describe('from an allowed address', () => {
    it('are fetched when an operator says so, and by no request of a host', async () => {
      await start();
      await refuses(enrol(server, lonely('hv-1')), 'X509_PATH_NO_ANCHOR', 422);
      assert.deepEqual(publisher.requests, []);
      const { source, items } = await allow({ url: `http://${address}/ca.crt`, keyId: issuing.subjectKeyIdHex ?? '' });
      assert.deepEqual(
        [source.failure, items[0]?.url, publisher.requests],
        [undefined, `http://${address}/ca.crt`, ['/ca.crt']],
      );
      await enrol(server, lonely('hv-1'));
      assert.deepEqual(publisher.requests, ['/ca.crt']);
      assert.ok((await actions()).includes('intermediate-source.allowed'));
    });

    it('are asked for again in the background once a host misses them, and not before', async () => {
      await start();
      publisher.answer = (_request, response) => response.writeHead(404).end();
      const { source } = await allow({ url: `http://${address}/ca.crt`, name: issuing.subject });
      assert.equal(source.failure, 'INTERMEDIATE_FETCH_FAILED');
      publisher.answer = (_request, response) => response.end(authority.intermediateCertificate);
      await looked();
      assert.equal(publisher.requests.length, 1, 'nobody misses it');
      server.advance(120);
      await refuses(enrol(server, lonely('hv-1')), 'X509_PATH_NO_ANCHOR', 422);
      await looked();
      await enrol(server, lonely('hv-1'));
      assert.deepEqual((await list()).sources[0]?.failure, undefined);
    });

    it('are not taken when they are others, lead nowhere, are none, too many bytes or elsewhere', async () => {
      await start();
      const url = `http://${address}/ca.crt`;
      const foreign = makeIntermediate(makeRoot({ name: 'Foreign root' })).der;
      const cases: readonly (readonly [RequestListener, string])[] = [
        [(_request, response) => response.end(foreign), 'INTERMEDIATE_UNSUITABLE'],
        [(_request, response) => response.end(authority.rootCertificate), 'INTERMEDIATE_UNSUITABLE'],
        [(_request, response) => response.end('<html>'), 'X509_ANCHORS_EMPTY'],
        [(_request, response) => response.end(new Uint8Array(1024 * 1024 + 1)), 'INTERMEDIATE_FETCH_FAILED'],
        [
          (_request, response) => response.writeHead(302, { location: `http://${address}/elsewhere` }).end(),
          'INTERMEDIATE_FETCH_FAILED',
        ],
      ];
      for (const [listener, code] of cases) {
        publisher.answer = listener;
        assert.equal((await allow({ url })).source.failure, code);
      }
      publisher.answer = (_request, response) => response.end(authority.intermediateCertificate);
      for (const other of [{ keyId: '00ff' }, { name: 'CN=Another' }])
        assert.equal((await allow({ url, ...other })).source.failure, 'INTERMEDIATE_UNSUITABLE');
      assert.deepEqual((await list()).items, []);
      assert.ok(!publisher.requests.includes('/elsewhere'));
      assert.equal((await list()).sources.length, 1, 'one address is one source');
    });

    it('are refused from addresses of other hosts, and no more fetched once the address is forgotten', async () => {
      await start();
      const refused = ['https://elsewhere.example/x', `ftp://${address}/x`, `http://user@${address}/x`, 'x'];
      for (const url of refused) await refuses(allow({ url }), 'INTERMEDIATE_URL_REFUSED', 422);
      const { source } = await allow({ url: `http://${address}/ca.crt` });
      await server.operator.call('forgetIntermediateSource', { path: { sourceId: source.id } });
      server.advance(10 * 86_400);
      await looked();
      assert.equal(publisher.requests.length, 1);
      const again = server.operator.call('forgetIntermediateSource', { path: { sourceId: source.id } });
      await refuses(again, 'INTERMEDIATE_NOT_FOUND', 404);
    });
  });

  it('that are missing are noted once, however often hosts ask', async () => {
    await start();
    const body = await enrolmentBody(lonely('hv-1'));
    await refuses(server.operator.call('createEnrollment', { body }), 'X509_PATH_NO_ANCHOR', 422);
    await refuses(server.operator.call('createEnrollment', { body }), 'X509_PATH_NO_ANCHOR', 422);
    assert.equal((await list()).missing.length, 1);
  });

  it('that end soon, anchors that do, and stale lists are what the doctor warns of', async () => {
    await start();
    await give(pem);
    const { dataDirectory } = server;
    await server.running.close(0);
    const named = async (at: Date) =>
      new Map((await doctor(dataDirectory, at)).map(({ name, ok, message }) => [name, { ok, message }]));
    const good = await named(server.now());
    for (const name of ['intermediate-ends', 'anchor-ends', 'revocation-lists'])
      assert.equal(good.get(name)?.ok, true, name);
    const ending = await named(new Date(issuing.notAfter.getTime() - 86_400_000));
    assert.equal(ending.get('intermediate-ends')?.ok, false);
    assert.ok(ending.get('intermediate-ends')?.message.includes(issuing.subject));
    await server.restart();
  });
});
