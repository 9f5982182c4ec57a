import assert from 'node:assert/strict';
import { decodeBase64, encodeBase64 } from '../../src/core/encoding/index.ts';
import { encodeGoldenStatement, goldenPayloadType, parseGoldenStatement } from '../../src/core/golden/index.ts';
import { cli, operatorAt } from '../cli/cli-run.ts';
import { applyPolicy, attest, propose } from '../support/paper-story.ts';
import type { ServerContext } from '../../src/server/context.ts';
import { findTakenBack } from '../../src/server/explanation/nearest-golden.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { attestAll, bootFleet, statements, type Fleet } from './what-if/fleet.ts';

/** `new-1` booted a kernel that nobody approved: it goes through every state, and `host explain` follows. */
describe('a boot that a golden measurement out of force describes', () => {
  let server: TestServer;
  let fleet: Fleet;
  let payload = '';
  before(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server, { old: 1, new: 2 });
    payload = (await statements(server, 'new-1', ['kernel']))[0]?.payload ?? '';
  });
  after(() => server.close());

  const explain = async () => {
    await attestAll(fleet);
    const { findings } = await server.operator.call('explainHost', { path: { hostId: 'new-1' } });
    return findings.filter(({ finding }) => finding.layer === 'kernel');
  };
  const proposeAs = (changes: object, signers = fleet.operators.slice()) => {
    const statement = { ...parseGoldenStatement(decodeBase64(payload)), ...changes };
    const document = { payloadType: goldenPayloadType, payload: encodeBase64(encodeGoldenStatement(statement)) };
    return propose(server, document, signers);
  };
  const told = async () => {
    const [first, ...more] = await explain();
    assert.ok(more.every(({ nearest }) => nearest === undefined));
    const { golden, isExact } = first?.nearest ?? {};
    return { id: golden?.id, state: golden?.state, isExact, remedy: first?.finding.remedy ?? '', golden };
  };

  /** What the host itself is told, by the very attestation. */
  const advised = async (): Promise<string> => {
    const member = fleet.members.find(({ host }) => host.name === 'new-1');
    assert.ok(member);
    const { verdict } = await attest(member.enrolled, member.host);
    return verdict.findings.find(({ code }) => code === 'KERNEL_DIVERGED')?.remedy ?? '';
  };

  it('is none where nobody ever proposed it: then a capture may be right', async () => {
    const { id, remedy } = await told();
    assert.equal(id, undefined);
    assert.match(remedy, /touchstone golden capture new-1 --layers kernel/);
    assert.match(await advised(), /touchstone golden capture new-1 --layers kernel/);
  });

  it('waits for signatures', async () => {
    const { id } = await proposeAs({ description: 'waits' }, [fleet.operators[0]]);
    const found = await told();
    assert.deepEqual([found.id, found.state, found.isExact], [id, 'proposed', true]);
    assert.match(found.remedy, new RegExp(`touchstone golden approve ${id}`));
  });

  it('begins later', async () => {
    const notBefore = new Date(server.now().getTime() + 86_400_000);
    const { id } = await proposeAs({ description: 'later', notBefore });
    const found = await told();
    assert.deepEqual([found.id, found.state, found.golden?.at], [id, 'not-yet', notBefore.toISOString()]);
    assert.ok(found.remedy.startsWith(`Wait until ${notBefore.toISOString()}`));
  });

  it('is staged for other hosts, and then rolled back', async () => {
    const { id } = await proposeAs({ description: 'staged' }, [fleet.operators[0]]);
    const stages = [{ labels: { canary: 'yes' }, minimumHosts: 1 }];
    await server.operator.call('startRollout', { body: { name: 'new-kernel', goldens: [id], stages } });
    await proposeAs({ description: 'staged' });
    const staged = await told();
    assert.deepEqual([staged.id, staged.state, staged.golden?.rollout], [id, 'staged', 'new-kernel']);
    assert.match(staged.remedy, /touchstone golden rollout advance new-kernel/);
    assert.match(
      await advised(),
      /^This boot is what a staged golden .* is kept from this host by rollout new-kernel\. Wait/,
    );
    const path = { rolloutName: 'new-kernel' };
    await server.operator.call('rollBackRollout', { path, body: { reason: 'no disks' } });
    const rolledBack = await told();
    assert.deepEqual([rolledBack.id, rolledBack.state, rolledBack.golden?.reason], [id, 'rolled-back', 'no disks']);
    assert.doesNotMatch(rolledBack.remedy, /capture/);
    const host = await advised();
    assert.match(
      host,
      new RegExp(`a rolled-back golden measurement describes: ${id} was rolled back .* because no disks`),
    );
    assert.doesNotMatch(host, /capture/);
  });

  it('was retired, or revoked, which outweighs all others', async () => {
    const retired = await proposeAs({ description: 'used for long' });
    const end = { path: { goldenId: retired.id }, body: { reason: 'out of use' } };
    await server.operator.call('retireGoldenMeasurement', end);
    assert.equal((await told()).state, 'rolled-back', 'a rollback outweighs a retirement');
    const bad = await proposeAs({ description: 'bad' });
    const because = { reason: 'bad kernel', cve: 'CVE-2026-4321' };
    await server.operator.call('revokeGoldenMeasurement', { path: { goldenId: bad.id }, body: because });
    const { id, isExact, golden, remedy } = await told();
    assert.deepEqual([id, isExact, golden?.state], [bad.id, true, 'revoked']);
    assert.match(
      golden?.message ?? '',
      /was revoked at 2\S+ by first operator \(token \S+\) because bad kernel \(CVE-2026-4321\)$/,
    );
    assert.match(remedy, /Boot another image/);
    assert.doesNotMatch(remedy, /touchstone golden capture/);
    const host = await advised();
    assert.match(
      host,
      /was revoked at 2\S+ by first operator \(token \S+\) because bad kernel \(CVE-2026-4321\)\. Boot another/,
    );
    assert.doesNotMatch(host, /touchstone golden capture/);
    const path = { hostId: 'new-1' };
    const kept = (await server.operator.call('getVerdict', { path })).verdict;
    assert.match(JSON.stringify(kept), /golden capture new-1/, 'what is kept follows from evidence and trust alone');
  });

  it('reads so in the terminal', async () => {
    const world = operatorAt(server);
    const { stdout } = await cli(['host', 'explain', 'new-1'], world);
    assert.match(stdout, /known +this boot is what a revoked golden measurement describes: golden measurement sha256:/);
    assert.match(stdout, /do +Boot another image/);
    const shown = (await cli(['host', 'show', 'new-1'], world)).stdout;
    assert.match(shown, /hint: Boot another image/);
    assert.doesNotMatch(shown, /golden capture new-1 --layers kernel /);
    const TOUCHSTONE_TOKEN = await server.token('orchestrator');
    const { status } = await cli(['host', 'show', 'new-1'], { env: { ...world.env, TOUCHSTONE_TOKEN } });
    assert.equal(status, 0, 'orchestrators are shown the verdict, and told nothing of golden measurements');
  });

  it('is known, and nothing that would bring it in force is advised, where the policy refuses the boot whatever is approved', async () => {
    await applyPolicy(server, 'fleet', { requireFacts: { kernelCommandLine: { require: ['slab_nomerge'] } } });
    const found = await told();
    assert.equal(found.state, 'revoked');
    assert.match(found.remedy, /^Mend FACT_COMMAND_LINE_WORD_MISSING first: /);
    await applyPolicy(server);
  });

  it('is only near where an event differs, and says which', async () => {
    const member = fleet.members.find(({ host }) => host.name === 'new-2');
    assert.ok(member);
    member.host.reboot({ tampering: ['changed-boot-loader'] });
    await attest(member.enrolled, member.host);
    const { findings } = await server.operator.call('explainHost', { path: { hostId: 'new-2' } });
    const loader = findings.find(({ finding }) => finding.layer === 'boot-loader');
    assert.equal(loader?.nearest, undefined, 'the nearest is in force, and named by the finding');
    const inForce = fleet.goldens[2] ?? '';
    const end = { path: { goldenId: inForce }, body: { reason: 'out of use' } };
    await server.operator.call('retireGoldenMeasurement', end);
    await attest(member.enrolled, member.host);
    const after = await server.operator.call('explainHost', { path: { hostId: 'new-2' } });
    const again = after.findings.find(({ finding }) => finding.layer === 'boot-loader');
    assert.deepEqual([again?.nearest?.golden.id, again?.nearest?.isExact], [inForce, false]);
    assert.ok((again?.nearest?.explanation ?? '').length > 0);
  });
});

