import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import {
  createApiClient,
  readAllPages,
  routes,
  type ApiClient,
  type OperationId,
  type Prove,
} from '../../../src/api/index.ts';
import { encodePem } from '../../../src/core/encoding/index.ts';
import { createCertificate } from '../../../src/core/issuance/index.ts';
import { checkConfig, initDataDirectory, startServer, type RunningServer } from '../../../src/server/index.ts';
import { access } from '../../../src/server/auth/access.ts';
import { enrol, paperHost, trustSimulator, type EnrolledHost } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, testStart, type TestServer } from '../../support/test-server.ts';

/** Written here by hand and not read from the code: who may call what. `host` is the host itself. */
const matrix: Record<OperationId, string> = {
  createEnrollment: 'joiner operator',
  activateEnrollment: 'none joiner host other-host orchestrator operator auditor monitor',
  createChallenge: 'host',
  createAttestation: 'host',
  getVerdict: 'host orchestrator operator auditor',
  createAdmissionDecision: 'orchestrator operator',
  createAdmissionBatch: 'orchestrator operator',
  reviewKubernetesAdmission: 'orchestrator',
  filterKubernetesNodes: 'orchestrator',
  prioritizeKubernetesNodes: 'orchestrator',
  listHosts: 'orchestrator operator auditor',
  listOutliers: 'operator auditor',
  getNextAttestations: 'operator auditor',
  getHost: 'host orchestrator operator auditor',
  setHostLabels: 'operator',
  releaseHost: 'operator',
  replaceTpm: 'operator',
  retireHost: 'operator',
  listIdentityConflicts: 'operator auditor',
  tryApprovalRules: 'operator auditor',
  listPendingHosts: 'operator auditor',
  approvePendingHost: 'operator',
  rejectPendingHost: 'operator',
  listQuarantines: 'orchestrator operator auditor',
  previewQuarantine: 'operator auditor',
  createQuarantine: 'operator',
  liftQuarantine: 'operator',
  getLockout: 'orchestrator operator auditor',
  endLockout: 'operator',
  listBreakGlass: 'orchestrator operator auditor',
  getBreakGlass: 'orchestrator operator auditor',
  submitBreakGlass: 'operator',
  endBreakGlass: 'operator',
  listDenyLists: 'operator auditor',
  getDenyList: 'operator auditor',
  importDenyList: 'operator',
  removeDenyList: 'operator',
  findDeniedHosts: 'operator auditor',
  getEvidence: 'operator auditor',
  exportHost: 'operator auditor',
  explainHost: 'operator auditor',
  createCapture: 'operator',
  listGoldenMeasurements: 'operator auditor',
  getGoldenMeasurement: 'operator auditor',
  proposeGoldenMeasurement: 'operator',
  signGoldenMeasurement: 'operator',
  retireGoldenMeasurement: 'operator',
  revokeGoldenMeasurement: 'operator',
  listRollouts: 'operator auditor',
  getRollout: 'operator auditor',
  startRollout: 'operator',
  advanceRollout: 'operator',
  pauseRollout: 'operator',
  resumeRollout: 'operator',
  rollBackRollout: 'operator',
  askWhatIf: 'operator auditor',
  listSigners: 'operator auditor',
  createSigner: 'operator',
  removeSigner: 'operator',
  listPolicies: 'operator auditor',
  getPolicy: 'operator auditor',
  putPolicy: 'operator',
  listTrustAnchors: 'operator auditor',
  createTrustAnchor: 'operator',
  importTrustAnchorBundle: 'operator',
  activateTrustAnchor: 'operator',
  withdrawTrustAnchor: 'operator',
  listRevocationLists: 'operator auditor',
  importRevocationLists: 'operator',
  removeRevocationList: 'operator',
  previewRevocationLists: 'operator auditor',
  listIntermediates: 'operator auditor',
  importIntermediates: 'operator',
  removeIntermediate: 'operator',
  allowIntermediateSource: 'operator',
  forgetIntermediateSource: 'operator',
  listRegisteredEks: 'operator auditor',
  registerEk: 'operator',
  unregisterEk: 'operator',
  listTokens: 'operator auditor',
  createToken: 'operator',
  revokeToken: 'operator',
  listAudit: 'operator auditor',
  getAuditCheckpoint: 'operator auditor monitor',
  listEvents: 'orchestrator operator auditor',
  listSubscriptions: 'operator auditor',
  getSubscription: 'operator auditor',
  createSubscription: 'operator',
  removeSubscription: 'operator',
  testSubscription: 'operator',
  replaySubscription: 'operator',
  getAttestationCaCertificate: 'none joiner host other-host orchestrator operator auditor monitor',
  getAttestationCaChain: 'none joiner host other-host orchestrator operator auditor monitor',
  getAttestationCaCrl: 'none joiner host other-host orchestrator operator auditor monitor',
  listSigningKeys: 'operator auditor',
  createSigningKey: 'operator',
  getCoseKeys: 'none joiner host other-host orchestrator operator auditor monitor',
  listAttestationAuthorities: 'none joiner host other-host orchestrator operator auditor monitor',
  getAttestationAuthorityCrl: 'none joiner host other-host orchestrator operator auditor monitor',
  getJwks: 'none joiner host other-host orchestrator operator auditor monitor',
  getMetrics: 'operator auditor monitor',
  getHealth: 'none joiner host other-host orchestrator operator auditor monitor',
  getReadiness: 'none joiner host other-host orchestrator operator auditor monitor',
};

