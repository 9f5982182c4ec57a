import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { encodePem } from '../../../src/core/encoding/index.ts';
import {
  authority,
  bootLayers,
  applyPolicy,
  attest,
  authorise,
  enrol,
  paperHost,
  trustSimulator,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('what trust rests on', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());
  const lastAudit = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.at(-1);

  it('lets no operator token bring about a quorum of its own where signers are locked', async () => {
    const locked = await startTestServer({ settings: { lockSigners: true } });
    await refuses(authorise(locked, 'mallory'), 'SIGNERS_LOCKED', 403);
    assert.deepEqual((await locked.operator.call('listSigners', {})).items, []);
    await locked.close();
  });

  describe('policies', () => {
    const put = (body: object) => server.operator.call('putPolicy', { path: { policyId: 'p' }, body: body as never });
    const good = { layers: bootLayers, hosts: { all: true } };

    it('get a new version with each change, and each change is in the audit log', async () => {
      const first = await put(good);
      assert.deepEqual([first.version, first.bank, first.verdictSeconds], [1, 'sha256', 3600]);
      const second = await put({ ...good, requireFacts: { secureBoot: 'enabled' }, hosts: { labels: { zone: 'a' } } });
      assert.equal(second.version, 2);
      assert.deepEqual(await server.operator.call('getPolicy', { path: { policyId: 'p' } }), second);
      assert.deepEqual((await server.operator.call('listPolicies', {})).items, [second]);
      const entry = await lastAudit();
      assert.deepEqual([entry?.action, entry?.subject, entry?.details['version']], ['policy.written', 'p', 2]);
    });

    it('reject when there is nothing to verify: no layer, no host', async () => {
      await refuses(put({ ...good, layers: [] }), 'REQUEST_INVALID', 400);
      await refuses(put({ ...good, hosts: {} }), 'REQUEST_INVALID', 400);
      await refuses(put({ ...good, hosts: { names: [] } }), 'REQUEST_INVALID', 400);
      await refuses(put({ ...good, hosts: { labels: {} } }), 'REQUEST_INVALID', 400);
      await refuses(put({ ...good, hosts: { all: false } }), 'REQUEST_INVALID', 400);
    });

    it('refuse SHA-1, unknown facts, unknown fields and two selectors', async () => {
      await refuses(put({ ...good, bank: 'sha1' }), 'REQUEST_INVALID', 400);
      await refuses(put({ ...good, requireFacts: { secureBoot: 'disabled' } }), 'REQUEST_INVALID', 400);
      await refuses(put({ ...good, requireFacts: { other: 1 } }), 'REQUEST_INVALID', 400);
      await refuses(put({ ...good, acceptAll: true }), 'REQUEST_INVALID', 400);
      await refuses(put({ ...good, hosts: { all: true, names: ['a'] } }), 'REQUEST_INVALID', 400);
      await refuses(server.operator.call('getPolicy', { path: { policyId: 'unknown' } }), 'POLICY_NOT_FOUND', 404);
    });

    describe('with conditions', () => {
      let local: TestServer;
      let world: TrustedWorld;
      before(async () => {
        local = await startTestServer();
        world = await trustedWorld(local);
      });
      after(() => local.close());
      const condition = {
        name: 'no-quiet',
        expression: '!("quiet" in kernelCommandLine)',
        description: 'Boots are seen.',
        remedy: 'Take quiet out.',
      };
      const path = { policyId: 'fleet' };
      const write = (expression: string) => {
        const conditions = [{ ...condition, expression }];
        const body = { ...good, layers: bootLayers, hosts: { all: true as const }, conditions };
        return local.operator.call('putPolicy', { path, body });
      };
      const judge = async () => (await attest(world.enrolled, world.host)).verdict;

      it('refuse what is no good CEL at its place, and judge by what was there before', async () => {
        await refuses(write('!("quiet" in kernelComandLine)'), 'APPRAISAL_CONDITION_INVALID', 400);
        await refuses(write('secureBoot == 1'), 'APPRAISAL_CONDITION_INVALID', 400);
        await refuses(write('a\u0007'), 'REQUEST_INVALID', 400);
        assert.equal((await judge()).status, 'affirming');
      });

      it('keep them, and judge hosts by them', async () => {
        assert.deepEqual((await write(condition.expression)).conditions, [condition]);
        assert.deepEqual((await local.operator.call('getPolicy', { path })).conditions, [condition]);
        const { status, findings } = await judge();
        assert.equal(status, 'contraindicated');
        const errors = findings.filter(({ severity }) => severity === 'error');
        assert.deepEqual(
          errors.map(({ code, expected, remedy }) => [code, expected, remedy]),
          [['FACT_CONDITION_REFUSED', condition.expression, condition.remedy]],
        );
        await write('size(kernelCommandLine) > 2');
        assert.equal((await judge()).status, 'affirming');
      });
    });

    it('decide by the labels that operators gave, and a host starts without any', async () => {
      const local = await startTestServer();
      await trustSimulator(local);
      const host = paperHost('hv-1');
      const enrolled = await enrol(local, host);
      await applyPolicy(local, 'zone-a', { hosts: { labels: { zone: 'a' } } });
      assert.equal((await attest(enrolled, host)).verdict.policy, undefined);
      await local.operator.call('setHostLabels', { path: { hostId: 'hv-1' }, body: { labels: { zone: 'a' } } });
      assert.equal((await attest(enrolled, host)).verdict.policy?.id, 'zone-a');
      const path = { hostId: 'nobody' };
      await refuses(local.operator.call('setHostLabels', { path, body: { labels: {} } }), 'HOST_NOT_FOUND', 404);
      await local.close();
    });
  });

  describe('signers', () => {
    const add = (publicKeyPem: string) =>
      server.operator.call('createSigner', { body: { name: 'alice', publicKeyPem } });
    const pem = (key: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer }) =>
      key.export({ type: 'spki', format: 'pem' }).toString();

    it('are authorised once, by key, and listed', async () => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const signer = await add(pem(publicKey));
      assert.match(signer.keyid, /^[A-Za-z0-9_-]{43}$/);
      assert.equal((await lastAudit())?.action, 'signer.added');
      await refuses(add(pem(publicKey)), 'SIGNER_EXISTS', 409);
      assert.deepEqual((await server.operator.call('listSigners', {})).items, [signer]);
    });

    it('whose key was taken away are none, and no operator brings that key back', async () => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { keyid } = await add(pem(publicKey));
      const remove = () => server.operator.call('removeSigner', { path: { keyid }, body: { reason: 'laptop stolen' } });
      assert.deepEqual(await remove(), { name: 'alice', keyid, lapsed: [] });
      const { items } = await server.operator.call('listSigners', {});
      assert.ok(items.every((signer) => signer.keyid !== keyid));
      const entry = await lastAudit();
      assert.deepEqual([entry?.action, entry?.subject], ['signer.removed', 'alice']);
      assert.deepEqual(entry?.details, { keyid, reason: 'laptop stolen', lapsed: [] });
      await refuses(remove(), 'SIGNER_NOT_FOUND', 404);
      await refuses(add(pem(publicKey)), 'SIGNER_REMOVED', 409);
    });

    it('do not use weak keys, and never send a private one', async () => {
      const weak = generateKeyPairSync('rsa', { modulusLength: 2048 });
      await refuses(add(pem(weak.publicKey)), 'SIGNER_KEY_UNSUITABLE', 422);
      const secret = weak.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      await refuses(add(secret), 'SIGNER_KEY_UNSUITABLE', 422);
      await refuses(
        add('-----BEGIN PUBLIC KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n-----END PUBLIC KEY-----\n'),
        'CRYPTO_KEY_INVALID',
        422,
      );
    });
  });

  describe('tokens', () => {
    it('count enrolments where they let enrol, and nowhere else', async () => {
      const create = (role: 'joiner' | 'orchestrator' | 'auditor') =>
        server.operator.call('createToken', { body: { name: 'rack 7', role, enrolments: 3 } });
      assert.ok((await create('joiner')).token);
      for (const role of ['orchestrator', 'auditor'] as const) await refuses(create(role), 'REQUEST_INVALID', 400);
    });
  });

  describe('trust anchors', () => {
    const add = (pem: string) => server.operator.call('createTrustAnchor', { body: { name: 'root', pem } });
    const root = encodePem('CERTIFICATE', authority.rootCertificate);

    it('are added once, by certificate, and listed with their end', async () => {
      const anchor = await add(root);
      assert.deepEqual([anchor.scope, anchor.name], ['vendor', 'root']);
      assert.match(anchor.subject, /Touchstone simulator root/);
      await refuses(add(root), 'TRUST_ANCHOR_EXISTS', 409);
      assert.deepEqual((await server.operator.call('listTrustAnchors', {})).items, [anchor]);
    });

    it('are certificates of authorities, one at a time', async () => {
      const leaf = authority.certify({
        spki: new Uint8Array(
          generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }),
        ),
        keyType: 'ec',
        commonName: 'leaf',
      });
      await refuses(add(encodePem('CERTIFICATE', leaf)), 'X509_ANCHOR_NOT_CA', 400);
      const two = root + encodePem('CERTIFICATE', authority.intermediateCertificate);
      await refuses(add(two), 'TRUST_ANCHOR_UNSUITABLE', 422);
      await refuses(add('x'.repeat(100)), 'X509_ANCHORS_EMPTY', 400);
    });
  });
});
