// What is believed of a host, without a server: what ends a verdict, and what may stand in for one that is not trusted.
import assert from 'node:assert/strict';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { holdVerdict, stillSays, type Grant, type Hold } from '../../../src/server/attestation/host-verdict.ts';
import { foreseeGround, openView } from '../../../src/server/attestation/view-verdict.ts';
import type { KnownStanding } from '../../../src/server/outage/trust-reads.ts';
import type { HostRecord, QuarantineRecord, VerdictRecord } from '../../../src/server/storage/index.ts';
import { after, hostOf, lifeSeconds, recordOf, refused, start, verdictOf } from '../../support/believed-records.ts';

const quarantine: QuarantineRecord = {
  id: 'qua_1',
  hosts: { names: ['hv-1'] },
  reason: 'a search',
  createdAt: start,
  createdBy: 'alice',
  until: undefined,
  lifted: undefined,
};

describe('a verdict that does not hold', () => {
  const trusted = verdictOf('affirming');
  const voided = (code: string) => ({ at: start, code, message: 'kernel flaw' });
  const cases: Readonly<Record<string, readonly [Partial<HostRecord>, VerdictRecord | undefined, Date]>> = {
    HOST_QUARANTINED: [{ quarantines: [quarantine] }, recordOf(trusted), after(1)],
    HOST_RELEASED: [{ state: 'released', quarantines: [quarantine] }, recordOf(trusted), after(1)],
    HOST_TPM_REPLACED: [{ state: 'replacing' }, recordOf(trusted), after(1)],
    HOST_RETIRED: [{ state: 'retired' }, recordOf(trusted), after(1)],
    VERDICT_NONE: [{}, undefined, after(1)],
    HOST_REBOOTED: [{}, recordOf(trusted, { voided: voided('HOST_REBOOTED') }), after(1)],
    VERDICT_VOIDED: [{}, recordOf(trusted, { voided: voided('GOLDEN_REVOKED') }), after(1)],
    VERDICT_OF_EARLIER_BINDING: [{}, recordOf(trusted, { epoch: 1 }), after(1)],
    VERDICT_NEVER_HELD: [{}, recordOf(trusted, { expiresAt: start }), after(0)],
    VERDICT_EXPIRED: [{}, recordOf(trusted), after(lifeSeconds)],
    VERDICT_FROM_THE_FUTURE: [{}, recordOf(trusted), after(-61)],
  };
  for (const [code, [host, record, at]] of Object.entries(cases)) {
    it(`says ${code}, and its status is none`, () => {
      const { status, reasons, verdict } = holdVerdict(hostOf(host), record, at);
      assert.deepEqual([status, reasons.map((reason) => reason.code), verdict], ['none', [code], record?.verdict]);
    });
  }

  it('names what denied it, each once, and nothing that only warned', () => {
    const finding = (code: string, severity: 'error' | 'warning') =>
      ({ code, severity, check: 'c', message: 'm', remedy: '' }) as Verdict['findings'][number];
    const findings = [finding('B', 'error'), finding('A', 'warning'), finding('B', 'error'), finding('C', 'error')];
    const never = recordOf(verdictOf('contraindicated', findings), { expiresAt: start });
    assert.match(holdVerdict(hostOf(), never, after(0)).reasons[0]?.message ?? '', /B, C/);
    assert.doesNotMatch(holdVerdict(hostOf(), never, after(0)).reasons[0]?.message ?? '', /A,|B, B/);
  });

  it('says the same as before only while nothing ended it: in quarantine, too, and where it never held', () => {
    const says = (host: Partial<HostRecord>, record: VerdictRecord, at = after(1)) =>
      stillSays(record, hostOf(host), at);
    assert.ok(says({ quarantines: [quarantine] }, recordOf(trusted)));
    assert.ok(says({}, recordOf(trusted, { expiresAt: start })));
    assert.ok(!says({}, recordOf(trusted), after(lifeSeconds)));
    assert.ok(!says({}, recordOf(trusted, { epoch: 1 })));
  });

  it('holds until the last moment, and where clocks differ by no more than they may', () => {
    for (const at of [after(lifeSeconds - 0.001), after(-60)])
      assert.equal(holdVerdict(hostOf(), recordOf(trusted), at).status, 'affirming');
  });
});

