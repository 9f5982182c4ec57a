import assert from 'node:assert/strict';
import type { components } from '../../../src/api/index.ts';
import { spkiDigest } from '../../../src/core/crypto/index.ts';
import { decodeBase64, encodeBase64, encodeHex } from '../../../src/core/encoding/index.ts';
import type { Layer } from '../../../src/core/event-log/index.ts';
import { encodeGoldenStatement, parseGoldenStatement } from '../../../src/core/golden/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import {
  applyPolicy,
  attest,
  bootLayers,
  enrol,
  paperHost,
  propose,
  signStatement,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { createSignal } from '../../support/signal.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { attestAll, bootFleet, otherKernel, statements, trusted, trustedAfter, whatIf, type Fleet } from './fleet.ts';

type Request = components['schemas']['WhatIfRequest'];

const wholePolicy = { layers: bootLayers, verdictSeconds: 600, hosts: { all: true as const } };

describe('what-if over the fleet', function () {
  let server: TestServer;
  let fleet: Fleet;
  let findLog: ((store: Store, sha256: string) => ReturnType<Store['findLog']>) | undefined;
  beforeEach(async () => {
    findLog = undefined;
    const wrapStore = (store: Store): Store => ({
      ...store,
      findLog: (sha256) => (findLog === undefined ? store.findLog(sha256) : findLog(store, sha256)),
    });
    server = await startTestServer({ start: { wrapStore } });
    fleet = await bootFleet(server);
  });
  afterEach(() => server.close());

  const summary = ({ groups }: components['schemas']['WhatIf']) =>
    groups.map(({ kind, count, reason }) => [kind, count, reason?.layer ?? reason?.code]);

  it('says who gains by a draft that nobody has signed, by layer and event, and changes nothing', async () => {
    const drafts = await statements(server, 'new-1', ['kernel', 'initrd']);
    const revision = (await server.operator.call('listAudit', {})).items.length;
    const answer = await whatIf(server, { activate: drafts.map(({ payload }) => ({ statement: payload })) });
    assert.deepEqual(summary(answer), [
      ['gained', 3, 'kernel'],
      ['still-refused', 1, 'kernel-command-line'],
      ['still-trusted', 5, undefined],
    ]);
    const [gained] = answer.groups;
    assert.deepEqual(gained?.hosts, ['new-1', 'new-2', 'new-3']);
    assert.ok(gained.reason?.event !== undefined && gained.reason.expected !== gained.reason.observed);
    assert.deepEqual(answer.unknown, [{ code: 'HOST_EVIDENCE_NONE', count: 1, hosts: ['mute-1'] }]);
    assert.equal(answer.hosts, 10);
    assert.equal((await server.operator.call('listAudit', {})).items.length, revision);
    assert.equal((await server.operator.call('listGoldenMeasurements', {})).items.length, fleet.goldens.length);
    assert.deepEqual(trusted(await attestAll(fleet)), ['old-1', 'old-2', 'old-3', 'old-4', 'old-5']);
  });

  it('foretells what each kind of change then does', async () => {
    const [kernel] = await statements(server, 'new-1', ['kernel']);
    const [initrd] = await statements(server, 'new-1', ['initrd']);
    assert.ok(kernel !== undefined && initrd !== undefined);
    const { operator } = server;
    const [oldGolden = ''] = fleet.goldens;
    let newGolden = '';
    await foretells('a golden measurement of the kernel', { activate: [{ statement: kernel.payload }] }, async () => {
      newGolden = (await propose(server, kernel, fleet.operators)).id;
    });
    await foretells('one of the initrd', { activate: [{ statement: initrd.payload }] }, () =>
      propose(server, initrd, fleet.operators),
    );

    const facts = { requireFacts: { kernelCommandLine: { forbid: ['quiet'] } } };
    await foretells(
      'a fact that a policy demands',
      { policies: [{ id: 'fleet', policy: { ...wholePolicy, ...facts } }] },
      () => applyPolicy(server, 'fleet', facts),
    );
    const conditions = [{ name: 'quiet', expression: '"quiet" in kernelCommandLine', description: 'd', remedy: 'r' }];
    await foretells('a condition', { policies: [{ id: 'fleet', policy: { ...wholePolicy, conditions } }] }, () =>
      applyPolicy(server, 'fleet', { conditions }),
    );
    const layers: Layer[] = ['firmware', 'secure-boot'];
    await foretells('fewer layers', { policies: [{ id: 'fleet', policy: { ...wholePolicy, layers } }] }, () =>
      applyPolicy(server, 'fleet', { layers }),
    );
    const one = { layers: ['firmware'] as Layer[], hosts: { names: ['bad-1'] } };
    const policies = [
      { id: 'fleet', policy: wholePolicy },
      { id: 'one', policy: { ...wholePolicy, ...one } },
    ];
    await foretells('another policy for one host', { policies }, async () => {
      await applyPolicy(server);
      await applyPolicy(server, 'one', one);
    });
    // Of hosts that booted alike, and fall under one policy and two: first after the change, then before it.
    const strict = { ...facts, hosts: { names: ['old-2'] } };
    await foretells(
      'another policy for one of many alike',
      { policies: [{ id: 'two', policy: { ...wholePolicy, ...strict } }] },
      () => applyPolicy(server, 'two', strict),
    );
    const moved = { ...facts, hosts: { names: ['bad-1'] } };
    await foretells('none for it', { policies: [{ id: 'two', policy: { ...wholePolicy, ...moved } }] }, () =>
      applyPolicy(server, 'two', moved),
    );

    const body = { reason: 'test' };
    await foretells('a retirement', { retire: [newGolden] }, () =>
      operator.call('retireGoldenMeasurement', { path: { goldenId: newGolden }, body }),
    );
    await foretells('a revocation', { revoke: [oldGolden] }, () =>
      operator.call('revokeGoldenMeasurement', { path: { goldenId: oldGolden }, body }),
    );
  });

  it('foretells what lapses with the key of a signer', async () => {
    const { items } = await server.operator.call('listSigners', {});
    const keyid = items.find(({ name }) => name === 'bob')?.keyid ?? '';
    const answer = await foretells('a signer', { removeSigners: [keyid] }, () =>
      server.operator.call('removeSigner', { path: { keyid }, body: { reason: 'test' } }),
    );
    assert.deepEqual([...(answer.lapsed ?? [])].sort(), [...fleet.goldens].sort());
    assert.equal(answer.lost, 5);
  });

  describe('foretells the withdrawal of a trust anchor', () => {
    let anchorId: string;
    // An operator vouches for one of many hosts that booted alike, so that they fare differently.
    beforeEach(async () => {
      anchorId = (await server.operator.call('listTrustAnchors', {})).items[0]?.id ?? '';
      const host = fleet.members.find(({ host: { name } }) => name === 'old-2')?.host;
      assert.ok(host !== undefined);
      const ekDigest = encodeHex(spkiDigest(verifyEndorsementKey(await host.ekPublic()).public.publicKey));
      await server.operator.call('registerEk', { path: { ekDigest }, body: { label: 'rack 3' } });
    });

    it('of each host by whoever else vouches for it, and refuses one that vouches for nobody', async () => {
      const withdrawAnchors = [anchorId, anchorId];
      const answer = await foretells('a trust anchor', { withdrawAnchors }, () =>
        server.operator.call('withdrawTrustAnchor', { path: { anchorId }, body: { reason: 'test' } }),
      );
      assert.ok(trustedAfter(answer).includes('old-2'));
      assert.deepEqual(
        answer.withdrawnAnchors?.map(({ anchorId: id, count }) => [id, count]),
        [[anchorId, 10]],
      );
      for (const id of [anchorId, '0'.repeat(64)])
        await refuses(whatIf(server, { withdrawAnchors: [id] }), 'TRUST_ANCHOR_NOT_FOUND');
    });

    it('beside what else the change takes from a host that stays vouched for', async () => {
      const withdrawAnchors = [anchorId];
      const ofOld2 = async (more: Request) =>
        (await whatIf(server, { withdrawAnchors, ...more })).groups.find(({ hosts }) => hosts.includes('old-2'));
      const kernel = fleet.goldens[bootLayers.indexOf('kernel')] ?? '';
      const retired = await ofOld2({ retire: [kernel] });
      assert.deepEqual([retired?.kind, retired?.ended?.map(({ goldenId }) => goldenId)], ['lost', [kernel]]);
      const forbidden = { ...wholePolicy, requireFacts: { kernelCommandLine: { forbid: ['quiet'] } } };
      const refused = await ofOld2({ policies: [{ id: 'fleet', policy: forbidden }] });
      assert.equal(refused?.reason?.code, 'FACT_COMMAND_LINE_WORD_FORBIDDEN');
    });

    it('says so where nobody can tell who else vouches for a host', async () => {
      await server.restart({
        wrapStore: (store) => ({ ...store, findRegisteredEk: () => Promise.reject(new Error('the disk is slow')) }),
      });
      const { groups, unknown } = await whatIf(server, { withdrawAnchors: [anchorId] });
      assert.deepEqual(groups, []);
      assert.deepEqual(
        unknown.map(({ code, count }) => [code, count]),
        [
          ['HOST_EVIDENCE_NONE', 1],
          ['SERVER_INTERNAL', 9],
        ],
      );
    });
  });

  /** What is said of the fleet before the change is what hosts then feel. */
  async function foretells(
    what: string,
    request: Request,
    make: () => Promise<unknown>,
  ): Promise<components['schemas']['WhatIf']> {
    const before = trusted(await attestAll(fleet));
    const answer = await whatIf(server, request);
    await make();
    const after = trusted(await attestAll(fleet));
    assert.deepEqual(trustedAfter(answer), after, what);
    assert.equal(answer.gained, after.filter((name) => !before.includes(name)).length, what);
    assert.equal(answer.lost, before.filter((name) => !after.includes(name)).length, what);
    return answer;
  }

  describe('says what ended, where hosts are lost by that alone', () => {
    let kernel: string;
    let newKernel: string;
    const ended = ({ groups }: components['schemas']['WhatIf']) =>
      groups.map(({ kind, hosts, reason, ended: those }) => [
        kind,
        hosts.length,
        reason?.code,
        those?.map(({ goldenId, layer, name, end }) => [goldenId === kernel, layer, name, end].join(' ')),
      ]);
    const retire = () => whatIf(server, { retire: [kernel] });
    beforeEach(async () => {
      kernel = fleet.goldens[bootLayers.indexOf('kernel')] ?? '';
      const ids: string[] = [];
      for (const draft of await statements(server, 'new-1', ['kernel', 'initrd'])) {
        ids.push((await propose(server, draft, fleet.operators)).id);
      }
      newKernel = ids[0] ?? '';
      await attestAll(fleet);
    });

    it('retired and revoked, of trusted hosts and of those refused before', async () => {
      const answer = await retire();
      assert.deepEqual(ended(answer), [
        ['lost', 5, 'KERNEL_DIVERGED', ['true kernel kernel layer retired']],
        ['still-refused', 1, 'KERNEL_DIVERGED', ['true kernel kernel layer retired']],
        ['still-trusted', 3, undefined, undefined],
      ]);
      const revoked = ended(await whatIf(server, { revoke: [kernel] }));
      assert.deepEqual(revoked[0], ['lost', 5, 'KERNEL_DIVERGED', ['true kernel kernel layer revoked']]);
    });

    it('apart from hosts with the same finding that never rested on it', async () => {
      const named = { ...wholePolicy, hosts: { names: ['old-5'] } };
      const layers = bootLayers.filter((layer) => layer !== 'kernel');
      await applyPolicy(server, 'one', { ...named, layers });
      await attestAll(fleet);
      const answer = await whatIf(server, { retire: [kernel], policies: [{ id: 'one', policy: named }] });
      assert.deepEqual(ended(answer).slice(0, 2), [
        ['lost', 4, 'KERNEL_DIVERGED', ['true kernel kernel layer retired']],
        ['lost', 1, 'KERNEL_DIVERGED', undefined],
      ]);
      const [rested, never] = answer.groups;
      assert.deepEqual([never?.hosts, never?.reason?.expected], [['old-5'], rested?.reason?.expected]);
    });

    it('not where another golden measurement matches the same', async () => {
      const [draft] = await statements(server, 'old-1', ['kernel']);
      assert.ok(draft !== undefined);
      const statement = parseGoldenStatement(decodeBase64(draft.payload));
      const again = encodeBase64(encodeGoldenStatement({ ...statement, description: 'again' }));
      const { id } = await propose(server, { ...draft, payload: again }, fleet.operators);
      assert.notEqual(id, kernel);
      assert.deepEqual(ended(await retire()), [
        ['still-refused', 1, 'KERNEL_COMMAND_LINE_DIVERGED', undefined],
        ['still-trusted', 8, undefined, undefined],
      ]);
      // A host rests on one of the two, and that one is named.
      const [lost] = (await whatIf(server, { retire: [kernel, id] })).groups;
      assert.deepEqual([lost?.kind, lost?.count, lost?.ended?.length], ['lost', 5, 1]);
      assert.ok(lost?.ended?.every(({ goldenId }) => goldenId === kernel || goldenId === id));
    });

    it('by its date, at a later time', async () => {
      const [draft] = await statements(server, 'new-1', ['kernel']);
      assert.ok(draft !== undefined);
      const statement = parseGoldenStatement(decodeBase64(draft.payload));
      const limited = { ...statement, notAfter: new Date(server.now().getTime() + 86_400_000) };
      const { id } = await propose(server, { ...draft, payload: encodeBase64(encodeGoldenStatement(limited)) }, fleet.operators); // prettier-ignore
      const reason = { reason: 'test' };
      await server.operator.call('retireGoldenMeasurement', { path: { goldenId: newKernel }, body: reason });
      await attestAll(fleet);
      const at = new Date(server.now().getTime() + 2 * 86_400_000).toISOString();
      const [lost] = (await whatIf(server, { at })).groups;
      assert.deepEqual([lost?.kind, lost?.count], ['lost', 3]);
      assert.deepEqual(lost?.ended, [{ goldenId: id, layer: 'kernel', name: 'kernel layer', end: 'expired' }]);
    });
  });

  it('says how many hosts fall under a policy: none where a more specific one has them', async () => {
    const named = { ...wholePolicy, hosts: { names: ['bad-1', 'nobody'] } };
    const answer = await whatIf(server, { policies: [{ id: 'a-wide', policy: wholePolicy }, { id: 'named', policy: named }] }); // prettier-ignore
    assert.deepEqual(answer.policies, [
      { id: 'a-wide', hosts: 9 },
      { id: 'named', hosts: 1 },
    ]);
    const later = await whatIf(server, { policies: [{ id: 'z-wide', policy: wholePolicy }] });
    assert.deepEqual(later.policies, [{ id: 'z-wide', hosts: 0 }]);
    assert.deepEqual((await whatIf(server, { retire: [fleet.goldens[0] ?? ''] })).policies, []);
  });

  it('takes a stored golden measurement by its id, and refuses one that is not there', async () => {
    const [kernel] = await statements(server, 'new-1', ['kernel']);
    assert.ok(kernel !== undefined);
    const [alice] = fleet.operators;
    const { id, state } = await propose(server, kernel, [alice]);
    assert.equal(state, 'proposed');
    assert.deepEqual(summary(await whatIf(server, { activate: [{ goldenId: id }] }))[0], [
      'still-refused',
      3,
      'initrd',
    ]);
    const absent = `sha256:${'0'.repeat(64)}`;
    for (const body of [{ activate: [{ goldenId: absent }] }, { retire: [absent] }, { revoke: [absent] }]) {
      await refuses(whatIf(server, body), 'GOLDEN_MEASUREMENT_NOT_FOUND');
    }
  });

  it('asks about a later time: what expires until then', async () => {
    const [draft] = await statements(server, 'new-1', ['kernel']);
    const [initrd] = await statements(server, 'new-1', ['initrd']);
    assert.ok(draft !== undefined && initrd !== undefined);
    const statement = parseGoldenStatement(decodeBase64(draft.payload));
    const limited = encodeGoldenStatement({ ...statement, notAfter: new Date(server.now().getTime() + 86_400_000) });
    const activate = [{ statement: encodeBase64(limited) }, { statement: initrd.payload }];
    assert.equal((await whatIf(server, { activate })).gained, 3);
    const at = new Date(server.now().getTime() + 2 * 86_400_000).toISOString();
    assert.equal((await whatIf(server, { activate, at })).gained, 0);
    await propose(server, { ...draft, payload: encodeBase64(limited) }, fleet.operators);
    await propose(server, initrd, fleet.operators);
    const [now, then] = [await whatIf(server, { at: server.now().toISOString() }), await whatIf(server, { at })];
    assert.deepEqual([now.lost, now.gained, then.lost, then.gained], [0, 0, 3, 0]);
    assert.deepEqual(summary(then)[0], ['lost', 3, 'kernel']);
  });

  it('asks about an earlier time, and takes nothing for lost that did not hold then', async () => {
    const drafts = await statements(server, 'new-1', ['kernel', 'initrd']);
    for (const draft of drafts) {
      const statement = parseGoldenStatement(decodeBase64(draft.payload));
      const limited = encodeGoldenStatement({ ...statement, notBefore: new Date(server.now().getTime() - 3_600_000) });
      await propose(server, { ...draft, payload: encodeBase64(limited) }, fleet.operators);
    }
    const at = (hours: number) => new Date(server.now().getTime() - hours * 3_600_000).toISOString();
    const [then, since] = [await whatIf(server, { at: at(2) }), await whatIf(server, { at: at(0.5) })];
    const count = (answer: typeof then) => [answer.lost, answer.gained, trustedAfter(answer).length];
    assert.deepEqual([count(then), count(since)], [[0, 0, 5], [0, 0, 8]]); // prettier-ignore
  });

  it('looks at a group of hosts only, by label', async () => {
    await server.operator.call('setHostLabels', { path: { hostId: 'new-2' }, body: { labels: { rack: '3' } } });
    const drafts = await statements(server, 'new-1', ['kernel', 'initrd']);
    const answer = await whatIf(server, {
      activate: drafts.map(({ payload }) => ({ statement: payload })),
      labels: { rack: '3' },
    });
    assert.deepEqual([answer.hosts, answer.gained, answer.unknown], [1, 1, []]);
  });

  it('says nothing of a host whose TPM went back in time, nor of one that was released', async () => {
    const gone = paperHost('gone-1');
    await attest(await enrol(server, gone), gone);
    await server.operator.call('releaseHost', { path: { hostId: 'gone-1' }, body: { reason: 'test' } });
    const [first] = fleet.members;
    assert.ok(first !== undefined);
    first.host.tamper('rolled-back');
    await attest(first.enrolled, first.host);
    const withdrawAnchors = (await server.operator.call('listTrustAnchors', {})).items.map(({ id }) => id);
    for (const body of [{ retire: [fleet.goldens[0] ?? ''] }, { withdrawAnchors }]) {
      const { unknown, hosts, lost } = await whatIf(server, body);
      assert.deepEqual(unknown.map(({ code, hosts: named }) => [code, named]), [
        ['BOOT_ROLLED_BACK', ['old-1']],
        ['HOST_EVIDENCE_NONE', ['mute-1']],
      ]); // prettier-ignore
      assert.deepEqual([hosts, lost], [10, 4]);
    }
  });

  it('counts hosts without a log, and those whose quote proves nothing, as refused', async () => {
    const [first] = fleet.members;
    assert.ok(first !== undefined);
    first.host.tamper('no-log');
    await attest(first.enrolled, first.host);
    const answer = await whatIf(server, { retire: [fleet.goldens[0] ?? ''] });
    assert.deepEqual(answer.groups.find(({ hosts }) => hosts.includes('old-1'))?.kind, 'still-refused');
  });

  it('takes what a host sent meanwhile for that host alone, and not for those that booted as it had before', async () => {
    const drafts = await statements(server, 'new-1', ['kernel', 'initrd']);
    const changed = fleet.members.find(({ host }) => host.name === 'new-1');
    assert.ok(changed);
    // The first log that is asked for is that of bad-1.
    let asked = 0;
    findLog = async (store, sha256) => {
      if ((asked += 1) !== 2) return store.findLog(sha256);
      changed.host.reboot({ boot: { ...otherKernel, commandLine: 'single' } });
      await attest(changed.enrolled, changed.host);
      return undefined;
    };
    const answer = await whatIf(server, { activate: drafts.map(({ payload }) => ({ statement: payload })) });
    assert.deepEqual(trustedAfter(answer).slice(0, 2), ['new-2', 'new-3']);
    const refused = answer.groups.find(({ hosts }) => hosts.includes('new-1'));
    assert.deepEqual([refused?.kind, refused?.reason?.layer], ['still-refused', 'kernel-command-line']);
  });

  it('answers line by line, the result last', async () => {
    const lines: components['schemas']['WhatIfLine'][] = [];
    const body = { retire: [fleet.goldens[0] ?? ''] };
    for await (const line of server.operator.callLines('askWhatIf', { body })) lines.push(line);
    assert.deepEqual(lines.at(-1)?.result, await whatIf(server, body));
    assert.ok(lines.slice(0, -1).every(({ progress }) => progress !== undefined && progress.done <= progress.total));
    const wrong = server.operator.callLines('askWhatIf', { body: { retire: [`sha256:${'0'.repeat(64)}`] } });
    await refuses((async () => { for await (const line of wrong) assert.fail(JSON.stringify(line)); })(), 'GOLDEN_MEASUREMENT_NOT_FOUND'); // prettier-ignore
  });

  it('answers one question at a time, and the next after it', async () => {
    const [held, asked] = [createSignal(), createSignal()];
    const wrapStore = (store: Store): Store => ({
      ...store,
      countActiveHosts: async () => {
        asked.give();
        await held.given;
        return store.countActiveHosts();
      },
    });
    await server.restart({ wrapStore });
    const body = { retire: [fleet.goldens[0] ?? ''] };
    const first = whatIf(server, body);
    await asked.given;
    const refusal = await refuses(whatIf(server, body), 'WHAT_IF_BUSY', 429);
    assert.equal(refusal.retryAfterSeconds, 5);
    held.give();
    assert.equal((await first).lost, 5);
    assert.equal((await whatIf(server, body)).lost, 5);
  });

  it('refuses an empty question, two drafts of one policy, and what is no statement', async () => {
    await refuses(whatIf(server, {}), 'REQUEST_INVALID');
    const twice = { id: 'fleet', policy: wholePolicy };
    await refuses(whatIf(server, { policies: [twice, twice] }), 'REQUEST_INVALID');
    await refuses(
      whatIf(server, { activate: [{ statement: encodeBase64(new Uint8Array(8)) }] }),
      'ENCODING_JSON_INVALID',
    );
  });

  it('keeps a change from being made when it flips more hosts than allowed', async () => {
    const [goldenId = ''] = fleet.goldens;
    const body = { reason: 'test' };
    const { operator } = server;
    for (const way of ['retireGoldenMeasurement', 'revokeGoldenMeasurement'] as const) {
      await refuses(operator.call(way, { path: { goldenId }, query: { maxFlips: 4 }, body }), 'CHANGE_FLIPS_TOO_MANY');
    }
    const policy = { ...wholePolicy, requireFacts: { kernelCommandLine: { forbid: ['quiet'] } } };
    const write = (maxFlips: number) =>
      operator.call('putPolicy', { path: { policyId: 'fleet' }, query: { maxFlips }, body: policy });
    await refuses(write(0), 'CHANGE_FLIPS_TOO_MANY');
    const drafts = await statements(server, 'new-1', ['kernel', 'initrd']);
    for (const draft of drafts) {
      const { payloadType, payload } = draft;
      const sig = signStatement(fleet.operators[0], draft);
      const request = { envelope: { payloadType, payload, signatures: [{ sig }] } };
      await operator.call('proposeGoldenMeasurement', { query: { maxFlips: 0 }, body: request });
    }
    assert.equal((await operator.call('getPolicy', { path: { policyId: 'fleet' } })).version, 1);
    assert.equal((await operator.call('getGoldenMeasurement', { path: { goldenId } })).state, 'active');
    assert.equal((await write(5)).version, 2);
    await operator.call('retireGoldenMeasurement', { path: { goldenId }, query: { maxFlips: 0 }, body });
  });
});
