// A list of IMA that goes on: the agent sends what was added, and what is judged and kept is the whole. Decision 48.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createNextChallenge, exchangeEvidence } from '../../../src/agent/index.ts';
import type { ApiClient, AttestationRequest, AttestationResult } from '../../../src/api/index.ts';
import { hashHex } from '../../../src/core/crypto/index.ts';
import { concatBytes, decodeBase64, encodeBase64, encodeHex } from '../../../src/core/encoding/index.ts';
import { parseImaList } from '../../../src/core/ima/index.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';
import {
  applyPolicy,
  authorise,
  bootLayers,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  propose,
  submit,
  trustSimulator,
  type EnrolledHost,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const lab = (run: string, name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/lab/boot/${run}/${name}`, import.meta.url)));
const eventLog = lab('sb-on', 'binary_bios_measurements');
const list = lab('sb-on', 'ima_binary_runtime_measurements');
const { entries } = parseImaList(list);
/** The list as it was when so many files had been measured. */
const upTo = (count: number) => list.subarray(0, entries[count]?.offset ?? list.length);

/** An agent, and what it sent. */
function agentOf({ client, hostId }: EnrolledHost, host: PaperHost) {
  const sent: AttestationRequest[] = [];
  const call: ApiClient['call'] = (operation, input) => {
    if (operation === 'createAttestation') sent.push((input as { readonly body: AttestationRequest }).body);
    return client.call(operation, input);
  };
  const next = createNextChallenge();
  const state = { hostId, serverId: 'test.example', akName: encodeHex(host.akName) };
  return { sent, attest: () => exchangeEvidence({ ...client, call }, host, state, next) };
}

describe('an IMA list that goes on', () => {
  let server: TestServer;
  let host: PaperHost;
  let enrolled: EnrolledHost;
  let agent: ReturnType<typeof agentOf>;
  let number = 0;

  before(async () => {
    server = await startTestServer();
    await trustSimulator(server);
    await applyPolicy(server, 'fleet', { layers: [...bootLayers, 'runtime'] });
    const golden = paperHost('golden', { eventLog, imaLog: list });
    await agentOf(await enrol(server, golden), golden).attest();
    const operators = [await authorise(server, 'alice'), await authorise(server, 'bob')];
    const layers = [...bootLayers, 'runtime' as const];
    const { statements } = await server.operator.call('createCapture', {
      path: { hostId: 'golden' },
      body: { layers },
    });
    for (const statement of statements) await propose(server, statement, operators);
  });
  after(() => server.close());

  beforeEach(async () => {
    number += 1;
    host = paperHost(`hv-${number}`, { eventLog, imaLog: upTo(3) });
    enrolled = await enrol(server, host);
    agent = agentOf(enrolled, host);
  });

  const stored = () => server.operator.call('getEvidence', { path: { hostId: enrolled.hostId } });
  const codes = ({ verdict }: AttestationResult) => verdict.findings.map(({ code }) => code);
  const lastSent = () => agent.sent.at(-1) as AttestationRequest;

  it('is sent whole once, then what was added, and nothing where nothing was; the whole is kept and judged', async () => {
    assert.equal((await agent.attest()).verdict.status, 'affirming');
    assert.deepEqual([lastSent().imaLog, lastSent().imaLogOffset], [encodeBase64(upTo(3)), undefined]);
    for (const [from, to] of [
      [3, 5],
      [5, 6],
      [6, entries.length],
    ] as const) {
      // prettier-ignore
      host.measureOn(upTo(to));
      assert.equal((await agent.attest()).verdict.status, 'affirming');
      const { imaLog = '', imaLogOffset, eventLog: sentAgain } = lastSent();
      assert.deepEqual(decodeBase64(imaLog), upTo(to).subarray(upTo(from).length));
      assert.deepEqual([imaLogOffset, sentAgain], [upTo(from).length, undefined]);
      assert.equal((await stored()).imaLog, encodeBase64(upTo(to)));
    }
    await agent.attest();
    assert.deepEqual([lastSent().imaLog, lastSent().imaLogOffset], [undefined, undefined]);
    assert.equal((await stored()).imaLog, encodeBase64(list));
  });

  it('is refused for what was added, as if it had come whole', async () => {
    await agent.attest();
    const evil = lab('ima-evil', 'ima_binary_runtime_measurements');
    const isApproved = ({ value }: { readonly value: Uint8Array }) =>
      entries.some(({ digest }) => encodeHex(digest.value) === encodeHex(value));
    const strange = parseImaList(evil).entries.find(
      ({ path, digest }) => path !== 'boot_aggregate' && !isApproved(digest),
    );
    assert.ok(strange);
    const next = parseImaList(evil).entries[strange.index + 1]?.offset ?? evil.length;
    host.measureOn(concatBytes(upTo(3), evil.subarray(strange.offset, next)));
    const result = await agent.attest();
    assert.equal(result.verdict.status, 'contraindicated');
    assert.ok(codes(result).includes('RUNTIME_FILE_REFUSED'), String(codes(result)));
    assert.notEqual(lastSent().imaLogOffset, undefined);
  });

  it('is sent whole again by whoever is not sure: another process, another boot, a list that is not what it was', async () => {
    await agent.attest();
    host.measureOn(upTo(4));
    agent = agentOf(enrolled, host);
    await agent.attest();
    assert.deepEqual([lastSent().imaLog, lastSent().imaLogOffset], [encodeBase64(upTo(4)), undefined]);
    host.reboot();
    assert.equal((await agent.attest()).verdict.status, 'affirming');
    assert.equal(lastSent().imaLogOffset, undefined);
    const swapped = concatBytes(upTo(2), upTo(4).subarray(upTo(3).length), upTo(3).subarray(upTo(2).length), upTo(5).subarray(upTo(4).length)); // prettier-ignore
    host.measureOn(swapped);
    assert.equal((await agent.attest()).verdict.status, 'affirming');
    assert.deepEqual([lastSent().imaLog, lastSent().imaLogOffset], [encodeBase64(swapped), undefined]);
  });

  it('goes on from its end alone: from nowhere else, and nothing is said of what was sent', async () => {
    for (const change of [-1, 1]) {
      const { nextChallenge } = await agent.attest();
      assert.equal(nextChallenge?.imaLogOffset, upTo(3).length);
      const evidence = {
        ...(await evidenceFor(host, nextChallenge)),
        imaLog: encodeBase64(upTo(4).subarray(upTo(3).length)),
      };
      await refuses(
        submit(enrolled, { ...evidence, imaLogOffset: upTo(3).length + change }),
        'CHALLENGE_LOG_MISSING',
        409,
      );
      await refuses(submit(enrolled, { ...evidence, imaLogOffset: upTo(3).length }), 'CHALLENGE_NOT_FOUND', 409);
      agent = agentOf(enrolled, host);
    }
  });

  it('goes on for a challenge that came with an attestation of the host, and for no other: nobody tries out lists of others', async () => {
    const asked = await enrolled.client.call('createChallenge', {
      path: { hostId: enrolled.hostId },
      body: { logs: { imaLog: { sha256: 'aa'.repeat(32), length: 1 } } },
    });
    assert.equal(asked.imaLogOffset, undefined);
    await agent.attest();
    const logs = { imaLog: { sha256: hashHex('sha256', upTo(3)), length: upTo(3).length } };
    const held = await enrolled.client.call('createChallenge', { path: { hostId: enrolled.hostId }, body: { logs } });
    assert.deepEqual([held.want.imaLog, held.imaLogOffset], [false, undefined]);
    const evidence = { ...(await evidenceFor(host, held)), imaLogOffset: upTo(3).length };
    await refuses(submit(enrolled, evidence), 'CHALLENGE_LOG_MISSING', 409);
    assert.equal(
      (await submit(enrolled, await evidenceFor(host, await challengeFor(enrolled)))).verdict.status,
      'none',
    );
  });
});