describe('a host in quarantine', () => {
  const setAside = (id: string, until: number | undefined): QuarantineRecord => ({ ...quarantine, id, until });
  const told = (quarantines: readonly QuarantineRecord[], at: Date): string | undefined =>
    holdVerdict(hostOf({ quarantines }), undefined, at).reasons[0]?.message;

  it('is told of the one in force that lasts longest, in whatever order they came', () => {
    const [short, long] = [setAside('qua_a', start + 10_000), setAside('qua_b', start + 20_000)];
    const [endless, another] = [setAside('qua_c', undefined), setAside('qua_d', undefined)];
    for (const turned of [false, true]) {
      const order = (...all: QuarantineRecord[]) => (turned ? all.reverse() : all);
      assert.match(told(order(short, long), after(1)) ?? '', /qua_b, until 2026-11-25T12:00:20/);
      assert.match(told(order(short, endless, long), after(1)) ?? '', /qua_c, until it is lifted/);
      assert.match(told(order(endless, another), after(1)) ?? '', /qua_c/);
      assert.match(told(order(short, long), after(15)) ?? '', /qua_b/);
      assert.doesNotMatch(told(order(short, long), after(20)) ?? '', /qua_/);
    }
    assert.equal(holdVerdict(hostOf({ quarantines: [short] }), recordOf(refused), after(1)).state, 'quarantined');
    assert.equal(holdVerdict(hostOf({ quarantines: [short] }), recordOf(refused), after(10)).state, 'fresh');
  });
});

describe('how long ago a host was due', () => {
  it('makes it stale after a tenth of what it was given, or half a minute, and lost when all that was promised is over', () => {
    const stateAt = (dueSeconds: number, at: number, expires = lifeSeconds): string => {
      const record = recordOf(refused, { expiresAt: after(expires).getTime() });
      return holdVerdict(hostOf({ dueAt: after(dueSeconds).getTime() }), record, after(at)).state;
    };
    const [short, long] = [100, 1000];
    assert.deepEqual([stateAt(short, 129), stateAt(short, 130)], ['fresh', 'stale']);
    assert.deepEqual([stateAt(long, 1099), stateAt(long, 1100)], ['fresh', 'stale']);
    assert.deepEqual([stateAt(short, 599), stateAt(short, 600)], ['stale', 'lost'], 'its verdict is over');
    assert.deepEqual(
      [stateAt(short, 229, 200), stateAt(short, 230, 200)],
      ['stale', 'lost'],
      'and one more appointment',
    );
    assert.equal(holdVerdict(hostOf({ dueAt: undefined }), recordOf(refused), after(9999)).state, 'booting');
    assert.equal(holdVerdict(hostOf(), undefined, after(9999)).state, 'booting');
    assert.equal(holdVerdict(hostOf({ state: 'released' }), recordOf(refused), after(1)).state, 'released');
  });
});

