// A server over a database that others change too: what it remembers of a host's last visit saves reading it, and decides nothing. Whatever
// happened since at another server is found out before anybody is answered.
import assert from 'node:assert/strict';
import { createApiClient, type AttestationResult, type Prove } from '../../src/api/index.ts';
import { checkConfig, startServer, type RunningServer } from '../../src/server/index.ts';
import {
  applyPolicy,
  attest,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type EnrolledHost,
  type SentEvidence,
  type TrustedWorld,
} from '../support/paper-story.ts';
import type { PaperHost } from '../../src/simulator/index.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { refuses } from '../support/problems.ts';
import { recordStatements } from '../support/recorded-statements.ts';
import { createServerProcess, type ServerProcess } from '../support/server-process.ts';

describe('a host that comes back to a server that shares its database', function () {
  this.timeout(120_000);
  let other: ServerProcess;
  let own: RunningServer;
  let world: TrustedWorld;
  const closing: (() => void)[] = [];
  const here = (token: string, prove?: Prove) => {
    const client = createApiClient({ baseUrl: own.url, token, ...(prove && { prove }) });
    closing.push(() => client.close());
    return client;
  };
  const operator = () => other.client(other.token);
  let count = 0;

  before(async () => {
    const settings = { storage: await createTestDatabase(), attestation: { keepEvidence: 2 } };
    other = await createServerProcess(settings);
    await other.start();
    const more = { serverId: 'test.example', listen: { port: 0 }, log: { level: 'silent' } };
    own = await startServer(checkConfig({ ...more, ...settings }, other.dataDirectory), { announce: () => undefined });
    world = await trustedWorld(other.world(), 'hv-first');
  });
  after(async () => {
    closing.forEach((close) => close());
    await own.close(0);
    await other.remove();
  });

  interface Visitor {
    readonly host: PaperHost;
    /** As the host sees this server, and the other one. */
    readonly here: EnrolledHost;
    readonly there: EnrolledHost;
  }

  async function arrive(): Promise<Visitor> {
    count += 1;
    const host = paperHost(`hv-${count}`);
    const there = await enrol(other.world(), host);
    return { host, there, here: { ...there, client: here(there.token, there.prove) } };
  }

  /** What answers the challenge that came with `answer`. */
  async function nextOf({ host }: Visitor, { nextChallenge }: AttestationResult): Promise<SentEvidence> {
    assert.ok(nextChallenge !== undefined, 'a host that is trusted gets its next challenge');
    return evidenceFor(host, nextChallenge);
  }

  /** It attested here, and has the evidence for its next visit. */
  async function visit(): Promise<{ readonly visitor: Visitor; readonly evidence: SentEvidence }> {
    const visitor = await arrive();
    const first = await attest(visitor.here, visitor.host);
    const second = await submit(visitor.here, await nextOf(visitor, first));
    assert.equal(second.verdict.status, 'affirming');
    return { visitor, evidence: await nextOf(visitor, second) };
  }

  /** How often this server waits for the database, and what is said then. */
  async function observe(visitor: Visitor, evidence: SentEvidence) {
    let answer: AttestationResult | undefined;
    const { roundTrips, statements } = await recordStatements(async () => {
      answer = await submit(visitor.here, evidence);
    });
    assert.ok(answer !== undefined);
    return { answer, roundTrips, reads: statements.filter(({ text }) => /^SELECT/.test(text)).length };
  }

  it('is one round trip, again and again: what it rests on is demanded by what records it', async () => {
    const visitor = await arrive();
    let answer = await attest(visitor.here, visitor.host);
    const trips: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const seen = await observe(visitor, await nextOf(visitor, answer));
      trips.push(seen.roundTrips);
      answer = seen.answer;
      assert.equal(answer.verdict.status, 'affirming');
    }
    assert.deepEqual(trips, [2, 1, 1, 1, 1], 'the first of them finds out what the verdict was');
  });

  it('is read anew when it was at another server meanwhile, or asked for another challenge', async () => {
    const { visitor, evidence } = await visit();
    const elsewhere = await submit(visitor.there, evidence);
    const back = await observe(visitor, await nextOf(visitor, elsewhere));
    assert.equal(back.answer.verdict.status, 'affirming');
    assert.ok(back.roundTrips >= 2);
    const asked = await evidenceFor(visitor.host, await challengeFor(visitor.here, visitor.host));
    assert.equal((await observe(visitor, asked)).answer.verdict.status, 'affirming');
  });

  it('has its evidence taken once, however often and wherever it is shown at once', async () => {
    for (const places of [['here', 'here'] as const, ['here', 'there'] as const]) {
      const { visitor, evidence } = await visit();
      const answers = await Promise.allSettled(places.map((place) => submit(visitor[place], evidence)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], String(places));
      for (const place of places) await refuses(submit(visitor[place], evidence), 'CHALLENGE_NOT_FOUND', 409);
    }
  });

  it('is told what its evidence is worth, in one round trip as well', async () => {
    const { visitor, evidence } = await visit();
    const broken = {
      ...evidence,
      signature: evidence.signature.replace(/^.{40}/, (begin) => 'A'.repeat(begin.length)),
    };
    const { answer, roundTrips } = await observe(visitor, broken);
    assert.notEqual(answer.verdict.status, 'affirming');
    assert.equal(roundTrips, 1);
    await refuses(submit(visitor.here, evidence), 'CHALLENGE_NOT_FOUND', 409);
  });

  it('is refused with a token that was revoked at another server', async () => {
    const { visitor, evidence } = await visit();
    const tokens = (await operator().call('listTokens', {})).items;
    const { id } = tokens.find(({ hostId }) => hostId === visitor.here.hostId)!;
    await operator().call('revokeToken', { path: { tokenId: id } });
    await refuses(submit(visitor.here, evidence), 'AUTH_TOKEN_INVALID', 401);
  });

  it('is refused with the token of before when it enrolled again at another server', async () => {
    const { visitor, evidence } = await visit();
    const again = await enrol(other.world(), visitor.host);
    await refuses(submit(visitor.here, evidence), 'AUTH_TOKEN_INVALID', 401);
    const renewed = { ...visitor, here: { ...again, client: here(again.token, again.prove) } };
    assert.equal((await submit(renewed.here, evidence)).verdict.status, 'affirming', 'its challenge is still good');
  });

  it('is refused when its binding was ended at another server', async () => {
    const { visitor, evidence } = await visit();
    await operator().call('releaseHost', { path: { hostId: visitor.here.hostId }, body: { reason: 'a test' } });
    await refuses(submit(visitor.here, evidence), 'AUTH_TOKEN_INVALID', 401);
  });

  it('has no challenge any more when it said at another server that it has booted', async () => {
    const { visitor, evidence } = await visit();
    const body = { bootId: '00000000-0000-4000-8000-000000000001' };
    await visitor.there.client.call('createChallenge', { path: { hostId: visitor.there.hostId }, body });
    await refuses(submit(visitor.here, evidence), 'CHALLENGE_NOT_FOUND', 409);
  });

  it('is set aside when a quarantine was opened at another server, and not after it was lifted', async () => {
    const { visitor, evidence } = await visit();
    const { hostId } = visitor.here;
    const hosts = { names: [hostId] };
    const { id } = await operator().call('createQuarantine', { body: { hosts, reason: 'a test' } });
    const answer = await submit(visitor.here, evidence);
    assert.equal(answer.verdict.status, 'none');
    await operator().call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'done' } });
    const next = await submit(visitor.here, await nextOf(visitor, answer));
    assert.equal(next.verdict.status, 'affirming');
  });

  it('is judged by the labels, the policy and the golden measurements that another server was given', async () => {
    const { visitor, evidence } = await visit();
    const path = { hostId: visitor.here.hostId };
    const more = { layers: ['firmware', 'confidential-guest'], hosts: { labels: { strict: 'yes' } } };
    await applyPolicy(other.world(), 'strict', more);
    const beside = await submit(visitor.here, evidence);
    assert.equal(beside.verdict.status, 'affirming', 'the policy is for others');
    await operator().call('setHostLabels', { path, body: { labels: { strict: 'yes' } } });
    const labelled = await submit(visitor.here, await nextOf(visitor, beside));
    assert.notEqual(labelled.verdict.status, 'affirming');
    await operator().call('setHostLabels', { path, body: { labels: {} } });
    const plain = await submit(visitor.here, await nextOf(visitor, labelled));
    assert.equal(plain.verdict.status, 'affirming');
  });

  it('is refused for what was revoked or withdrawn at another server, and that is told in the audit log', async () => {
    const [first, second] = [await visit(), await visit()];
    const codesOf = async ({ visitor, evidence }: typeof first) =>
      (await submit(visitor.here, evidence)).verdict.findings.map(({ code }) => code);
    const [anchor] = (await operator().call('listTrustAnchors', {})).items;
    const body = { reason: 'a test' };
    for (const goldenId of world.goldens)
      await operator().call('revokeGoldenMeasurement', { path: { goldenId }, body });
    assert.ok((await codesOf(first)).includes('LAYER_GOLDEN_NONE'));
    const subject = first.visitor.here.hostId;
    const entries = (await operator().call('listAudit', { query: { subject } })).items;
    assert.deepEqual(
      entries.slice(-2).map(({ action }) => action),
      ['verdict.voided', 'verdict.changed'],
    );
    await operator().call('withdrawTrustAnchor', { path: { anchorId: anchor!.id }, body });
    assert.ok((await codesOf(second)).includes('ENDORSEMENT_MISSING'));
  });
});
