// What happens to a request before and after its work, without the rest of a server: a socket, and records that are made here.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { createProver } from '../../../src/agent/index.ts';
import type { OperationId } from '../../../src/api/index.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { createToken } from '../../../src/server/auth/token.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { ServerError } from '../../../src/server/errors.ts';
import { createDoors } from '../../../src/server/http/app.ts';
import { systemRandom } from '../../../src/server/keys/random.ts';
import { createAnswerRoom } from '../../../src/server/load/answer-room.ts';
import { isQuestioned, noteQuestion } from '../../../src/server/own-turn.ts';
import type { TokenRecord } from '../../../src/server/storage/index.ts';
import { paperHost } from '../../support/paper-story.ts';

const now = new Date('2026-11-28T00:00:00Z');
const host = paperHost('hv-1');
const prove = createProver(host, { serverId: 'test.example', hostId: 'hv-1', akName: encodeHex(host.akName) });
const tokenOf = (role: TokenRecord['role'], more = {}) =>
  createToken({ name: role, role, at: now.getTime(), ...more }, systemRandom);
const tokens = {
  host: tokenOf('host', { hostId: 'hv-1' }),
  joiner: tokenOf('joiner'),
  operator: tokenOf('operator'),
};

/** What a request reached, in order. */
const reached: string[] = [];

interface Counted {
  readonly operation: string;
  readonly code: string;
}
const counted: string[] = [];
/** Of each recollection that was begun with, or found to be over, the latter. */
const recalled: boolean[] = [];

/** What is remembered of the host; undefined: nothing. */
interface Recollection {
  /** Undefined: its token is not what it was. */
  readonly token: TokenRecord | undefined;
  readonly refusal: ServerError;
  readonly isRecorded: boolean;
}
let recollection: Recollection | undefined;

let isBusy = false;
/** How a host is let in while others ask; undefined while nobody does. */
let letIn: (() => Promise<void>) | undefined;

function contextOf(akPublic: Uint8Array): ServerContext {
  const room = (name: string) => ({
    open: () => {
      reached.push(`room of ${name}`);
      return { take: () => undefined, leave: () => undefined };
    },
  });
  const work = (): never => {
    reached.push('work');
    throw new ServerError('ENROLLMENT_NOT_FOUND');
  };
  const gate = {
    arrive: () => letIn?.(),
    enter: (actor: string, stage: string) => {
      reached.push(`place of ${actor}, ${stage}`);
      if (isBusy) throw new ServerError('SERVER_BUSY');
      return { turn: () => void reached.push('turn'), leave: () => void reached.push('left') };
    },
  };
  const findToken = (id: string) => {
    reached.push('token');
    return Promise.resolve(Object.values(tokens).find(({ record }) => record.id === id)?.record);
  };
  const findHost = () => ({ hostId: 'hv-1', state: 'active', epoch: 1, akPublic, akName: host.akName });
  const recall = ({ token, refusal, isRecorded }: Recollection) => ({
    findHost,
    store: {
      findToken: () => {
        reached.push('token remembered');
        return token;
      },
      findChallenge: () => {
        reached.push('work on what is remembered');
        throw refusal;
      },
      spendChallenge: () => Promise.resolve(false),
    },
    again: () => (isRecorded ? undefined : { findHost, store: { findChallenge: work }, again: undefined }),
  });
  return {
    config: {
      serverId: 'test.example',
      listen: { host: '127.0.0.1', port: 8443 },
      auth: { clients: [] },
      enrolment: { mode: 'token' },
      limits: { bodyBytes: 1000, evidenceBytes: 5000, stallSeconds: 30 },
      attestation: { keepEvidence: 1 },
    },
    store: {
      readAhead: () => recollection && recall(recollection),
      findHost,
      findChallenge: work,
      takeEnrolment: work,
      addToken: work,
    },
    reads: { findToken, through: () => ({ findToken }) },
    trust: { through: () => undefined },
    memory: { keys: new Map() },
    gate,
    bodies: { strangers: room('strangers'), known: room('those who are known') },
    answers: createAnswerRoom(),
    failingStore: { note: () => false },
    writes: { note: () => undefined },
    metrics: {
      recalled: (isOver: boolean) => recalled.push(isOver),
      answered: ({ operation, code }: Counted) => counted.push(`${operation} ${code}`),
    },
    log: { isLevelEnabled: () => false, error: () => undefined },
    now: () => now,
    random: systemRandom,
  } as unknown as ServerContext;
}