describe('a ground', () => {
  const until = after(60);
  const hold: Hold = { since: after(0), until, reason: 'too many', status: 'affirming' };
  const grant: Grant = { ...hold, statement: 'bgs_1', ticket: 'INC-1', signers: ['alice'], status: 'warning' };
  interface Grounds {
    readonly hold?: Hold;
    readonly grant?: Grant;
  }
  /** What is found in turn, each time that it is looked for. */
  interface Later {
    readonly grounds?: Grounds[];
    readonly standings?: (KnownStanding | 'gone')[];
    readonly revisions?: number[];
  }
  /** What lockout protection and break-glass would say of anybody they are asked about. */
  const offering = (grounds: Grounds, later: Later = {}) => {
    const asked: string[] = [];
    const say = <Said>(who: string, said: Said): Promise<Said> => {
      asked.push(who);
      return Promise.resolve(said);
    };
    let offered = grounds;
    const findGrant = () => {
      offered = later.grounds?.shift() ?? grounds;
      return say('break-glass', offered.grant);
    };
    const findStanding = () => {
      const next = later.standings?.shift() ?? standing;
      return say('standing', next === 'gone' ? undefined : next);
    };
    const context = {
      lockout: {
        find: () => say('lockout', offered.hold),
        foresee: () => say('lockout', grounds.hold),
        note: () => Promise.resolve(),
      },
      breakGlass: { find: findGrant },
      reads: { findStanding },
      trust: { current: () => say('trust', { revision: later.revisions?.shift() ?? 7 }) },
      now: () => after(1),
    } as unknown as Parameters<typeof openView>[0];
    return { context, asked };
  };
  const standing = { host: hostOf(), verdict: recordOf(refused) };

  it('counts until its end and not beyond, however long ago it was found', async () => {
    for (const grounds of [{ hold }, { grant }]) {
      const { hold: view } = await openView(offering(grounds).context, standing);
      const [ground] = Object.values(grounds);
      assert.equal(view(after(59)).status, ground?.status);
      assert.deepEqual(
        [view(until).status, view(until).hold, view(until).grant],
        [refused.status, undefined, undefined],
      );
    }
  });

  it('does not outlive the verdict that it is a ground for', async () => {
    const lasting = offering({ hold: { ...hold, until: after(2 * lifeSeconds) } });
    const { hold: view } = await openView(lasting.context, standing);
    assert.equal(view(after(lifeSeconds - 1)).status, 'affirming');
    const over = view(after(lifeSeconds));
    assert.deepEqual([over.status, over.reasons[0]?.code, over.hold], ['none', 'VERDICT_EXPIRED', undefined]);
  });

  it('is what operators signed before what is held for the whole fleet, now and of the next verdict', async () => {
    const { context, asked } = offering({ hold, grant });
    const { status, ...said } = (await openView(context, standing)).hold(after(2));
    assert.deepEqual([status, said.grant, said.hold], ['warning', grant, undefined]);
    const next = { verdict: refused, at: after(2) };
    assert.deepEqual(await foreseeGround(context, hostOf(), next), { grant });
    const twice = ['break-glass', 'trust', 'standing', 'break-glass', 'trust'];
    assert.deepEqual(asked, [...twice, 'break-glass']);
    assert.deepEqual(await foreseeGround(offering({ hold }).context, hostOf(), next), { hold });
  });

  it('is none where nobody offers one', async () => {
    const { context, asked } = offering({});
    assert.equal((await openView(context, standing)).hold(after(2)).status, refused.status);
    assert.equal(await foreseeGround(context, hostOf(), { verdict: refused, at: after(2) }), undefined);
    assert.deepEqual(asked, ['break-glass', 'lockout', 'break-glass', 'lockout']);
  });

  it('is asked for by nobody who is trusted, whose verdict is over, or who is known from memory alone', async () => {
    const { context, asked } = offering({ hold, grant });
    const remembered = { asOf: after(0), until: after(30) };
    const trusted = verdictOf('warning');
    assert.equal(
      (await openView(context, { ...standing, verdict: recordOf(trusted) })).hold(after(2)).grant,
      undefined,
    );
    assert.equal(foreseeGround(context, hostOf(), { verdict: trusted, at: after(2) }), undefined);
    const none = await openView(context, { ...standing, verdict: recordOf(refused, { epoch: 1 }) });
    assert.equal(none.hold(after(2)).status, 'none');
    assert.equal((await openView(context, { host: hostOf(), verdict: undefined })).hold(after(2)).status, 'none');
    const kept = (await openView(context, { ...standing, remembered })).hold(after(2));
    assert.deepEqual([kept.status, kept.grant, kept.remembered], [refused.status, undefined, remembered]);
    assert.deepEqual(asked, []);
  });

  const statusOf = async (grounds: Grounds, later: Later) => {
    const { context, asked } = offering(grounds, later);
    const { status, reasons } = (await openView(context, standing)).hold(after(2));
    return { said: reasons[0]?.code ?? status, looks: asked.filter((who) => who === 'standing').length };
  };

  it('counts beside what is read of the host between two looks at it, and not beside what was read before', async () => {
    const quarantined = { ...standing, host: hostOf({ quarantines: [quarantine] }) };
    const trusted = { ...standing, verdict: recordOf(verdictOf('warning')) };
    for (const grounds of [{ hold }, { grant }]) {
      const of = async (next: KnownStanding | 'gone') => (await statusOf(grounds, { standings: [next] })).said;
      assert.equal(await of(quarantined), 'HOST_QUARANTINED');
      assert.equal(await of({ ...standing, verdict: recordOf(refused, { epoch: 1 }) }), 'VERDICT_OF_EARLIER_BINDING');
      assert.equal(await of(trusted), 'warning');
      assert.equal(await of('gone'), refused.status);
      assert.equal(await of({ ...standing, remembered: { asOf: after(0), until: after(30) } }), refused.status);
    }
  });

  it('counts where it was found before and after, under one trust; else it is looked for again, and in the end denied', async () => {
    const other = { hold: { ...hold, since: after(1) } };
    const signed = { grant: { ...grant, statement: 'bgs_2' } };
    assert.deepEqual(await statusOf({ hold }, {}), { said: 'affirming', looks: 1 });
    assert.deepEqual(await statusOf({ grant }, {}), { said: 'warning', looks: 1 });
    // It ended between: another, or none.
    assert.deepEqual(await statusOf({ hold }, { grounds: [other] }), { said: 'affirming', looks: 2 });
    assert.deepEqual(await statusOf({ grant }, { grounds: [signed] }), { said: 'warning', looks: 2 });
    assert.deepEqual(await statusOf({}, { grounds: [{ hold }] }), { said: refused.status, looks: 1 });
    // Trust changed and changed back, as far as anybody can see.
    assert.deepEqual(await statusOf({ grant }, { revisions: [5] }), { said: 'warning', looks: 2 });
    assert.deepEqual(await statusOf({ hold }, { revisions: [4, 5] }), { said: 'affirming', looks: 3 });
    assert.deepEqual(await statusOf({ hold }, { revisions: [4, 5, 6] }), { said: refused.status, looks: 3 });
  });
});
