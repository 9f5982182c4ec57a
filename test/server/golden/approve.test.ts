import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { decodeBase64, encodeBase64 } from '../../../src/core/encoding/index.ts';
import { encodeGoldenStatement, parseGoldenStatement } from '../../../src/core/golden/index.ts';
import {
  applyPolicy,
  attest,
  authorise,
  bootLayers,
  enrol,
  paperHost,
  propose,
  signStatement,
  trustSimulator,
  type EnrolledHost,
  type Operator,
  type Statement,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';

describe('golden measurements', () => {
  let server: TestServer;
  let host: PaperHost;
  let enrolled: EnrolledHost;
  let alice: Operator;
  let bob: Operator;
  let statements: (Statement & { layer: string; goldenId: string; isNew: boolean })[];
  beforeEach(async () => {
    server = await startTestServer();
    await trustSimulator(server);
    host = paperHost('hv-1');
    enrolled = await enrol(server, host);
    await attest(enrolled, host);
    [alice, bob] = [await authorise(server, 'alice'), await authorise(server, 'bob')];
    ({ statements } = await server.operator.call('createCapture', { path: { hostId: 'hv-1' }, body: {} }));
  });
  afterEach(() => server.close());
  const first = (): (typeof statements)[number] => statements[0]!;

  it('are captured layer by layer, as proposals that change nothing', async () => {
    assert.deepEqual(
      statements.map(({ layer }) => layer),
      bootLayers,
    );
    assert.ok(statements.every(({ isNew }) => isNew));
    assert.deepEqual((await server.operator.call('listGoldenMeasurements', {})).items, []);
  });

  it('become active by a quorum of distinct operators, and only then', async () => {
    const proposed = await propose(server, first(), [alice]);
    assert.deepEqual([proposed.state, proposed.quorum, proposed.id], ['proposed', 2, first().goldenId]);
    const again = await propose(server, first(), [alice]);
    assert.equal(again.state, 'proposed', 'the same signature twice is one');
    const signed = await server.operator.call('signGoldenMeasurement', {
      path: { goldenId: proposed.id },
      body: { sig: signStatement(bob, first()) },
    });
    assert.equal(signed.state, 'active');
    assert.deepEqual(signed.signatures.map(({ signer }) => signer).sort(), ['alice', 'bob']);
  });

  it('do not become active by two keys of one operator', async () => {
    const second = await authorise(server, 'alice');
    assert.equal((await propose(server, first(), [alice, second])).state, 'proposed');
  });

  it('do not count an operator who may not approve the layer', async () => {
    const kernelOnly = await authorise(server, 'carol', ['kernel']);
    assert.equal((await propose(server, first(), [alice, kernelOnly])).state, 'proposed');
  });

  it('rejects when there is nothing to verify: no signature of an authorised signer', async () => {
    const { payload, payloadType } = first();
    const envelope = { payload, payloadType, signatures: [{ sig: signStatement(bob, statements[1]!) }] };
    await refuses(
      server.operator.call('proposeGoldenMeasurement', { body: { envelope } }),
      'GOLDEN_MEASUREMENT_SIGNER_UNKNOWN',
      422,
    );
  });

  it('cannot be signed when they are unknown, nor proposed when they are no statement', async () => {
    const path = { goldenId: `sha256:${'0'.repeat(64)}` };
    const sign = server.operator.call('signGoldenMeasurement', { path, body: { sig: signStatement(bob, first()) } });
    await refuses(sign, 'GOLDEN_MEASUREMENT_NOT_FOUND', 404);
    const envelope = { payload: 'e30=', payloadType: first().payloadType, signatures: [{ sig: 'AAAA' }] };
    const proposal = server.operator.call('proposeGoldenMeasurement', { body: { envelope } });
    await assert.rejects(proposal, { status: 400 });
  });

  it('are not proposed once their time is over, nor counted as active from then on', async () => {
    const statement = parseGoldenStatement(decodeBase64(first().payload));
    const until = async (seconds: number) => {
      const notAfter = new Date(server.now().getTime() + seconds * 1000);
      const payload = encodeBase64(encodeGoldenStatement({ ...statement, notAfter }));
      return propose(server, { payloadType: first().payloadType, payload }, [alice, bob]);
    };
    await refuses(until(0), 'GOLDEN_EXPIRED', 422);
    assert.equal((await until(1)).state, 'active');
    const missed = async () => {
      await server.restart();
      return server.running.shortcomings.find(({ name }) => name === 'goldens')?.message;
    };
    assert.equal(await missed(), undefined);
    server.advance(1);
    assert.equal(await missed(), 'no active golden measurement: every host is denied');
  });

  it('end by retirement or revocation and never come back', async () => {
    const { id } = await propose(server, first(), [alice, bob]);
    const path = { goldenId: id };
    const retired = await server.operator.call('retireGoldenMeasurement', { path, body: { reason: 'replaced' } });
    assert.deepEqual([retired.state, retired.endReason], ['retired', 'replaced']);
    await refuses(propose(server, first(), [alice, bob]), 'GOLDEN_MEASUREMENT_ENDED', 409);
    const retireAgain = () => server.operator.call('retireGoldenMeasurement', { path, body: { reason: 'again' } });
    await refuses(retireAgain(), 'GOLDEN_MEASUREMENT_ENDED', 409);
    const body = { reason: 'flaw', cve: 'CVE-2026-12345' };
    const revoked = await server.operator.call('revokeGoldenMeasurement', { path, body });
    assert.deepEqual([revoked.state, revoked.cve], ['revoked', 'CVE-2026-12345']);
    await refuses(retireAgain(), 'GOLDEN_MEASUREMENT_ENDED', 409);
  });

  it('are not in force when the database says active and the signatures do not', async () => {
    for (const statement of statements) await propose(server, statement, [alice]);
    await applyPolicy(server);
    const database = new Database(join(server.dataDirectory, 'touchstone.db'));
    database.exec("UPDATE goldens SET state = 'active'");
    database.exec("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'trust_revision'");
    database.close();
    const { verdict } = await attest(enrolled, host);
    assert.notEqual(verdict.status, 'affirming');
    assert.ok(verdict.findings.some(({ code }) => code === 'LAYER_GOLDEN_NONE'));
  });

  it('are named in the capture when they match already', async () => {
    await propose(server, first(), [alice, bob]);
    const capture = await server.operator.call('createCapture', {
      path: { hostId: 'hv-1' },
      body: { layers: ['firmware'] },
    });
    assert.deepEqual(
      capture.statements.map(({ layer, isNew }) => [layer, isNew]),
      [['firmware', false]],
    );
  });

  it('are new in a capture where the only one that matches holds no more', async () => {
    const statement = parseGoldenStatement(decodeBase64(first().payload));
    const notAfter = new Date(server.now().getTime() + 60_000);
    const payload = encodeBase64(encodeGoldenStatement({ ...statement, notAfter }));
    await propose(server, { payloadType: first().payloadType, payload }, [alice, bob]);
    const capture = { path: { hostId: 'hv-1' }, body: { layers: [statement.layer] } };
    const isNew = async () =>
      (await server.operator.call('createCapture', capture)).statements.map((each) => each.isNew);
    assert.deepEqual(await isNew(), [false]);
    server.advance(60);
    assert.deepEqual(await isNew(), [true]);
  });

  it('are listed page by page, each with its envelope on demand', async () => {
    for (const statement of statements) await propose(server, statement, [alice, bob]);
    const page = await server.operator.call('listGoldenMeasurements', { query: { limit: 4 } });
    assert.equal(page.items.length, 4);
    const rest = await server.operator.call('listGoldenMeasurements', { query: { after: page.next ?? '' } });
    assert.equal(rest.items.length, statements.length - 4);
    assert.equal(rest.next, undefined);
    const { envelope } = await server.operator.call('getGoldenMeasurement', { path: { goldenId: first().goldenId } });
    assert.equal(envelope?.payload, first().payload);
    assert.equal(envelope.signatures.length, 2);
  });

  it('need two signers unless one is allowed by the named setting', async () => {
    const single = await startTestServer({ settings: { goldenQuorum: 1, allowSingleOperator: true } });
    const solo = await authorise(single, 'solo');
    assert.equal((await propose(single, first(), [solo])).state, 'active');
    assert.ok(single.running.shortcomings.some(({ name }) => name === 'quorum'));
    await single.close();
  });
});
