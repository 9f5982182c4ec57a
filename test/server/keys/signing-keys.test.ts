// One signing key follows another, and no relying party meets a token it cannot verify, or can verify one that was withdrawn.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decode } from 'cbor-x';
import { parseJwks, parseJwk, type VerificationKey } from '../../../src/core/crypto/index.ts';
import { encodeBase64url, type JsonObject } from '../../../src/core/encoding/index.ts';
import { verifyDecisionJwt, verifyEarCwt, verifyEarJwt, type VerifiedEar } from '../../../src/core/verdict/index.ts';
import { followSigningKeys } from '../../../src/server/keys/signing-keys.ts';
import { trustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const day = 86_400;

describe('signing keys', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
    await trustedWorld(server);
  });
  afterEach(() => server.close());

  const rotate = async (wishes: object = {}) =>
    server.operator.call('createSigningKey', { body: { reason: 'test', ...wishes } });
  const jwks = async () => {
    const { body } = await server.client().callRaw('getJwks', {});
    return parseJwks(body);
  };
  const fetchToken = async (format: 'jwt' | 'cwt', query: Record<string, string> = {}) => {
    const headers = { accept: `application/eat+${format}` };
    const { body } = await server.operator.callRaw('getVerdict', { path: { hostId: 'hv-1' }, query, headers });
    return body;
  };
  const expectation = () => ({ at: server.now() });
  const verifyJwt = async (token: Uint8Array, keys: readonly VerificationKey[]): Promise<VerifiedEar> =>
    verifyEarJwt(new TextDecoder().decode(token), keys, expectation());
  const states = async () =>
    (await server.operator.call('listSigningKeys', {})).items.map(({ kid, state }) => [kid, state]);
  const files = () =>
    readdirSync(join(server.dataDirectory, 'keys')).filter((name) => name.startsWith('token-signing'));

  it('are read again by another process of the same server, and none that it did not know is lost', () => {
    const folder = join(server.dataDirectory, 'keys');
    const [one, other] = [followSigningKeys(folder), followSigningKeys(folder)];
    const at = server.now();
    const kidsOf = (keys: typeof one) => keys.published(at).map((key) => key.kid);
    const [before = ''] = kidsOf(one);
    const { kid } = one.rotate({ kind: 'EdDSA', signsFrom: at, withdrawOthers: false }, at);
    assert.equal(other.at(at).kid, kid);
    const later = new Date(at.getTime() + 1000);
    const next = other.rotate({ kind: 'ES256', signsFrom: later, withdrawOthers: false }, at);
    assert.deepEqual(kidsOf(one), [before, kid, next.kid]);
    const last = other.rotate({ kind: 'ES256', signsFrom: at, withdrawOthers: true }, at);
    assert.deepEqual(kidsOf(one), [last.kid]);
  });

  it('is published a day before it signs, and as long afterwards as a token may hold', async () => {
    const [first] = await jwks();
    const next = await rotate({ alg: 'EdDSA' });
    assert.equal(next.state, 'next');
    assert.deepEqual(
      (await jwks()).map(({ kid }) => kid),
      [first?.kid, next.kid],
    );
    assert.equal((await verifyJwt(await fetchToken('jwt'), await jwks())).kid, first?.kid);
    server.advance(day - 1);
    assert.equal((await verifyJwt(await fetchToken('jwt'), await jwks())).kid, first?.kid);
    server.advance(1);
    assert.equal((await verifyJwt(await fetchToken('jwt'), await jwks())).kid, next.kid);
    assert.deepEqual(await states(), [[first?.kid, 'retired'], [next.kid, 'signing']]); // prettier-ignore
    server.advance(7 * day - 1);
    assert.equal((await jwks()).length, 2);
    server.advance(1);
    assert.deepEqual(
      (await jwks()).map(({ kid }) => kid),
      [next.kid],
    );
  });

  for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
    it(`signs JWT, CWT and decisions with ${alg}, which the published keys verify`, async () => {
      const { kid } = await rotate({ alg, signsInSeconds: 0 });
      assert.equal((await verifyJwt(await fetchToken('jwt'), await jwks())).kid, kid);
      const cose = await coseKeys(server);
      assert.equal(verifyEarCwt(await fetchToken('cwt'), cose, expectation()).kid, kid);
      const { token } = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
      const who = { issuer: 'test.example', audience: 'touchstone:admission', host: 'hv-1' };
      assert.equal((await verifyDecisionJwt(token, await jwks(), { at: server.now(), ...who })).decision, 'allow');
    });
  }

  it('survives a restart, which finds every key where it was', async () => {
    await rotate({ signsInSeconds: 0 });
    await rotate({ alg: 'RS256' });
    const before = await states();
    await server.restart();
    assert.deepEqual(await states(), before);
  });

  it('keeps no private key that signs no more, and lets nobody else read those that do', async () => {
    await rotate({ signsInSeconds: 0 });
    server.advance(60);
    assert.equal(files().length, 3, 'the first still signs until the moment the second begins');
    await rotate({ signsInSeconds: 0 });
    assert.equal(files().length, 3);
    const folder = join(server.dataDirectory, 'keys');
    assert.ok(!readdirSync(folder).includes('token-signing.pem'));
    for (const file of files()) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    assert.equal((await jwks()).length, 3, 'tokens of the first may still hold');
  });

  it('replaces a key that waits for its time', async () => {
    const waiting = await rotate();
    const instead = await rotate({ signsInSeconds: 60 });
    assert.ok(!(await jwks()).some(({ kid }) => kid === waiting.kid));
    server.advance(60);
    assert.equal((await verifyJwt(await fetchToken('jwt'), await jwks())).kid, instead.kid);
  });

  it('attack 46: withdraws what a compromised key signed, at once', async () => {
    const old = await fetchToken('jwt');
    await verifyJwt(old, await jwks());
    const { kid, state } = await rotate({ withdrawOthers: true });
    assert.equal(state, 'signing');
    assert.deepEqual(
      (await jwks()).map((key) => key.kid),
      [kid],
    );
    await assert.rejects(verifyJwt(old, await jwks()), { code: 'VERDICT_TOKEN_KEY_UNKNOWN' });
    assert.equal((await verifyJwt(await fetchToken('jwt'), await jwks())).kid, kid);
    await server.restart();
    assert.deepEqual(
      (await jwks()).map((key) => key.kid),
      [kid],
    );
  });

  it('leaves an audit entry for each', async () => {
    const { kid } = await rotate({ reason: 'yearly rotation' });
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    const entry = items.find(({ action }) => action === 'signing-key.created');
    assert.equal(entry?.subject, kid);
    assert.deepEqual(entry.details['reason'], 'yearly rotation');
  });

  it('keeps a server from starting over keys that were changed, lost or opened to others', async () => {
    await rotate({ signsInSeconds: 0 });
    const folder = join(server.dataDirectory, 'keys');
    const manifest = join(folder, 'token-signing.json');
    const good = readFileSync(manifest, 'utf8');
    const later = files().find((name) => /^token-signing-.*pem$/.test(name)) ?? '';
    const key = readFileSync(join(folder, later));
    const refusesToStart = async (code: string) => {
      await assert.rejects(server.restart(), { code });
      writeFileSync(manifest, good);
      writeFileSync(join(folder, later), key);
      chmodSync(join(folder, later), 0o600);
      await server.restart();
    };
    for (const bad of [
      '',
      '{}',
      '{"keys": []}',
      good.replaceAll(/"signsFrom": "2[^"]*"/g, '"signsFrom": "1970-01-01T00:00:00.000Z"'),
      good.replace(later, '../../etc/passwd'),
      good.replace('ES256', 'none'),
    ]) {
      writeFileSync(manifest, bad);
      await refusesToStart('KEY_FILE_INVALID');
    }
    rmSync(join(folder, later));
    await refusesToStart('KEY_FILE_INVALID');
    writeFileSync(join(folder, later), readFileSync(join(folder, 'token-signing.pem')));
    await refusesToStart('KEY_FILE_INVALID');
    chmodSync(join(folder, later), 0o640);
    await refusesToStart('KEY_FILE_EXPOSED');
  });

  describe('a relying party', () => {
    it('gets the generation, the audience and the nonce it asks for', async () => {
      const nonce = new Uint8Array(16).fill(7);
      for (const generation of ['veraison-2023', 'draft-2025', 'draft-2026']) {
        const query = { generation, audience: 'billing.example', nonce: encodeBase64url(nonce) };
        const token = new TextDecoder().decode(await fetchToken('jwt', query));
        const expected = { at: server.now(), audience: 'billing.example', nonce, issuer: 'test.example' };
        const { ear } = await verifyEarJwt(token, await jwks(), expected);
        assert.equal(ear.generation, generation);
        await assert.rejects(verifyEarJwt(token, await jwks(), { ...expected, audience: 'other.example' }));
        await assert.rejects(verifyEarJwt(token, await jwks(), { ...expected, nonce: nonce.map((byte) => byte + 1) }));
        const cwt = await fetchToken('cwt', query);
        assert.equal(verifyEarCwt(cwt, await jwks(), expected).ear.generation, generation);
      }
    });

    it('is told what is wrong with its wishes', async () => {
      for (const query of [
        { nonce: 'short' },
        { nonce: '-'.repeat(12) + 'B' },
        { generation: 'next' },
        { audience: '' },
      ] as const)
        await refuses(fetchToken('jwt', query), 'REQUEST_INVALID', 400);
    });

    it('never takes a tag of one token for another', async () => {
      const path = { hostId: 'hv-1' };
      const headers = { accept: 'application/eat+jwt' };
      const tag = async (query: Record<string, string>) =>
        (await server.operator.callRaw('getVerdict', { path, query, headers })).headers['etag'];
      const tags = [await tag({}), await tag({ audience: 'a' }), await tag({ generation: 'draft-2026' })];
      assert.equal(new Set(tags).size, 3);
    });

    it('verifies with the example of docs/tokens.md', async () => {
      const page = readFileSync(new URL('../../../docs/tokens.md', import.meta.url), 'utf8');
      const example = /```js\n(.*?)```/s.exec(page)?.[1] ?? '';
      assert.ok(example.split('\n').length <= 20, 'it is short');
      // The example believes the real clock, as it must.
      const today = await startTestServer({ at: new Date() });
      try {
        await trustedWorld(today);
        const headers = { accept: 'application/eat+jwt' };
        const path = { hostId: 'hv-1' };
        const { body } = await today.operator.callRaw('getVerdict', { path, query: { audience: 'me' }, headers });
        const run = (...args: readonly string[]) =>
          promisify(execFile)(process.execPath, [
            '--input-type=module',
            '--eval',
            example,
            '--',
            'verify.mjs',
            today.url,
            ...args,
          ]);
        const token = new TextDecoder().decode(body);
        const { stdout } = await run('test.example', 'me', token);
        assert.deepEqual((JSON.parse(stdout) as JsonObject)['status'], 'affirming');
        await assert.rejects(run('test.example', 'somebody-else', token));
        await assert.rejects(run('other.example', 'me', token));
      } finally {
        await today.close();
      }
    }).timeout(30_000);
  });
});