const operations = Object.keys(routes) as OperationId[];

describe('who may do what', () => {
  let server: TestServer;
  const tokens = new Map<string, string | undefined>();
  /** Proofs of the hosts, by token. */
  const provers = new Map<string, Prove>();
  const enrolHost = async (name: string): Promise<EnrolledHost> => {
    const enrolled = await enrol(server, paperHost(name));
    provers.set(enrolled.token, enrolled.prove);
    return enrolled;
  };
  before(async () => {
    server = await startTestServer();
    await trustSimulator(server);
    tokens.set('none', undefined);
    for (const role of ['joiner', 'orchestrator', 'operator', 'auditor', 'monitor'] as const)
      tokens.set(role, await server.token(role));
    tokens.set('host', (await enrolHost('hv-1')).token);
    tokens.set('other-host', (await enrolHost('hv-2')).token);
  });
  after(() => server.close());

  const statusOf = async (operation: OperationId, token: string | undefined): Promise<number> => {
    const { method, path } = routes[operation];
    const url = path
      .replace('{hostId}', 'hv-1')
      .replace('{enrollmentId}', `enr_${'A'.repeat(22)}`)
      .replace('{breakGlassId}', `sha256:${'0'.repeat(64)}`)
      .replace('{goldenId}', `sha256:${'0'.repeat(64)}`)
      .replace('{pendingId}', `pnd_${'A'.repeat(16)}`)
      .replace('{quarantineId}', `qua_${'A'.repeat(16)}`)
      .replace('{denyListName}', 'none')
      .replace('{policyId}', 'none')
      .replace('{rolloutName}', 'none')
      .replace('{anchorId}', '0'.repeat(64))
      .replace('{authorityId}', '0'.repeat(64))
      .replace('{revocationListId}', '0'.repeat(64))
      .replace('{intermediateId}', '0'.repeat(64))
      .replace('{sourceId}', '0'.repeat(64))
      .replace('{ekDigest}', '0'.repeat(64))
      .replace('{subscriptionId}', `sub_${'A'.repeat(16)}`)
      .replace('{keyid}', '0'.repeat(43))
      .replace('{tokenId}', `tok_${'A'.repeat(16)}`);
    const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
    const sent = request(server.url)[verb](url);
    if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
    const text = method === 'POST' || method === 'PUT' ? JSON.stringify({ unknown: true }) : '';
    const body = new TextEncoder().encode(text);
    const proof = await provers.get(token ?? '')?.({ method, path: url, body, at: server.now().getTime() });
    if (proof !== undefined) sent.set('touchstone-proof', proof);
    return (text === '' ? await sent : await sent.type('json').send(text)).status;
  };

  for (const operation of operations) {
    it(`T13: ${operation} is for ${matrix[operation]}`, async () => {
      const allowed = matrix[operation].split(' ');
      for (const [caller, token] of tokens) {
        const status = await statusOf(operation, token);
        const expected = allowed.includes(caller) ? 'let in' : caller === 'none' ? 401 : 403;
        assert.equal(status === 401 || status === 403 ? status : 'let in', expected, `${caller} got ${status}`);
      }
    });
  }

  it('T13: a wrong token is refused everywhere, also where none is needed', async () => {
    const right = tokens.get('operator') ?? '';
    const flipped = right.slice(0, -1) + (right.endsWith('A') ? 'B' : 'A');
    for (const token of ['x', 'tok_aaaaaaaaaaaaaaaa.aaaa', flipped, `${right}A`]) {
      for (const operation of operations) {
        assert.equal(await statusOf(operation, token), 401, `${operation} with ${token}`);
      }
    }
  });

  it('T13: a token that was revoked is refused for every operation, whatever its role was', async () => {
    for (const role of ['joiner', 'orchestrator', 'operator', 'auditor', 'monitor'] as const) {
      const { id, token } = await server.operator.call('createToken', { body: { name: 'short', role } });
      await server.operator.call('revokeToken', { path: { tokenId: id } });
      for (const operation of operations) assert.equal(await statusOf(operation, token), 401, `${role}: ${operation}`);
    }
  });

  it('T13: a token that expired is refused for every operation, and not a second before', async () => {
    const expiring = new Map<string, string>();
    for (const role of ['joiner', 'orchestrator', 'operator', 'auditor', 'monitor'] as const) {
      const body = { name: 'short', role, expiresInSeconds: 10 };
      expiring.set(role, (await server.operator.call('createToken', { body })).token);
    }
    server.advance(9);
    for (const token of expiring.values()) assert.equal(await statusOf('getHealth', token), 200);
    server.advance(1);
    for (const [role, token] of expiring) {
      for (const operation of operations) assert.equal(await statusOf(operation, token), 401, `${role}: ${operation}`);
    }
  });

  it("T13: a host's token ends with its release, and with the next enrolment", async () => {
    const first = await enrolHost('hv-3');
    const second = await enrolHost('hv-3');
    assert.equal(
      (await server.client(second.token, second.prove).call('getHost', { path: { hostId: 'hv-3' } })).id,
      'hv-3',
    );
    for (const operation of operations) assert.equal(await statusOf(operation, first.token), 401, operation);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-3' }, body: { reason: 'x' } });
    for (const operation of operations) assert.equal(await statusOf(operation, second.token), 401, operation);
  });

  it('T13: nothing but a bearer token in the header is taken for one', async () => {
    const token = tokens.get('operator') ?? '';
    const ask = async (authorization: string) =>
      (await request(server.url).get('/v1/hosts').set('authorization', authorization)).status;
    assert.equal(await ask(`bearer ${token}`), 200);
    for (const header of [
      token,
      `Basic ${token}`,
      `Bearer`,
      `Bearer ${token} ${token}`,
      `Bearer "${token}"`,
      `Token ${token}`,
    ]) {
      assert.equal(await ask(header), 401, header.replace(token, 'TOKEN'));
    }
    const other = tokens.get('auditor') ?? '';
    const mixed = `${token.split('.')[0] ?? ''}.${other.split('.')[1] ?? ''}`;
    assert.equal(await ask(`Bearer ${mixed}`), 401, "one token's id with another's secret");
    assert.equal((await request(server.url).get(`/v1/hosts?access_token=${token}`)).status, 401);
  });

  it('the table in the code has exactly the operations of the contract', () => {
    assert.deepEqual(Object.keys(access).sort(), Object.keys(routes).sort());
  });

  it('lists tokens in pages, in order of their ids', async () => {
    const fresh = await startTestServer();
    const ids = [fresh.operatorToken.split('.')[0] ?? ''];
    for (let index = 0; index < 100; index += 1) {
      const body = { name: String(index), role: 'auditor' } as const;
      ids.push((await fresh.operator.call('createToken', { body })).id);
    }
    const unasked = await fresh.operator.call('listTokens', {});
    assert.deepEqual([unasked.items.length, unasked.next], [100, unasked.items.at(-1)?.id]);
    const listed = await readAllPages(({ after }) =>
      fresh.operator.call('listTokens', { query: { limit: 40, ...(after === undefined ? {} : { after }) } }),
    );
    assert.deepEqual(
      listed.map(({ id }) => id),
      ids.sort(),
    );
    await fresh.close();
  });

  it('never shows a token again, and keeps the last operator', async () => {
    const { items } = await server.operator.call('listTokens', {});
    assert.ok(!JSON.stringify(items).includes((tokens.get('operator') ?? '').split('.')[1] ?? 'x'));
    const fresh = await startTestServer();
    const id = fresh.operatorToken.split('.')[0] ?? '';
    await refuses(fresh.operator.call('revokeToken', { path: { tokenId: id } }), 'TOKEN_LAST_OPERATOR', 409);
    await fresh.token('operator');
    await fresh.operator.call('revokeToken', { path: { tokenId: id } });
    await refuses(fresh.operator.call('listTokens', {}), 'AUTH_TOKEN_INVALID', 401);
    await fresh.close();
  });
});