describe('a request', () => {
  let server: Server;
  let isDraining = false;
  let operations: ReadonlySet<OperationId> | undefined;
  before(async () => {
    const context = contextOf(await host.akPublic());
    const service = { context, isDraining: () => isDraining };
    const { listener: whole } = createDoors(service);
    const { listener: part } = createDoors({ ...service, operations: new Set(['getHealth']) });
    server = createServer((request, response) => (operations === undefined ? whole : part)(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  beforeEach(() => {
    [isDraining, isBusy, letIn, operations, recollection] = [false, false, undefined, undefined, undefined];
    reached.splice(0);
    counted.splice(0);
    recalled.splice(0);
  });
  after(() => void server.close());

  interface Sent {
    readonly who?: keyof typeof tokens;
    readonly proof?: string;
    readonly type?: string;
    readonly length?: number;
    readonly text?: string;
  }
  /** Announces a body, and sends nothing of it yet unless it is told here. */
  const begin = (path: string, { who, proof, type = 'application/json', length, text }: Sent = {}) => {
    const { port } = server.address() as AddressInfo;
    const headers = {
      ...(who && { authorization: `Bearer ${tokens[who].token}` }),
      ...(proof !== undefined && { 'touchstone-proof': proof }),
      ...(length !== undefined && { 'content-type': type, 'content-length': length }),
    };
    const method = length === undefined ? 'GET' : 'POST';
    const request = send({ host: '127.0.0.1', port, path, method, headers, agent: false, timeout: 10_000 });
    // What is not answered fails its test, and not the run.
    request.on('error', () => undefined).on('timeout', () => request.destroy(new Error('no answer')));
    if (length === undefined || text !== undefined) request.end(text);
    else request.flushHeaders();
    return request;
  };
  const answerTo = async (request: ReturnType<typeof begin>) => {
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    const { code } = (await json(answer)) as { readonly code?: string };
    request.destroy();
    return { said: `${answer.statusCode} ${code ?? ''}`.trim(), headers: answer.headers };
  };
  const ask = (path: string, sent?: Sent) => answerTo(begin(path, sent));
  const attestations = '/v1/hosts/hv-1/attestations';
  const activation = `/v1/enrollments/enr_${'a'.repeat(22)}/activation`;

  it('is refused while the server stops, and told to come back by another connection; that it lives is said', async () => {
    isDraining = true;
    const { said, headers } = await ask('/.well-known/jwks.json');
    assert.deepEqual([said, headers['retry-after'], headers.connection], ['503 SERVER_DRAINING', '5', 'close']);
    assert.equal((await ask('/healthz')).said, '200');
  });

  it('is counted once, done or refused, under what it asked for', async () => {
    await ask('/healthz');
    await ask('/v1/tokens');
    await ask('/v1/nothing');
    assert.deepEqual(counted, ['getHealth OK', 'listTokens AUTH_REQUIRED', 'none REQUEST_ROUTE_UNKNOWN']);
  });

  it('is refused at an address where others are answered', async () => {
    operations = new Set(['getHealth']);
    assert.equal((await ask('/.well-known/jwks.json')).said, '421 SERVER_ADMISSION_ONLY');
    assert.equal((await ask('/healthz')).said, '200');
  });

  it('is refused by what it says of its body before anybody is asked who sends it', async () => {
    const sent = { who: 'operator', length: 10 } as const;
    assert.equal(
      (await ask('/v1/tokens', { ...sent, type: 'text/plain' })).said,
      '415 REQUEST_CONTENT_TYPE_UNSUPPORTED',
    );
    assert.equal((await ask('/v1/tokens', { ...sent, length: 1001 })).said, '413 REQUEST_BODY_TOO_LARGE');
    assert.equal((await ask(attestations, { ...sent, length: 5001 })).said, '413 REQUEST_BODY_TOO_LARGE');
    assert.deepEqual(reached, []);
  });

  it('may bring as much as evidence has, where it brings evidence', async () => {
    const { said } = await ask(attestations, { who: 'operator', length: 5000 });
    assert.equal(said, '403 AUTH_FORBIDDEN', 'it is asked who sends it');
  });

  it('of nobody who needs to be somebody is told how to say who it is', async () => {
    const { said, headers } = await ask('/v1/tokens', { length: 10 });
    assert.deepEqual([said, headers['www-authenticate']], ['401 AUTH_REQUIRED', 'Bearer']);
  });

  it('of a host is let in before it is asked who sends it, while others ask; of others it never waits', async () => {
    letIn = () => Promise.resolve(void reached.push('let in'));
    await ask(attestations, { who: 'operator', length: 10 });
    assert.deepEqual(reached.splice(0), ['let in', 'token']);
    await ask('/v1/tokens', { who: 'joiner' });
    assert.deepEqual(reached, ['token']);
  });

  it('is a question that the work of hosts is cut smaller for, where whoever asks may ask it', async () => {
    noteQuestion(Number.NEGATIVE_INFINITY);
    await ask('/v1/hosts/hv-1/verdict');
    await ask('/v1/hosts/hv-1/verdict', { who: 'joiner' });
    await ask('/v1/tokens', { who: 'operator' });
    assert.equal(isQuestioned(), false);
    await ask('/v1/hosts/hv-1/verdict', { who: 'operator' });
    assert.equal(isQuestioned(), true);
  });

  it('of a host that gave up before it was let in is asked nothing', async () => {
    const gone = new Promise<void>((resolve) => {
      server.once('connection', (socket) => socket.once('close', () => resolve()));
    });
    letIn = () => {
      request.destroy();
      return gone;
    };
    const request = begin(attestations, { who: 'operator', length: 10 });
    await gone;
    for (let turn = 0; turn < 100 && counted.length === 0; turn += 1) await setImmediate();
    assert.deepEqual([reached, counted], [[], ['createAttestation REQUEST_ABORTED']]);
  });

  it('of a host has its place before its body is read, and is sent away without one', async () => {
    const text = '{}';
    const bytes = new TextEncoder().encode(text);
    const sent = async (path: string) => {
      const proof = await prove({ method: 'POST', path, body: bytes, at: now.getTime() });
      return { who: 'host', proof, length: text.length } as const;
    };
    isBusy = true;
    assert.equal((await ask(attestations, await sent(attestations))).said, '503 SERVER_BUSY');
    assert.deepEqual(reached.splice(0), ['token', 'place of host hv-1, finishing']);
    isBusy = false;
    assert.equal((await ask(attestations, { ...(await sent(attestations)), text })).said, '400 REQUEST_INVALID');
    assert.deepEqual(reached.splice(0), ['token', 'place of host hv-1, finishing', 'turn', 'left']);
    const challenges = '/v1/hosts/hv-1/challenges';
    isBusy = true;
    await ask(challenges, await sent(challenges));
    assert.deepEqual(reached, ['token', 'place of host hv-1, opening']);
  });

  it('of a stranger has its place when its body came, waits for its turn, and gives the place back', async () => {
    const text = '{"secret":"AAAA"}';
    const request = begin(activation, { length: text.length });
    request.write(text.slice(0, 5));
    while (reached.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(reached, ['room of strangers']);
    request.end(text.slice(5));
    assert.equal((await answerTo(request)).said, '404 ENROLLMENT_NOT_FOUND');
    assert.deepEqual(reached.slice(1), ['place of anonymous, finishing', 'turn', 'work', 'left']);
  });

  it('is kept, as long as it comes, among those of whom as much is known', async () => {
    const text = '{}';
    const sent = { length: text.length, text };
    await ask('/v1/enrollments', { ...sent, who: 'joiner' });
    assert.deepEqual(reached.slice(0, 2), ['token', 'room of strangers']);
    reached.splice(0);
    await ask('/v1/tokens', { ...sent, who: 'operator' });
    assert.deepEqual(reached.slice(0, 2), ['token', 'room of those who are known']);
  });

  it('of an operator needs no place, and its token holds also when its body has come', async () => {
    const text = '{"name":"mine","role":"auditor"}';
    await ask('/v1/tokens', { who: 'operator', length: text.length, text });
    assert.deepEqual(reached, ['token', 'room of those who are known', 'token', 'work']);
    reached.splice(0);
    await ask('/.well-known/jwks.json', { who: 'operator' });
    assert.deepEqual(reached, ['token'], 'once where there is no body');
  });

  describe('of a host that is remembered', () => {
    const text = JSON.stringify({ challengeId: `chl_${'a'.repeat(22)}`, attest: 'AAAA', signature: 'AAAA' });
    const attest = async () => {
      const proof = await prove({
        method: 'POST',
        path: attestations,
        body: new TextEncoder().encode(text),
        at: now.getTime(),
      });
      return (await ask(attestations, { who: 'host', proof, length: text.length, text })).said;
    };
    const known = { token: tokens.host.record, refusal: new ServerError('CHALLENGE_NOT_FOUND'), isRecorded: false };
    const place = ['place of host hv-1, finishing', 'turn'];

    it('is refused by what is read, and by nothing that is remembered', async () => {
      recollection = { ...known, token: undefined };
      assert.equal(await attest(), '404 ENROLLMENT_NOT_FOUND', 'as the work on what was read says');
      assert.deepEqual(reached.splice(0), ['token remembered', 'token', ...place, 'work', 'left']);
      recollection = known;
      assert.equal(await attest(), '404 ENROLLMENT_NOT_FOUND');
      const worked = ['work on what is remembered', 'token', 'work', 'left'];
      assert.deepEqual(reached, ['token remembered', ...place, ...worked], 'it is asked anew who sends it');
      assert.deepEqual(recalled, [false, true, false, true]);
    });

    it('is told what failed behind its attestation, which is recorded once', async () => {
      recollection = { ...known, isRecorded: true };
      assert.equal(await attest(), '409 CHALLENGE_NOT_FOUND');
      assert.deepEqual(reached, ['token remembered', ...place, 'work on what is remembered', 'left']);
      assert.deepEqual(recalled, [false]);
    });

    it('is told at once that the server is busy, or the database away', async () => {
      for (const code of ['SERVER_BUSY', 'STORAGE_UNREACHABLE'] as const) {
        recollection = { ...known, refusal: new ServerError(code) };
        assert.equal(await attest(), `503 ${code}`);
        assert.deepEqual(reached.splice(0).slice(-2), ['work on what is remembered', 'left']);
      }
    });
  });
});
