// Evidence bundles: whoever has the file, and nothing else, comes to the verdict that the server gave.
import assert from 'node:assert/strict';
import {
  appraiseBundle,
  openEvidenceBundle,
  parseArchive,
  type OwnTrust,
} from '../../../src/core/evidence-bundle/index.ts';
import { decodeUtf8, encodeBase64 } from '../../../src/core/encoding/index.ts';
import { encodeDenyList, denyPayloadType } from '../../../src/core/deny/index.ts';
import { parseTrustAnchors } from '../../../src/core/x509/index.ts';
import { parseJwks, publicKeyFromPem } from '../../../src/core/crypto/index.ts';
import type { Tampering } from '../../../src/simulator/index.ts';
import { makeRoot, pemOf } from '../../support/pki.ts';
import {
  attest,
  authority,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  signStatement,
  submit,
  trustedWorld,
  trustSimulator,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { exportBundle } from '../../support/export.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const tampered: readonly Tampering[] = [
  ...(['changed-command-line', 'secure-boot-disabled', 'changed-boot-loader', 'changed-kernel'] as const),
  ...(['changed-initrd', 'changed-firmware', 'edited-event-data', 'additional-event', 'extended-by-hand'] as const),
  ...(['dropped-event', 'relabelled-event', 'reordered-events', 'truncated-log', 'empty-log', 'no-log'] as const),
  ...(['replayed-quote', 'wrong-magic', 'wrong-type', 'foreign-signature', 'broken-signature'] as const),
  ...(['sha1-only', 'empty-selection', 'resettable-pcrs', 'unrelated-pcr-values'] as const),
  'rolled-back',
];

async function appraise(bytes: Uint8Array, at?: Date, own: OwnTrust = {}) {
  const bundle = await openEvidenceBundle(bytes);
  return { bundle, ...appraiseBundle(bundle, at ?? bundle.attestation.at, own) };
}

describe('a refused host that is exported', () => {
  let server: TestServer;
  let world: TrustedWorld;
  before(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  after(() => server.close());

  for (const tampering of tampered) {
    it(`gives the refusal of ${tampering} again, byte for byte`, async () => {
      if (tampering === 'rolled-back') world.host.tamper(tampering);
      else world.host.reboot({ tampering: [tampering] });
      await attest(world.enrolled, world.host);
      // As it is kept: what a host is told has the advice of that moment besides.
      const { verdict: given } = await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } });
      assert.ok(given !== undefined && given.status !== 'affirming');
      const { verdict, differences } = await appraise(await exportBundle(server));
      assert.deepEqual(differences, []);
      assert.deepEqual(JSON.parse(JSON.stringify(verdict)), given);
    });
  }
});