describe('what was taken back of a boot', () => {
  it('is asked with each refused attestation, and so without the files that ran: there may be a hundred thousand', async () => {
    let asked = 0;
    const evidence = {
      ...{ eventLog: new Uint8Array(1), attest: new Uint8Array(), signature: new Uint8Array(), pcrs: '{}' },
      ...{ qualifyingData: new Uint8Array(), akPublic: new Uint8Array() },
    };
    Object.defineProperty(evidence, 'imaLog', { get: () => assert.fail('the files were read') });
    const rollout = {
      name: 'new-kernel',
      state: 'running',
      goldens: ['sha256:00'],
      stages: [{ labels: {} }],
      stage: -1,
    };
    const context = {
      store: {
        listRollouts: () => Promise.resolve([]),
        listGoldenHeads: () => Promise.resolve([]),
        findHost: () => ({ hostId: 'new-1', labels: {} }),
        findEvidence: () => {
          asked += 1;
          return Promise.resolve(evidence);
        },
      },
      trust: {
        current: () =>
          Promise.resolve({ goldens: [{ id: 'sha256:00', statement: { layer: 'kernel' } }], rollouts: [rollout] }),
      },
    } as unknown as ServerContext;
    assert.deepEqual(await findTakenBack(context, 'new-1', new Set(['kernel'])), new Map());
    assert.equal(asked, 1);
  });
});