describe('client certificates', () => {
  const hour = 3_600_000;
  const own = certificate('server');
  const pinned = {
    orchestrator: certificate('orchestrator'),
    over: certificate('over', [-2 * hour, -hour]),
    early: certificate('early', [hour, 2 * hour]),
  };
  const clients: ApiClient[] = [];
  let directory: string;
  let server: RunningServer;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'touchstone-tls-'));
    await initDataDirectory(directory, { serverId: 'tls.example', now: testStart });
    mkdirSync(join(directory, 'tls'));
    writeFileSync(join(directory, 'tls/server.crt'), own.certificate);
    writeFileSync(join(directory, 'tls/server.key'), own.key, { mode: 0o600 });
    const settings = {
      serverId: 'tls.example',
      listen: { port: 0 },
      log: { level: 'silent' },
      tls: { certFile: 'tls/server.crt', keyFile: 'tls/server.key' },
      auth: {
        clients: Object.entries(pinned).map(([name, { spkiSha256 }]) => ({ name, role: 'orchestrator', spkiSha256 })),
      },
    };
    server = await startServer(checkConfig(settings, directory), { announce: () => undefined });
  });

  after(async () => {
    for (const client of clients) client.close();
    await server.close(0);
    rmSync(directory, { recursive: true });
  });

  it('T13: a pinned client key has its role while its certificate is valid; another key, signed by whom it will, has none', async () => {
    const known = clientWith(pinned.orchestrator);
    assert.deepEqual((await known.call('listHosts', {})).items, []);
    await refuses(known.call('listAudit', {}), 'AUTH_FORBIDDEN', 403);
    for (const identity of [certificate('stranger'), undefined, pinned.over, pinned.early]) {
      await refuses(clientWith(identity).call('listHosts', {}), 'AUTH_REQUIRED', 401);
    }
  });

  function clientWith(identity: { certificate: string; key: string } | undefined): ApiClient {
    const client = createApiClient({
      baseUrl: server.url,
      ca: own.certificate,
      ...(identity && { clientCertificate: identity.certificate, clientKey: identity.key }),
    });
    clients.push(client);
    return client;
  }
});

/** Valid from and until so many milliseconds from now. */
function certificate(
  name: string,
  [from, until]: readonly [number, number] = [-60_000, 3_600_000],
): { certificate: string; key: string; spkiSha256: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  const subject = [{ type: 'CN', value: name }] as const;
  const now = Date.now();
  const der = createCertificate({
    serial: Uint8Array.of(1),
    subject,
    issuer: subject,
    validity: { notBefore: new Date(now + from), notAfter: new Date(now + until) },
    spki,
    // subjectAltName: IP address 127.0.0.1
    extensions: [{ oid: '2.5.29.17', critical: false, value: Uint8Array.of(0x30, 0x06, 0x87, 0x04, 127, 0, 0, 1) }],
    algorithm: 'ecdsa-sha256',
    sign: (tbs) => new Uint8Array(sign('sha256', tbs, privateKey)),
  });
  return {
    certificate: encodePem('CERTIFICATE', der),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    spkiSha256: createHash('sha256').update(spki).digest('hex'),
  };
}
