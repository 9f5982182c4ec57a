// How long a decision may be relied on, and what becomes of one where hosts cannot be read: without a server.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { decideAdmission, decideAdmissions, type Question } from '../../../src/server/admission/decide.ts';
import type { Grant, Hold } from '../../../src/server/attestation/host-verdict.ts';
import { ServerError } from '../../../src/server/errors.ts';
import type { KnownStanding } from '../../../src/server/outage/trust-reads.ts';
import { after, hostOf, lifeSeconds, recordOf, refused, start, verdictOf } from '../../support/believed-records.ts';

const demands = { minimumStatus: 'warning', maxAgeSeconds: undefined, requireVector: {}, requireLabels: {} } as const;
const noPlace = { zone: undefined, tenant: undefined, confidentialComputing: false, refuseHeld: false } as const;
const ask = (hostId: string, more: Partial<Question['demands']> = {}): Question => ({
  hostId,
  workload: undefined,
  demands: { ...demands, ...noPlace, ...more },
});

interface Records {
  readonly find: (hostId: string) => KnownStanding | undefined;
  readonly at?: number;
  readonly hold?: Hold;
  readonly grant?: Grant;
}

/** A server that knows nothing but those records, and decides for a minute. */
function knowing({ find, at = 0, hold, grant }: Records) {
  return {
    reads: { findStanding: find },
    config: { admission: { decisionSeconds: 60, zoneLabel: 'zone', tenantLabel: 'tenant' } },
    lockout: { find: () => Promise.resolve(hold) },
    breakGlass: { find: () => Promise.resolve(grant) },
    trust: { current: () => Promise.resolve({ revision: 1 }) },
    now: () => after(at),
  } as unknown as Parameters<typeof decideAdmission>[0];
}

describe('a decision may be relied on', () => {
  const trusted = { host: hostOf({ labels: {} }), verdict: recordOf(verdictOf('affirming')) };
  const denied = { ...trusted, verdict: recordOf(refused) };
  const ground = (seconds: number): Hold => {
    return { since: after(0), until: after(seconds), reason: 'many', status: 'warning' };
  };
  const signed = (seconds: number): Grant => ({ ...ground(seconds), statement: 's', ticket: 't', signers: [] });
  const remembered = (seconds: number) => ({ asOf: after(0), until: after(seconds) });
  const secondsOf = async (
    standing: KnownStanding,
    more: Partial<Records> & { readonly asked?: Partial<Question['demands']> } = {},
  ): Promise<readonly [boolean, number]> => {
    const { allow, validUntil } = await decideAdmission(
      knowing({ find: () => standing, ...more }),
      ask('hv-1', more.asked),
    );
    return [allow, (validUntil.getTime() - start) / 1000];
  };

  it('for as long as is configured, and never beyond its verdict', async () => {
    assert.deepEqual(await secondsOf(trusted), [true, 60]);
    assert.deepEqual(await secondsOf(trusted, { at: lifeSeconds - 10 }), [true, lifeSeconds]);
  });

  it('no longer than the evidence is as fresh as was demanded, or memory counts', async () => {
    assert.deepEqual(await secondsOf(trusted, { asked: { maxAgeSeconds: 20 } }), [true, 20]);
    assert.deepEqual(await secondsOf(trusted, { asked: { maxAgeSeconds: 20 }, at: 20 }), [false, 80]);
    assert.deepEqual(await secondsOf({ ...trusted, remembered: remembered(25) }), [true, 25]);
  });

  it('for half a minute where it rests on a hold or a grant, and never beyond those', async () => {
    assert.deepEqual(await secondsOf(denied, { hold: ground(500) }), [true, 30]);
    assert.deepEqual(await secondsOf(denied, { hold: ground(10) }), [true, 10]);
    assert.deepEqual(await secondsOf(denied, { grant: signed(500) }), [true, 30]);
    assert.deepEqual(await secondsOf(denied, { grant: signed(10), hold: ground(500) }), [true, 10]);
  });

  it('for as long as is configured where it denies, whatever has ended', async () => {
    assert.deepEqual(await secondsOf(trusted, { at: lifeSeconds }), [false, lifeSeconds + 60]);
    assert.deepEqual(await secondsOf(denied), [false, 60]);
  });
});

describe('hosts that cannot be read', () => {
  const trusted = { host: hostOf({ labels: {} }), verdict: recordOf(verdictOf('affirming')) };
  const failures: Readonly<Record<string, Error>> = {
    damaged: new ServerError('STORAGE_ROW_UNREADABLE', 'damaged'),
    away: new ServerError('STORAGE_UNREACHABLE'),
    broken: new TypeError('broken'),
  };
  const context = knowing({
    find: (hostId) => {
      const failure = failures[hostId];
      if (failure !== undefined) throw failure;
      return hostId === 'hv-1' ? trusted : undefined;
    },
  });
  const codesOf = async (...hostIds: string[]) => {
    const { decisions } = await decideAdmissions(context, [hostIds.map((hostId) => ask(hostId))]);
    return decisions[0]?.map(({ allow, reasons }) => (allow ? 'allowed' : reasons.map(({ code }) => code).join()));
  };

  it('leave others their turns where there are many, while they are read and while it is decided', async () => {
    const hostIds = Array.from({ length: 1500 }, (_, index) => `${index}`);
    const done: string[] = [];
    const asking = codesOf(...hostIds).finally(() => done.push('answer'));
    while (done.at(-1) !== 'answer') {
      done.push('other');
      await setImmediate();
    }
    assert.deepEqual(new Set(await asking), new Set(['HOST_UNKNOWN']));
    assert.ok(done.length - 1 >= 6, `${done.length - 1} turns of others`);
  });

  it('are denied each by itself, and others are not', async () => {
    assert.deepEqual(await codesOf('hv-1', 'damaged', 'away', 'unknown'), [
      'allowed',
      'HOST_UNREADABLE',
      'HOST_NOT_REMEMBERED',
      'HOST_UNKNOWN',
    ]);
    assert.deepEqual((await decideAdmission(context, ask('damaged'))).reasons[0]?.code, 'HOST_UNREADABLE');
  });

  it('fail the question where nobody can be read, one host is asked about alone, or something else is wrong', async () => {
    await assert.rejects(codesOf('away', 'away'), { code: 'STORAGE_UNREACHABLE' });
    await assert.rejects(decideAdmission(context, ask('away')), { code: 'STORAGE_UNREACHABLE' });
    await assert.rejects(codesOf('hv-1', 'broken'), TypeError);
    assert.deepEqual((await decideAdmissions(context, [[]])).decisions, [[]]);
  });
});
