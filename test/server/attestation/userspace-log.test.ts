// Hosts whose system measures after the boot (systemd), over the API: asked for their log once, trusted by it, not without it.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { decodeBase64, encodeBase64, encodeCbor, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import type { CborValue } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import type { AttestationResult } from '../../../src/api/index.ts';
import { ordinaryUserspace } from '../../../src/simulator/index.ts';
import {
  attest,
  bootLayers,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type SentEvidence,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('a host whose running system measures', () => {
  let server: TestServer;
  let world: TrustedWorld;
  let log: Uint8Array;
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server, 'hv-1', { userspace: ordinaryUserspace });
    log = (await world.host.userspaceLog()) ?? assert.fail();
  });
  afterEach(() => server.close());

  const summary = () => ({ userspaceLog: { sha256: encodeHex(hash('sha256', log)), length: log.length } });
  const codesOf = ({ verdict }: AttestationResult): string[] => verdict.findings.map(({ code }) => code);
  const countLogs = (): unknown => {
    const database = new Database(join(server.dataDirectory, 'touchstone.db'), { readonly: true });
    const named = 'SELECT event_log FROM attestations UNION SELECT userspace_log FROM attestations';
    const count = database.prepare(`SELECT count(*) FROM logs WHERE sha256 IN (${named})`).pluck().get();
    database.close();
    return count;
  };

  it('is captured and trusted by what booted, whatever its system measured after that', async () => {
    const result = await attest(world.enrolled, world.host);
    assert.deepEqual(codesOf(result), ['ENDORSEMENT_LENIENCY']);
    assert.equal(result.verdict.status, 'affirming');
  });

  it('is trusted by the golden measurements of a host that runs no such system', async () => {
    const plain = paperHost('hv-2');
    const enrolled = await enrol(server, plain);
    assert.equal((await attest(enrolled, plain)).verdict.status, 'affirming');
  });

  it('is asked for PCR 15 and for its log, once', async () => {
    const { client, hostId } = world.enrolled;
    const first = await challengeFor(world.enrolled);
    assert.ok(first.pcrSelection[0]?.pcrs.includes(15));
    assert.equal(first.want.userspaceLog, true);
    const next = await client.call('createChallenge', { path: { hostId }, body: { logs: summary() } });
    assert.equal(next.want.userspaceLog, false);
    const evidence = await evidenceFor(world.host, next);
    assert.equal(evidence.userspaceLog, undefined);
    assert.equal((await submit(world.enrolled, evidence)).verdict.status, 'affirming');
  });

  it('may send a longer log than the one the server holds: that one is used', async () => {
    const { client, hostId } = world.enrolled;
    const next = await client.call('createChallenge', { path: { hostId }, body: { logs: summary() } });
    const userspaceLog = encodeBase64(Uint8Array.of(...log, ...log));
    const result = await submit(world.enrolled, { ...(await evidenceFor(world.host, next)), userspaceLog });
    assert.deepEqual(codesOf(result), ['ENDORSEMENT_LENIENCY', 'LOG_USERSPACE_LATER']);
  });

  for (const tampering of ['no-userspace-log', 'false-userspace-record', 'extended-by-hand'] as const) {
    it(`is not trusted with ${tampering}, and says which register is unproved`, async () => {
      world.host.reboot({ tampering: [tampering] });
      const result = await attest(world.enrolled, world.host);
      assert.notEqual(result.verdict.status, 'affirming');
      assert.ok(codesOf(result).some((code) => code === 'LOG_PCR_MISMATCH' || code === 'LAYER_PCR_UNLOGGED'));
    });
  }

  it('gives the log back with its evidence, to appraise again', async () => {
    const evidence = await server.operator.call('getEvidence', { path: { hostId: 'hv-1' } });
    assert.deepEqual(decodeBase64(evidence.userspaceLog ?? ''), log);
  });

  it('shares its log with others that say the same, as one', async () => {
    assert.equal(countLogs(), 2);
    const twin = paperHost('hv-2', { userspace: ordinaryUserspace });
    await attest(await enrol(server, twin), twin);
    assert.equal(countLogs(), 2);
  });

  it('sends it as bytes in CBOR', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    const answer = await world.enrolled.client.callRaw('createAttestation', {
      path: { hostId: world.enrolled.hostId },
      headers: { 'content-type': 'application/cbor' },
      body: cborOf(evidence),
    });
    const { verdict } = JSON.parse(new TextDecoder().decode(answer.body)) as AttestationResult;
    assert.equal(verdict.status, 'affirming');
  });

  it('is told that a log is too long to send, before anybody reads it', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    const userspaceLog = encodeBase64(new Uint8Array(4 * 1024 * 1024 + 3));
    await refuses(submit(world.enrolled, { ...evidence, userspaceLog }), 'REQUEST_INVALID', 400);
  });

  it('may send what is no log at all: it is left aside, and named', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    const result = await submit(world.enrolled, { ...evidence, userspaceLog: encodeBase64(encodeUtf8('nonsense')) });
    assert.ok(codesOf(result).includes('LOG_USERSPACE_UNREADABLE'));
    assert.notEqual(result.verdict.status, 'affirming');
  });

  it('cannot be captured where it keeps its log to itself: the gaps are named', async () => {
    world.host.reboot({ tampering: ['no-userspace-log'] });
    await attest(world.enrolled, world.host);
    const capture = await server.operator.call('createCapture', { path: { hostId: 'hv-1' }, body: {} });
    assert.deepEqual(capture.statements, []);
    assert.deepEqual(
      capture.gaps.filter(({ layer }) => layer !== 'confidential-guest').map(({ layer }) => layer),
      bootLayers,
    );
  });
});

function cborOf(evidence: SentEvidence): Uint8Array<ArrayBuffer> {
  const bytes = (text: string): Uint8Array => decodeBase64(text);
  const { challengeId, attest: statement, signature, pcrs, eventLog, userspaceLog } = evidence;
  const banks = Object.entries(pcrs).map(([bank, values]) => [bank, new Map(Object.entries(values))] as const);
  const members: readonly (readonly [string, CborValue])[] = [
    ['challengeId', challengeId],
    ['attest', bytes(statement)],
    ['signature', bytes(signature)],
    ['pcrs', new Map(banks)],
    ['eventLog', bytes(eventLog ?? '')],
    ['userspaceLog', bytes(userspaceLog ?? '')],
  ];
  return new Uint8Array(encodeCbor(new Map(members)));
}
