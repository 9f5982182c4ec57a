import assert from 'node:assert/strict';
import { AgentError, awaitApproval, describeFailure } from '../../src/agent/index.ts';
import { ApiProblem, ApiUnreachable } from '../../src/api/index.ts';

const problem = (code: string, retryAfter?: number): ApiProblem =>
  new ApiProblem({ type: 'about:blank', title: code, status: 403, code, instance: 'x' }, retryAfter);
const waiting = (retryAfter?: number): AgentError =>
  new AgentError('AGENT_APPROVAL_PENDING', 'waits', { cause: problem('ENROLLMENT_WAITING', retryAfter) });

/** Runs over a list of answers; what is no error is the last one. */
async function play(answers: readonly unknown[], { abortAfter = Infinity, chance = 0 } = {}) {
  const controller = new AbortController();
  const waits: number[] = [];
  let asked = 0;
  const work = (): Promise<unknown> => {
    const answer = answers[asked];
    asked += 1;
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(answer);
  };
  const options = {
    signal: controller.signal,
    sleep: () => {
      if (waits.length >= abortAfter) controller.abort();
      return Promise.resolve();
    },
    random: () => chance,
    onWait: (_failure: unknown, waitMs: number) => void waits.push(waitMs),
  };
  try {
    return { answer: await awaitApproval(work, options), waits };
  } catch (error) {
    return { code: describeFailure(error)?.code, waits };
  }
}

describe('waiting for approval', () => {
  it('asks again, at the pace the server asked for and ever more seldom, until it is enrolled', async () => {
    assert.deepEqual(await play([waiting(60), waiting(60), waiting(60), 'enrolled']), {
      answer: 'enrolled',
      waits: [60_000, 90_000, 135_000],
    });
  });

  it('never waits longer than ten minutes, nor less than a second', async () => {
    const { waits } = await play([...Array<Error>(12).fill(waiting(60)), 'enrolled']);
    assert.equal(waits.at(-1), 600_000);
    assert.deepEqual((await play([waiting(0), 'enrolled'])).waits, [1000]);
    assert.deepEqual((await play([waiting(), 'enrolled'])).waits, [60_000]);
    assert.deepEqual((await play([problem('ENROLLMENT_QUEUE_FULL', 20), 'enrolled'])).waits, [20_000]);
    const away = new ApiUnreachable('API_UNREACHABLE', 'away');
    assert.deepEqual((await play([waiting(20), away, 'enrolled'])).waits, [20_000, 90_000]);
    assert.deepEqual((await play([waiting(60), 'enrolled'], { chance: 0.5 })).waits, [63_000]);
  });

  it('ends at once with what an operator cannot answer, and with a rejection', async () => {
    assert.deepEqual(await play([problem('HOST_NAME_TAKEN')]), { code: 'HOST_NAME_TAKEN', waits: [] });
    const noTpm = new AgentError('AGENT_TPM_MISSING', 'no TPM');
    assert.deepEqual(await play([noTpm]), { code: 'AGENT_TPM_MISSING', waits: [] });
    const { code, waits } = await play([waiting(60), problem('ENROLLMENT_REJECTED')]);
    assert.deepEqual([code, waits.length], ['ENROLLMENT_REJECTED', 1]);
  });

  it('waits for a place in the queue too', async () => {
    assert.equal((await play([problem('ENROLLMENT_QUEUE_FULL'), waiting(), 'enrolled'])).answer, 'enrolled');
  });

  it('lives through a server that is away, once it waits; not before', async () => {
    const away = new ApiUnreachable('API_UNREACHABLE', 'away');
    assert.equal((await play([waiting(), away, problem('SERVER_BUSY', 5), 'enrolled'])).answer, 'enrolled');
    assert.equal((await play([away, 'enrolled'])).code, 'API_UNREACHABLE');
  });

  it('ends with a signal', async () => {
    const { code, waits } = await play([waiting(), waiting(), 'enrolled'], { abortAfter: 2 });
    assert.deepEqual([code, waits.length], ['AGENT_APPROVAL_PENDING', 2]);
  });

  it('ends with one that came while it asked, and does not say that it asks again', async () => {
    const controller = new AbortController();
    const work = () => {
      controller.abort();
      return Promise.reject(waiting());
    };
    const fail = () => assert.fail('it waits');
    const options = { signal: controller.signal, sleep: fail, random: () => 0, onWait: fail };
    await assert.rejects(awaitApproval(work, options), { code: 'AGENT_APPROVAL_PENDING' });
  });

  it('passes on what is our own defect', async () => {
    await assert.rejects(
      awaitApproval(() => Promise.reject(new TypeError('defect')), {
        signal: new AbortController().signal,
        sleep: () => Promise.resolve(),
        random: () => 0,
        onWait: () => undefined,
      }),
      TypeError,
    );
  });
});
