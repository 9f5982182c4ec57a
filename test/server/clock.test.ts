import assert from 'node:assert/strict';
import { createClock } from '../../src/server/clock.ts';
import { attest, trustedWorld } from '../support/paper-story.ts';
import { startTestServer, testStart } from '../support/test-server.ts';

const hour = 3_600_000;

/** A machine whose clock can be set, and which lives on at its own pace. */
function machine() {
  let wall = testStart.getTime();
  let steady = 5000;
  const steps: number[] = [];
  return {
    steps,
    now: createClock((size) => steps.push(size), { wall: () => wall, steady: () => steady }),
    pass: (milliseconds: number) => {
      wall += milliseconds;
      steady += milliseconds;
    },
    set: (milliseconds: number) => {
      wall += milliseconds;
    },
  };
}

describe('the clock', () => {
  it('is the clock of the machine as long as that goes forward, by itself or by a jump', () => {
    const { now, pass, set, steps } = machine();
    assert.equal(now().getTime(), testStart.getTime());
    pass(hour);
    assert.equal(now().getTime(), testStart.getTime() + hour);
    set(hour);
    assert.equal(now().getTime(), testStart.getTime() + 2 * hour);
    assert.deepEqual(steps, []);
  });

  it('goes on where it was when the clock of the machine is set back, and says so once', () => {
    const { now, pass, set, steps } = machine();
    set(-hour);
    assert.equal(now().getTime(), testStart.getTime());
    pass(1000);
    assert.equal(now().getTime(), testStart.getTime() + 1000);
    now();
    assert.deepEqual(steps, [hour]);
    set(2 * hour);
    assert.equal(now().getTime(), testStart.getTime() + hour + 1000);
    set(-hour);
    now();
    assert.deepEqual(steps, [hour, hour]);
  });

  it('never makes an old verdict young again: a clock set back leaves a lapsed host lapsed, and lapses the others in time', async () => {
    const { now, pass, set } = machine();
    const server = await startTestServer({ start: { now } });
    const { enrolled, host } = await trustedWorld(server);
    const decide = async () =>
      (await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision;
    const lifetime = 600_000;
    assert.equal(await decide(), 'allow');
    set(-lifetime / 2);
    assert.equal(await decide(), 'allow');
    pass(lifetime - 1);
    assert.equal(await decide(), 'allow');
    pass(1);
    assert.equal(await decide(), 'deny');
    for (const back of [1000, lifetime / 2, hour, 24 * hour]) {
      set(-back);
      assert.equal(await decide(), 'deny', `set back by ${back} ms`);
    }
    assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
    assert.equal(await decide(), 'allow');
    await server.close();
  });

  it('denies after a start with the clock set back, until the host attests again', async () => {
    const server = await startTestServer();
    const { enrolled, host } = await trustedWorld(server);
    const client = () => server.client(enrolled.token, enrolled.prove);
    const decide = async () => server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    const behind = new Date(server.now().getTime() - hour);
    await server.restart({ now: () => behind });
    const { decision, reasons } = await decide();
    assert.deepEqual([decision, reasons.map(({ code }) => code)], ['deny', ['VERDICT_VOIDED']]);
    assert.match(reasons[0]?.message ?? '', /issued while the clock of the server was ahead/);
    assert.equal((await attest({ ...enrolled, client: client() }, host)).verdict.status, 'affirming');
    assert.equal((await decide()).decision, 'allow');
    await server.close();
  });

  it('lapses verdicts, challenges and tokens when it jumps forward, and a host attests anew', async () => {
    const server = await startTestServer();
    const { enrolled, host } = await trustedWorld(server);
    server.advance(365 * 24 * 3600);
    const { decision, reasons } = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.deepEqual([decision, reasons.map(({ code }) => code)], ['deny', ['VERDICT_EXPIRED']]);
    assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
    await server.close();
  });
});
