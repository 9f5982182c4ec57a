import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AgentError,
  attestUntilTrusted,
  backOff,
  run,
  type AgentEvent,
  type RunOptions,
} from '../../src/agent/index.ts';
import { hash } from '../../src/core/crypto/index.ts';
import { encodeBase64, encodeHex } from '../../src/core/encoding/index.ts';
import { createPaperHost, createSimulatorAuthority, type PaperHost } from '../../src/simulator/index.ts';
import { listenOnLoopback, type Loopback } from '../support/loopback.ts';

/** What the server does with one attestation. */
type Answer =
  | {
      readonly status: 'affirming' | 'warning' | 'contraindicated' | 'none';
      readonly next?: number;
      /** Id of the challenge that rides in the answer. */
      readonly rides?: string;
      /** As an older server does, which says nothing of them; or by name. */
      readonly wantsPcrs?: true | 'unsaid';
    }
  | { readonly problem: number; readonly retryAfter?: number; readonly code?: string }
  | 'hang up';

const device = createPaperHost({ name: 'paper', authority: createSimulatorAuthority({ at: new Date() }) });

describe('the agent as a service', () => {
  let folder: string;
  let server: Loopback;
  let answers: Answer[];
  let wanted: Readonly<Record<'pcrs' | 'eventLog' | 'imaLog' | 'userspaceLog', boolean>>;
  let received: Record<string, unknown>;
  let challenged: Record<string, unknown>;
  /** What was asked for, and which challenge was answered. */
  let requests: string[];
  /** Of those that were answered, the ones with PCR values. */
  let withPcrs: string[];
  /** No test waits so often. An agent whose waits take no time, and whom no answer satisfies, would go on for ever. */
  const mostWaits = 100;
  let waited: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ts-run-'));
    answers = [];
    wanted = { pcrs: true, eventLog: false, imaLog: false, userspaceLog: false };
    received = {};
    challenged = {};
    requests = [];
    withPcrs = [];
    waited = 0;
    server = await listenOnLoopback(createServer((request, response) => void serve(request, response)));
    mkdirSync(join(folder, 'state'));
    const state = {
      version: 1,
      server: server.url,
      serverId: 'fake',
      hostId: 'paper',
      akName: encodeHex(device.akName),
      hostToken: 'token',
      akCertificate: 'pem',
    };
    writeFileSync(join(folder, 'state', 'agent.json'), JSON.stringify(state), { mode: 0o600 });
  });

  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('attests, waits as long as the server says or a little less, and attests again', async () => {
    answers = [
      { status: 'affirming', next: 600 },
      { status: 'affirming', next: 60 },
    ];
    const { events, waits } = await runFor(2, { random: () => 0.5 });
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['attested', 'attested'],
    );
    assert.deepEqual(waits, [570_000, 57_000]);
  });

  it('asks again at least once a day, and at most once a second', async () => {
    answers = [
      { status: 'affirming', next: 1e12 },
      { status: 'affirming', next: 0 },
      { status: 'affirming', next: -5 },
    ];
    assert.deepEqual((await runFor(3, { random: () => 0 })).waits, [86_400_000, 1000, 1000]);
  });

  it('waits longer after each failure, up to five minutes, and starts over after a success', async () => {
    answers = [...Array.from({ length: 11 }, () => 'hang up' as const), { status: 'affirming', next: 60 }, 'hang up'];
    const { waits } = await runFor(13, { random: () => 0.999_999 });
    assert.deepEqual(
      waits.slice(0, 11).map((ms) => Math.round(ms / 1000)),
      [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300],
    );
    assert.equal(Math.round((waits[12] ?? 0) / 1000), 1);
  });

  it('spreads its waits by chance over the upper half', async () => {
    answers = ['hang up', 'hang up'];
    assert.deepEqual((await runFor(2, { random: () => 0 })).waits, [500, 1000]);
  });

  it('honours Retry-After', async () => {
    answers = [{ problem: 503, retryAfter: 90 }];
    const { events, waits } = await runFor(1, { random: () => 0 });
    assert.deepEqual(waits, [90_000]);
    const [event] = events;
    assert.equal(event?.kind === 'failed' ? event.failure.code : '', 'SERVER_DRAINING');
  });

  it('keeps an appointment a little later by chance, not within a second, and within the day', () => {
    const waits = (retryAfterSeconds: number) => [0, 0.5].map((chance) => backOff(9, { retryAfterSeconds }, () => chance)); // prettier-ignore
    assert.deepEqual(waits(90), [90_000, 94_500]);
    assert.deepEqual(waits(0), [1000, 1050]);
    assert.deepEqual(waits(1e9), [86_400_000, 90_720_000]);
  });

  it('keeps every appointment, however often it is sent away, and counts none of them as a failure', async () => {
    answers = [...Array.from({ length: 12 }, () => ({ problem: 503, retryAfter: 3 })), 'hang up' as const];
    const { waits } = await runFor(13, { random: () => 0 });
    assert.deepEqual(waits, [...Array.from({ length: 12 }, () => 3000), 500]);
  });

  it('goes on after a verdict that is not trusted', async () => {
    answers = [{ status: 'contraindicated', next: 300 }, { status: 'affirming' }];
    const { events } = await runFor(2);
    assert.equal(events.length, 2);
  });

  it('goes on without an enrolment until there is one', async () => {
    rmSync(join(folder, 'state'), { recursive: true });
    const { events } = await runFor(2);
    assert.deepEqual(
      events.map((event) => (event.kind === 'failed' ? event.failure.code : event.kind)),
      ['AGENT_NOT_ENROLLED', 'AGENT_NOT_ENROLLED'],
    );
  });

  it('opens the TPM anew after it was lost, and closes it at the end', async () => {
    answers = [{ status: 'affirming' }, { status: 'affirming' }];
    let opened = 0;
    let closed = 0;
    let fails = true;
    const openDevice = () => {
      opened += 1;
      const quote: PaperHost['quote'] = (...input) => {
        const lost = fails;
        fails = false;
        return lost ? Promise.reject(new AgentError('AGENT_TPM_CONNECTION_LOST', 'gone')) : device.quote(...input);
      };
      const close = () => {
        closed += 1;
        return Promise.resolve();
      };
      return Promise.resolve({ ...device, quote, close });
    };
    await runFor(3, { openDevice });
    assert.equal(opened, 2);
    assert.equal(closed, 2);
  });

  for (const name of ['imaLog', 'userspaceLog'] as const) {
    /** A device whose log is one byte longer after each of the other steps. */
    const growing = (order: string[]): PaperHost => ({
      ...device,
      quote: (...input) => {
        order.push('quote');
        return device.quote(...input);
      },
      [name]: () => {
        order.push('log');
        return Promise.resolve(new Uint8Array(order.length));
      },
    });

    it(`reads ${name} after the quote, so that it holds at least what was quoted`, async () => {
      answers = [{ status: 'affirming' }];
      const order: string[] = [];
      wanted = { ...wanted, [name]: true };
      await runFor(1, { openDevice: () => Promise.resolve(growing(order)) });
      assert.deepEqual(order, ['log', 'quote', 'log']);
      assert.deepEqual(received[name], encodeBase64(new Uint8Array(3)));
      assert.equal(received['eventLog'], undefined);
    });

    it(`sends ${name} though the server holds it, where it has grown since the challenge`, async () => {
      answers = [{ status: 'affirming' }];
      await runFor(1, { openDevice: () => Promise.resolve(growing([])) });
      assert.deepEqual(received[name], encodeBase64(new Uint8Array(3)));
    });

    it(`does not send ${name} again where it is as the server holds it`, async () => {
      answers = [{ status: 'affirming' }];
      const steady = { ...device, [name]: () => Promise.resolve(Uint8Array.of(1, 2, 3)) };
      await runFor(1, { openDevice: () => Promise.resolve(steady) });
      assert.equal(received[name], undefined);
      const logs = challenged['logs'] as Record<string, unknown>;
      assert.deepEqual(logs[name], { sha256: encodeHex(hash('sha256', Uint8Array.of(1, 2, 3))), length: 3 });
    });
  }

  it('answers the challenge that came with the last answer, without asking for one', async () => {
    answers = [{ status: 'affirming', rides: 'one' }, { status: 'affirming', rides: 'two' }, { status: 'affirming' }];
    await runFor(4);
    assert.deepEqual(requests, ['asks', 'c', 'one', 'two', 'asks', 'c']);
    assert.equal(received['eventLog'], undefined);
  });

  it('leaves out the PCR values that the server has from the attestation before, and sends them where they changed', async () => {
    answers = [{ status: 'affirming', rides: 'one' }, { status: 'affirming', rides: 'two' }, { status: 'affirming' }];
    let quotes = 0;
    const changing: PaperHost = {
      ...device,
      quote: async (...input) => {
        const quote = await device.quote(...input);
        quotes += 1;
        return quotes < 3 ? quote : { ...quote, pcrs: new Map([['sha256', new Map([[0, new Uint8Array(32)]])]]) };
      },
    };
    await runFor(3, { openDevice: () => Promise.resolve(changing) });
    assert.deepEqual(requests, ['asks', 'c', 'one', 'two']);
    assert.deepEqual(withPcrs, ['c', 'two']);
  });

  it('leaves them out again when it is sent away, and sends them when the server does not have them', async () => {
    const lost = { problem: 409, code: 'CHALLENGE_PCRS_MISSING' };
    answers = [{ status: 'affirming', rides: 'one' }, { problem: 503, retryAfter: 1 }, lost, { status: 'affirming' }];
    await runFor(3);
    assert.deepEqual(requests, ['asks', 'c', 'one', 'one', 'asks', 'c']);
    assert.deepEqual(withPcrs, ['c', 'c']);
  });

  it('sends them where the server wants them, though they are those of before', async () => {
    answers = [
      { status: 'affirming', rides: 'one', wantsPcrs: true },
      { status: 'affirming', rides: 'two', wantsPcrs: 'unsaid' },
      { status: 'affirming' },
    ];
    await runFor(3);
    assert.deepEqual(withPcrs, ['c', 'one', 'two']);
  });

  for (const code of ['CHALLENGE_NOT_FOUND', 'CHALLENGE_EXPIRED', 'CHALLENGE_LOG_MISSING', 'CHALLENGE_PCRS_MISSING']) {
    it(`asks once when what it kept is refused: ${code}`, async () => {
      answers = [{ status: 'affirming', rides: 'one' }, { problem: 409, code }, { status: 'affirming' }];
      const { events } = await runFor(2);
      assert.deepEqual(requests, ['asks', 'c', 'one', 'asks', 'c']);
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['attested', 'attested'],
      );
    });
  }

  it('does not ask twice in a row: what is refused then is a failure', async () => {
    const refused = { problem: 409, code: 'CHALLENGE_NOT_FOUND' };
    answers = [{ status: 'affirming', rides: 'one' }, refused, refused];
    const { events } = await runFor(2);
    assert.deepEqual(requests, ['asks', 'c', 'one', 'asks', 'c']);
    assert.equal(events[1]?.kind, 'failed');
  });

  it('keeps it when the server has no time, and loses it when nobody knows what became of it', async () => {
    answers = [
      { status: 'affirming', rides: 'one' },
      { problem: 503, retryAfter: 1 },
      { status: 'affirming', rides: 'two' },
      'hang up',
    ];
    await runFor(5);
    assert.deepEqual(requests, ['asks', 'c', 'one', 'one', 'two', 'asks', 'c']);
  });

  it('does not start over when the server has no time for the answer to what it asked for', async () => {
    answers = [{ problem: 503, retryAfter: 1 }, { problem: 503, retryAfter: 1 }, { status: 'affirming' }];
    await runFor(3);
    assert.deepEqual(requests, ['asks', 'c', 'c', 'c']);
  });

  it('asks anew, in the same visit, when that is over by then', async () => {
    answers = [{ problem: 503, retryAfter: 1 }, { problem: 409, code: 'CHALLENGE_EXPIRED' }, { status: 'affirming' }];
    const { events } = await runFor(2);
    assert.deepEqual(requests, ['asks', 'c', 'c', 'asks', 'c']);
    assert.equal(events[1]?.kind, 'attested');
  });

  it('asks after another boot, whatever it kept', async () => {
    answers = [{ status: 'affirming', rides: 'one' }, { status: 'affirming' }];
    const boots = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
    const attested: string[] = [];
    const openDevice = () =>
      Promise.resolve({ ...device, bootId: () => Promise.resolve(boots[attested.length === 0 ? 0 : 1]) });
    const controller = new AbortController();
    const onEvent = ({ kind }: AgentEvent) => {
      attested.push(kind);
      if (attested.length === 2) controller.abort();
    };
    await run(options({ openDevice, signal: controller.signal, onEvent }));
    assert.deepEqual([requests, challenged['bootId']], [['asks', 'c', 'asks', 'c'], boots[1]]);
  });

  it('sends a log again that has changed since the last answer, though the server holds what it was', async () => {
    answers = [{ status: 'affirming', rides: 'one' }, { status: 'affirming' }];
    let length = 3;
    const growing = { ...device, imaLog: () => Promise.resolve(new Uint8Array(length)) };
    const openDevice = () => Promise.resolve(growing);
    await runFor(2, { openDevice, sleep: () => Promise.resolve(void (length = 9)) });
    assert.deepEqual([requests.at(-1), received['imaLog']], ['one', encodeBase64(new Uint8Array(9))]);
  });

  it('lets a defect of its own surface', async () => {
    const openDevice = () => Promise.reject(new TypeError('a bug'));
    await assert.rejects(runFor(1, { openDevice }), /^TypeError: a bug$/);
  });

  it('is ended by these tests where no answer satisfies it', async () => {
    await assert.rejects(attestUntilTrusted(options({})), /goes on for ever/);
    assert.equal(waited, mostWaits + 1);
  });

  it('does nothing when it is stopped before it starts', async () => {
    const controller = new AbortController();
    controller.abort();
    await run(options({ signal: controller.signal, openDevice: () => assert.fail('opened') }));
  });

  describe('at the boot gate', () => {
    it('ends with the first affirming verdict', async () => {
      answers = [
        'hang up',
        { status: 'contraindicated', next: 300 },
        { status: 'warning', next: 300 },
        { status: 'affirming' },
      ];
      const waits: number[] = [];
      const result = await attestUntilTrusted(
        options({ random: () => 0, onEvent: ({ waitMs }) => waits.push(waitMs) }),
      );
      assert.equal(result?.verdict.status, 'affirming');
      assert.deepEqual(waits, [500, 30_000, 30_000, 0]);
    });

    it('may be content with a warning, when told', async () => {
      answers = [{ status: 'none' }, { status: 'warning' }];
      const result = await attestUntilTrusted(options({}), { minimumStatus: 'warning' });
      assert.equal(result?.verdict.status, 'warning');
    });

    it('is not open when it was stopped', async () => {
      answers = [{ status: 'contraindicated' }];
      const controller = new AbortController();
      const stop = () => controller.abort();
      assert.equal(await attestUntilTrusted(options({ signal: controller.signal, onEvent: stop })), undefined);
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString();
    const isChallenge = request.url?.endsWith('/challenges') === true;
    const document = JSON.parse(body) as Record<string, unknown>;
    if (isChallenge) challenged = document;
    else received = document;
    if (document['pcrs'] !== undefined) withPcrs.push(String(document['challengeId']));
    requests.push(isChallenge ? 'asks' : String(document['challengeId']));
    const answer = isChallenge ? undefined : answers.shift();
    if (answer === 'hang up') {
      request.socket.destroy();
      return;
    }
    if (answer !== undefined && 'problem' in answer) {
      const retry = answer.retryAfter === undefined ? {} : { 'retry-after': String(answer.retryAfter) };
      response.writeHead(answer.problem, { 'content-type': 'application/problem+json', ...retry });
      response.end(
        JSON.stringify({
          type: 'about:blank',
          title: 'no',
          status: answer.problem,
          code: answer.code ?? 'SERVER_DRAINING',
        }),
      );
      return;
    }
    response.writeHead(isChallenge ? 201 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isChallenge ? { ...challenge(), want: wanted } : verdict(answer)));
  }

  async function runFor(count: number, changes: Partial<RunOptions> = {}) {
    const events: AgentEvent[] = [];
    const controller = new AbortController();
    await run(
      options({
        ...changes,
        signal: controller.signal,
        onEvent: (event) => {
          events.push(event);
          if (events.length === count) controller.abort();
        },
      }),
    );
    return { events, waits: events.map(({ waitMs }) => waitMs) };
  }

  function options(changes: Partial<RunOptions>): RunOptions {
    return {
      stateDirectory: join(folder, 'state'),
      openDevice: () => Promise.resolve(device),
      signal: new AbortController().signal,
      sleep: () => {
        waited += 1;
        return waited > mostWaits ? Promise.reject(new Error('the agent goes on for ever')) : Promise.resolve();
      },
      random: () => 0.5,
      onEvent: () => undefined,
      ...changes,
    };
  }
});

function challenge() {
  return {
    challengeId: 'c',
    serverId: 'fake',
    nonce: encodeBase64(new Uint8Array(32).fill(1)),
    qualifyingData: '',
    pcrSelection: [{ bank: 'sha256', pcrs: [0, 7] }],
    expiresAt: '',
  };
}

function verdict(answer: Exclude<Answer, 'hang up' | { problem: number }> | undefined) {
  const ride = { ...challenge(), challengeId: answer?.rides, expiresAt: '2026-01-01T00:10:00.000Z' };
  return {
    verdict: {
      ...{ host: 'paper', status: answer?.status ?? 'none', vector: {}, findings: [], layers: {} },
      ...{ challengedAt: '2026-01-01T00:00:00.000Z', issuedAt: '2026-01-01T00:00:00.000Z', expiresAt: '' },
    },
    nextAttestationSeconds: answer?.next ?? 1,
    ...(answer?.rides === undefined
      ? {}
      : {
          nextChallenge: {
            ...ride,
            want: {
              ...(answer.wantsPcrs === 'unsaid' ? {} : { pcrs: answer.wantsPcrs === true }),
              ...{ eventLog: false, imaLog: false, userspaceLog: false },
            },
          },
        }),
  };
}
