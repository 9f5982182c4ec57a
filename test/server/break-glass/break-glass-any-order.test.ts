// A model of one host under break-glass, and a server that must agree with it after every act.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { useRefusedHost } from './refused-host.ts';

/** A host that was silent for so long has no verdict any more: the policy of these tests says so. */
const verdictMs = 600_000;

interface Model {
  readonly statements: { id: string; until: string; state: string; isOfThisBoot: boolean }[];
  readonly quarantines: string[];
  attestedAt: number;
  /** It booted again, and the server has not heard of it. */
  isBooted: boolean;
}

const isFresh = ({ attestedAt }: Model, at: number): boolean => at - attestedAt < verdictMs;

function isAllowed(model: Model, at: number): boolean {
  const isGranted = model.statements.some(
    ({ until, state, isOfThisBoot }) => isOfThisBoot && state === 'in-force' && at < Date.parse(until),
  );
  return isGranted && isFresh(model, at) && model.quarantines.length === 0;
}

describe('break-glass in any order of events', () => {
  const world = useRefusedHost();
  const { again, decision, begin, end } = world;
  const now = (): number => world.server.now().getTime();
  let tickets = 0;

  const acts = {
    attest: async (model: Model) => {
      await again();
      if (model.isBooted) for (const one of model.statements) one.isOfThisBoot = false;
      Object.assign(model, { attestedAt: now(), isBooted: false });
    },
    wait: () => {
      world.server.advance(250);
      return Promise.resolve();
    },
    quarantine: async (model: Model) => {
      const body = { hosts: { names: [world.id] }, reason: 'x' };
      model.quarantines.push((await world.server.operator.call('createQuarantine', { body })).id);
    },
    lift: async (model: Model) => {
      const quarantineId = model.quarantines.pop();
      if (quarantineId === undefined) return;
      await world.server.operator.call('liftQuarantine', { path: { quarantineId }, body: { reason: 'x' } });
    },
    reboot: (model: Model) => {
      model.isBooted = true;
      world.host.reboot();
      return Promise.resolve();
    },
    submit: async (model: Model) => {
      // Nobody signs for a host of which nothing is known.
      if (!isFresh(model, now()) || model.quarantines.length > 0) return;
      const statement = await begin({ seconds: 600, ticket: `INC-${(tickets += 1)}` });
      model.statements.push({ ...statement, isOfThisBoot: true });
    },
    end: async (model: Model) => {
      const last = model.statements.findLast(({ state }) => state === 'in-force');
      if (last === undefined || Date.parse(last.until) <= now()) return;
      last.state = (await end(last.id)).statement.state;
    },
  } as const;

  it('never gives a stale yes: time, end, reboot, quarantine, silence', async () => {
    const names = ['attest', 'attest', 'wait', 'quarantine', 'lift', 'reboot', 'submit', 'submit', 'end'] as const;
    let allowed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { minLength: 6, maxLength: 14 }), async (order) => {
        await again();
        const model: Model = { statements: [], quarantines: [], attestedAt: now(), isBooted: false };
        for (const act of ['submit', ...order] as const) {
          await acts[act](model);
          const expected = isAllowed(model, now());
          assert.equal(await decision(), expected ? 'allow' : 'deny', `${act} of ${order.join(', ')}`);
          if (expected) allowed += 1;
        }
        while (model.quarantines.length > 0) await acts.lift(model);
        world.host.reboot();
      }),
      { numRuns: 12, endOnFailure: true },
    );
    assert.ok(allowed > 10, `only ${allowed} times yes: the property proves nothing`);
  });
});