describe('an exported host', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  it('gives a trusted verdict again, byte for byte', async () => {
    const { verdict: given } = await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } });
    const { verdict, differences, bundle } = await appraise(await exportBundle(server));
    assert.deepEqual(differences, []);
    assert.equal(verdict.status, 'affirming');
    assert.deepEqual(JSON.parse(JSON.stringify(verdict)), given);
    assert.equal(bundle.standing.status, 'affirming');
    assert.equal(bundle.manifest.audit.sequence, (await server.operator.call('listAudit', {})).items.at(-1)?.sequence);
  });

  it('remembers the counters of the boot before, not those of its own', async () => {
    world.host.reboot({});
    const { verdict: given } = await attest(world.enrolled, world.host);
    const { verdict, differences } = await appraise(await exportBundle(server));
    assert.deepEqual([given.boot?.epoch, verdict.boot?.epoch, differences], ['rebooted', 'rebooted', []]);
  });

  it('is worth the same after its golden measurement was revoked, and a new export says that the verdict ended', async () => {
    const before = await exportBundle(server);
    const golden = { path: { goldenId: world.goldens[0] ?? '' }, body: { reason: 'bad shim' } };
    await server.operator.call('revokeGoldenMeasurement', golden);
    assert.deepEqual((await appraise(before)).differences, []);
    const { bundle, verdict, differences } = await appraise(await exportBundle(server));
    assert.deepEqual([verdict.status, differences], ['affirming', []]);
    assert.equal(bundle.standing.status, 'none');
    assert.deepEqual(
      bundle.standing.reasons.map(({ code }) => code),
      ['VERDICT_VOIDED'],
    );
  });

  it('is worth the same after signers, policy, labels and anchors became others', async () => {
    await server.operator.call('setHostLabels', { path: { hostId: 'hv-1' }, body: { labels: { rack: '9' } } });
    const change = { layers: ['firmware' as const], verdictSeconds: 60, hosts: { all: true as const } };
    await server.operator.call('putPolicy', { path: { policyId: 'fleet' }, body: change });
    const { items } = await server.operator.call('listTrustAnchors', {});
    const anchor = { path: { anchorId: items[0]?.id ?? '' }, body: { reason: 'leaked' } };
    await server.operator.call('withdrawTrustAnchor', anchor);
    const { verdict, differences } = await appraise(await exportBundle(server));
    assert.deepEqual([verdict.status, differences], ['affirming', []]);
  });

  it('carries the deny list that refused it', async () => {
    const entries = [
      { id: 'x', reason: 'bad', cves: [], denies: { kind: 'golden' as const, id: world.goldens[0] ?? '' } },
    ];
    const list = { name: 'fleet', version: 1, issuedAt: server.now(), entries };
    const document = { payloadType: denyPayloadType, payload: encodeBase64(encodeDenyList(list)) };
    const signatures = world.operators.map((one) => ({ sig: signStatement(one, document) }));
    await server.operator.call('importDenyList', { body: { envelope: { ...document, signatures } } });
    await attest(world.enrolled, world.host);
    await server.operator.call('removeDenyList', { path: { denyListName: 'fleet' }, body: { reason: 'x' } });
    const { verdict, differences } = await appraise(await exportBundle(server));
    assert.deepEqual(differences, []);
    assert.ok(verdict.findings.some(({ code }) => code === 'DENIED_BY_LIST'));
  });

  it('is refused by whoever trusts other roots or other operators', async () => {
    const bytes = await exportBundle(server);
    const anchors = parseTrustAnchors(new TextEncoder().encode(pemOf(makeRoot().der)), 'mine');
    const byRoots = await appraise(bytes, undefined, { anchors });
    assert.equal(byRoots.verdict.status, 'contraindicated');
    assert.ok(byRoots.verdict.findings.some(({ code }) => code === 'ENDORSEMENT_MISSING'));
    const byNobody = await appraise(bytes, undefined, { anchors: [] });
    assert.ok(byNobody.verdict.findings.some(({ code }) => code === 'ENDORSEMENT_MISSING'));
    const bySigners = await appraise(bytes, undefined, { signers: [] });
    assert.equal(bySigners.verdict.status, 'none');
    assert.equal(bySigners.unapproved.length, world.goldens.length);
    const byQuorum = await appraise(bytes, undefined, { quorum: 3 });
    assert.equal(byQuorum.unapproved.length, world.goldens.length);
  });

  it('is accepted by whoever trusts the same by copies of their own', async () => {
    const bytes = await exportBundle(server);
    const anchors = parseTrustAnchors(authority.rootCertificate, 'simulator', 'virtual');
    const own = await server.operator.call('listSigners', {});
    const signers = own.items.map(({ name, publicKeyPem }) => ({ name, publicKey: publicKeyFromPem(publicKeyPem) }));
    assert.deepEqual((await appraise(bytes, undefined, { anchors, signers, quorum: 2 })).differences, []);
  });

  it('is refused under the keys of another server', async () => {
    const other = await startTestServer();
    try {
      const { body } = await other.operator.callRaw('getJwks', {});
      const bytes = await exportBundle(server);
      await assert.rejects(openEvidenceBundle(bytes, parseJwks(body)), { code: 'VERDICT_TOKEN_KEY_UNKNOWN' });
    } finally {
      await other.close();
    }
  });

  it('has no secret in it', async () => {
    const text = parseArchive(await exportBundle(server))
      .map(({ bytes }) => new TextDecoder('latin1').decode(bytes))
      .join('');
    for (const secret of [server.operatorToken, world.enrolled.token, 'PRIVATE KEY', 'tst_']) {
      assert.ok(!text.includes(secret), secret);
    }
    assert.ok(
      decodeUtf8(
        parseArchive(await exportBundle(server)).find(({ name }) => name === 'README.txt')?.bytes ?? new Uint8Array(),
      ).includes('touchstone verify evidence'),
    );
  });

  it('is only for operators and auditors, of hosts that attested', async () => {
    await refuses(
      server.client(world.enrolled.token, world.enrolled.prove).callRaw('exportHost', { path: { hostId: 'hv-1' } }),
      'AUTH_FORBIDDEN',
    );
    await enrol(server, paperHost('hv-2'));
    await refuses(exportBundle(server, 'hv-2'), 'HOST_EVIDENCE_NONE');
  });

  it('can be exported when the host is refused for the lack of a policy, and after a restart', async () => {
    const bare = await startTestServer();
    try {
      await trustSimulator(bare);
      const host = paperHost('hv-1');
      const enrolled = await enrol(bare, host);
      const { verdict: given } = await submit(enrolled, await evidenceFor(host, await challengeFor(enrolled, host)));
      await bare.restart();
      const { verdict, differences } = await appraise(await exportBundle(bare));
      assert.deepEqual([verdict.status, differences], [given.status, []]);
    } finally {
      await bare.close();
    }
  });
});
