// A host that did not change, and lost trust all the same: what its explanation says to whoever is on call.
import assert from 'node:assert/strict';
import { denyPayloadType, encodeDenyList } from '../../src/core/deny/index.ts';
import { encodeBase64 } from '../../src/core/encoding/index.ts';
import { cli, operatorAt } from '../cli/cli-run.ts';
import {
  applyPolicy,
  attest,
  challengeFor,
  evidenceFor,
  signStatement,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const wrongFacts = { requireFacts: { kernelCommandLine: { require: ['no-host-has-this'] } } };

describe('the explanation of a host about which operators changed their mind', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
    await attest(world.enrolled, world.host);
    server.advance(60);
  });
  afterEach(() => server.close());

  const explain = () => server.operator.call('explainHost', { path: { hostId: 'hv-1' } });
  const told = async () => {
    return (await cli(['host', 'explain', 'hv-1'], operatorAt(server))).stdout;
  };
  const deny = () => {
    const [golden = ''] = world.goldens;
    const entry = { id: 'a', reason: 'a hole', cves: [], denies: { kind: 'golden', id: golden } } as const;
    const list = encodeDenyList({ name: 'fleet', version: 1, issuedAt: server.now(), entries: [entry] });
    const document = { payloadType: denyPayloadType, payload: encodeBase64(list) };
    const signatures = world.operators.map((operator) => ({ sig: signStatement(operator, document) }));
    return server.operator.call('importDenyList', { body: { envelope: { ...document, signatures } } });
  };

  it('says nothing of changes where there was none', async () => {
    const { next, policy, trustedBefore } = await explain();
    assert.deepEqual([next, policy, trustedBefore], [undefined, { id: 'fleet', version: 1 }, undefined]);
  });

  it('foresees the refusal by a policy that was written since', async () => {
    await applyPolicy(server, 'fleet', wrongFacts);
    const { next, status } = await explain();
    assert.deepEqual([status, next?.status], ['affirming', 'contraindicated']);
    assert.equal(next?.reason?.code, 'FACT_COMMAND_LINE_WORD_MISSING');
    assert.match(
      await told(),
      /^ {2}next {2}its next attestation finds contraindicated \(FACT_COMMAND_LINE_WORD_MISSING: /m,
    );
  });

  it('says which version of the policy trusted this very boot, and which refuses it', async () => {
    const { issuedAt } = (await attest(world.enrolled, world.host)).verdict;
    server.advance(60);
    await applyPolicy(server, 'fleet', wrongFacts);
    await attest(world.enrolled, world.host);
    const { next, policy, trustedBefore } = await explain();
    assert.deepEqual(policy, { id: 'fleet', version: 2 });
    assert.deepEqual(trustedBefore, { issuedAt, policy: { id: 'fleet', version: 1 } });
    assert.equal(next, undefined);
    assert.match(
      await told(),
      /^ {2}trusted {2}at \S+, in this very boot, by version 1 of the policy fleet, and refused by version 2 of the policy fleet: `touchstone policy history fleet`$/m,
    );
  });

  it('says that a policy which was taken back will be found by the next attestation, and when', async () => {
    await applyPolicy(server, 'fleet', wrongFacts);
    const { nextAttestationSeconds } = await attest(world.enrolled, world.host);
    const dueAt = new Date(server.now().getTime() + nextAttestationSeconds * 1000).toISOString();
    await applyPolicy(server);
    const { next, status } = await explain();
    assert.deepEqual([status, next], ['contraindicated', { status: 'affirming', dueAt }]);
    assert.match(
      await told(),
      /finds affirming, by what is in force now, due at \S+; `touchstone agent attest` on the host/,
    );
  });

  it('tells a deny list, and its end, to a host whose verdict it ended', async () => {
    await deny();
    const denied = await explain();
    assert.deepEqual([denied.status, denied.next?.status, denied.next?.reason?.code], ['none', 'contraindicated', 'DENIED_BY_LIST']); // prettier-ignore
    await attest(world.enrolled, world.host);
    assert.match(
      await told(),
      /in this very boot, by version 1 of the policy fleet as now: golden measurements or deny lists changed/,
    );
    await server.operator.call('removeDenyList', { path: { denyListName: 'fleet' }, body: { reason: 'wrong entry' } });
    assert.equal((await explain()).next?.status, 'affirming');
  });

  it('does not call a boot trusted before that is another one', async () => {
    world.host.reboot();
    await applyPolicy(server, 'fleet', wrongFacts);
    await attest(world.enrolled, world.host);
    assert.equal((await explain()).trustedBefore, undefined);
  });

  it('foresees nothing where the last quote was not a valid one, or the host is set aside', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled, world.host));
    const signature = `${evidence.signature.slice(0, -8)}${evidence.signature.slice(-8).split('').reverse().join('')}`;
    assert.notEqual((await submit(world.enrolled, { ...evidence, signature })).verdict.status, 'affirming');
    assert.equal((await explain()).next, undefined);
    await attest(world.enrolled, world.host);
    await applyPolicy(server, 'fleet', wrongFacts);
    assert.equal((await explain()).next?.status, 'contraindicated');
    await server.operator.call('createQuarantine', { body: { hosts: { names: ['hv-1'] }, reason: 'a trial' } });
    assert.equal((await explain()).next, undefined);
  });
});