/** The key set for CWT as another library reads it, made keys of ours by way of JWK. */
async function coseKeys(server: TestServer): Promise<readonly VerificationKey[]> {
  const { body, headers } = await server.client().callRaw('getCoseKeys', { headers: { accept: '*/*' } });
  assert.equal(headers['content-type'], 'application/cose-key-set');
  const rows = decode(Buffer.from(body)) as readonly unknown[];
  assert.ok(rows.length > 0);
  return rows.map((row) => {
    const key =
      row instanceof Map
        ? row
        : new Map(Object.entries(row as object).map(([name, value]) => [Number(name), value as unknown]));
    const text = (label: number) => encodeBase64url(new Uint8Array(key.get(label) as Uint8Array));
    const members: Record<number, JsonObject> = {
      1: { kty: 'OKP', crv: 'Ed25519', x: key.has(-2) ? text(-2) : '' },
      2: { kty: 'EC', crv: 'P-256', x: key.has(-2) ? text(-2) : '', y: key.has(-3) ? text(-3) : '' },
      3: { kty: 'RSA', n: key.get(-1) instanceof Uint8Array ? text(-1) : '', e: key.has(-2) ? text(-2) : '' },
    };
    const algs: Record<number, string> = { [-7]: 'ES256', [-8]: 'EdDSA', [-257]: 'RS256' };
    const kid = new TextDecoder().decode(key.get(2) as Uint8Array);
    return parseJwk({ ...members[key.get(1) as number], kid, alg: algs[key.get(3) as number] ?? '' });
  });
}
