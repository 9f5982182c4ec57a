// A server that is not the right one, or somebody between: whatever it answers, no command hands a terminal signs that it would obey.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parse } from 'yaml';
import { encodeUtf8 } from '../../src/core/encoding/index.ts';
import { parseGolden } from '../../src/core/golden/index.ts';
import { encodeEarCbor, encodeEarJson } from '../../src/core/verdict/index.ts';
import { createEar } from '../core/verdict/verdicts.ts';
import { cli, type CliRun } from './cli-run.ts';
import { listenOnLoopback, type Loopback } from '../support/loopback.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Red, another title of the window, a turn of the order of text, a sign of C1, and a line that looks like one of ours. */
const hostile = 'x\u001b[41m\u001b]0;title\u0007\u202e\u009b2J\naccepted';
const obeyed = /(?![\n\t])\p{Cc}|[\u202a-\u202e]/u;
const id = '4f1d'.repeat(16);
const commands = [
  ['host', 'list'], ['host', 'show', 'h'], ['host', 'conflicts'], ['host', 'pending'], ['host', 'explain', 'h'], ['golden', 'list'],
  ['golden', 'rollout', 'status', 'r'], ['policy', 'list'], ['policy', 'show', 'p'], ['signer', 'list'], ['token', 'list'],
  ['token', 'create', 'x', '--role', 'monitor'], ['quarantine', 'list'], ['deny', 'list'], ['deny', 'show', 'x'], ['events'],
  ['events', '--format', 'ocsf', '--since', '0'], ['subscription', 'list'], ['trust-anchor', 'list'], ['trust-anchor', 'intermediates', 'list'],
  ['signing-key', 'list'], ['attestation-ca', 'list'], ['attestation-ca', 'chain'], ['break-glass', 'list'], ['lockout', 'show'], ['crl', 'list'],
  ['ek', 'list'], ['admit', 'h'], ['golden', 'show', `sha256:${id}`],
  ['host', 'token', 'h'], ['host', 'token', 'h', '--format', 'cwt'],
]; // prettier-ignore

/** What reads a list in pages. */
const paging = [
  ['host', 'list'], ['host', 'pending'], ['host', 'outliers'], ['golden', 'list'], ['deny', 'show', 'x'], ['deny', 'hosts', 'x'],
  ['quarantine', 'list'], ['ek', 'list'], ['audit', 'list', '--limit', '9999'], ['audit', 'export'], ['events', '--since', '0'],
  ['events', '--follow', '--since', '0'],
]; // prettier-ignore

/** What changes something. */
const acting = [
  ['lockout', 'end', '--reason', 'x'], ['token', 'create', 'x', '--role', 'monitor'], ['token', 'revoke', 'tok_7Y1bL0Qm2cTtW3xS', '--yes'],
  ['host', 'release', 'h', '--reason', 'x', '--yes'], ['host', 'retire', 'h', '--reason', 'x', '--yes'], ['host', 'label', 'h', 'a=b'],
  ['quarantine', 'lift', 'qua_7Y1bL0Qm2cTtW3xS', '--reason', 'x'],
  ['golden', 'retire', `sha256:${id}`, '--reason', 'x', '--yes'], ['golden', 'revoke', `sha256:${id}`, '--reason', 'x', '--yes'],
  ['deny', 'remove', 'x', '--reason', 'x'], ['signer', 'remove', 'k', '--reason', 'x', '--yes'],
  ['trust-anchor', 'withdraw', id, '--reason', 'x', '--yes'], ['break-glass', 'end', `sha256:${id}`, '--reason', 'x'],
  ['subscription', 'remove', 'sub_7Y1bL0Qm2cTtW3xS'], ['golden', 'rollout', 'advance', 'r'],
]; // prettier-ignore

const document = parse(readFileSync('openapi.yaml', 'utf8')) as Schema;

function follow(value: unknown): Schema {
  const reference = (value as Schema)['$ref'];
  if (typeof reference !== 'string') return value as Schema;
  return follow(reference.split('/').slice(1).reduce((from, name) => from[name] as Schema, document)); // prettier-ignore
}

/** An answer of the right form, with nothing but hostile text. */
function answerOf(given: unknown, depth = 0): unknown {
  const schema = follow(given);
  const first = (['oneOf', 'anyOf'] as const).map((kind) => schema[kind] as unknown[] | undefined).find(Boolean);
  if (depth > 12) return null;
  if (first !== undefined) return answerOf(first[0], depth + 1);
  const whole = (schema['allOf'] as unknown[] | undefined) ?? [];
  if (schema['properties'] !== undefined || whole.length > 0) {
    const members = Object.entries((schema['properties'] as Schema | undefined) ?? {});
    const own = Object.fromEntries(members.map(([name, member]) => [name, answerOf(member, depth + 1)]));
    return Object.assign({}, ...whole.map((part) => answerOf(part, depth + 1)), own) as unknown;
  }
  switch ([schema['type']].flat()[0]) {
    case 'array':
      return [answerOf(schema['items'], depth + 1)];
    case 'integer':
    case 'number':
      return schema['minimum'] ?? 1;
    case 'boolean':
      return true;
    case 'object':
      return { [hostile]: hostile };
    default:
      return hostile;
  }
}

/** Of host h, where one host was asked about: an answer of another is not shown at all. */
function ofHost(made: Schema): Schema {
  const own = Object.fromEntries(['id', 'host'].flatMap((name) => (name in made ? [[name, 'h']] : [])));
  return { ...made, ...own, ...('verdict' in made ? { verdict: { ...(made['verdict'] as Schema), host: 'h' } } : {}) };
}

const operations = Object.entries(document['paths'] as Record<string, Record<string, Schema>>).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const pattern = new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`);
      const answers = Object.entries((operation['responses'] as Schema | undefined) ?? {});
      const good = follow(answers.find(([status]) => status.startsWith('20'))?.[1] ?? {});
      return { method: method.toUpperCase(), pattern, good: good['content'] as Record<string, Schema> | undefined };
    }),
);

describe('the answer of a server that is not the right one', () => {
  let server: Loopback;
  let answer: string | Buffer | undefined;
  let turns: number | undefined;
  let asked = 0;
  /** The last page; with `turns` one that goes on at so many places, again and again. */
  const pageOf = (schema: unknown, path: string): object => {
    const about = answerOf(schema) as Schema;
    const made = /^\/v1\/(?:hosts\/h(?:\/|$)|admission\/)/.test(path) ? ofHost(about) : about;
    if (turns === undefined) return { ...made, next: undefined };
    const next = 100 + (asked % turns);
    return { ...made, next: typeof made['next'] === 'number' ? next : String(next), end: false, items: [], groups: [] };
  };
  before(async () => {
    const answers = createServer((request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      const found = operations.find(({ method, pattern }) => method === request.method && pattern.test(path));
      const json = found?.good?.['application/json'];
      const isLines = request.headers.accept === 'application/x-ndjson';
      const [tokenType] = /^application\/eat\+(?:jwt|cwt)$/.exec(request.headers.accept ?? '') ?? [];
      asked += 1;
      const isTooMuch = asked > 50;
      const made = json === undefined ? hostile : pageOf(json['schema'], path);
      const text = typeof made === 'string' ? made : `${JSON.stringify(isLines ? { result: made } : made)}\n`;
      response.writeHead(isTooMuch ? 500 : 200, {
        'content-type': isLines ? 'application/x-ndjson' : (tokenType ?? 'application/json'),
      });
      response.end(answer ?? text);
    });
    server = await listenOnLoopback(answers);
  });
  beforeEach(() => ([answer, turns, asked] = [undefined, undefined, 0]));
  after(() => server.close());

  const ask = (args: readonly string[], isTTY = false): Promise<CliRun> =>
    cli([...args, '--server', server.url, '--token', 'token'], { isTTY, env: { TERM: 'dumb' } });

  for (const args of commands) {
    it(`hands a terminal nothing to obey: ${args.join(' ')}`, async () => {
      for (const more of [[], ['--json']]) {
        asked = 0;
        const { stdout, stderr } = await ask([...args, ...more]);
        assert.doesNotMatch(stdout + stderr, obeyed);
      }
    });
  }

  it('begins no line of a table, nor of a list of facts', async () => {
    for (const args of [
      ['host', 'conflicts'],
      ['token', 'list'],
      ['deny', 'show', 'x'],
      ['lockout', 'show'],
    ]) {
      assert.doesNotMatch((await ask(args)).stdout, /^accepted/m, args.join(' '));
    }
  });

  it('keeps the colours of this program, on a terminal alone', async () => {
    const { stdout } = await cli(['token', 'list', '--server', server.url, '--token', 'token'], { isTTY: true });
    assert.ok(stdout.startsWith('\u001b[90mid'));
    assert.ok(!stdout.includes('\u001b[41m'));
  });

  it('is a refusal where a list goes on where it went on before, and nothing of it is shown as if it were whole', async () => {
    for (turns of [1, 2]) {
      for (const args of paging) {
        asked = 0;
        const { status, stdout, stderr } = await ask(args);
        // How far it was stands before it.
        const refused = /^(?:\d+ .+ read so far\n|audit log read up to .+\n)*error API_PAGES_ENDLESS: .+\nhint: .+\n$/;
        assert.match(stderr, refused, args.join(' '));
        // Whoever follows is told as it comes.
        assert.deepEqual([status, args.includes('--follow') ? '' : stdout], [1, ''], args.join(' '));
      }
    }
  });

  it('is a refusal where it is no object', async () => {
    for (const text of ['null', '"yes"', '1', 'true']) {
      answer = text;
      for (const args of [
        ['host', 'list'],
        ['lockout', 'end', '--reason', 'x'],
        ['token', 'create', 'x', '--role', 'monitor'],
      ]) {
        const { status, stderr } = await ask(args);
        assert.equal(status, 1, `${args.join(' ')}: ${text}`);
        assert.match(stderr, /API_ANSWER_UNREADABLE/);
      }
    }
  });

  it('is a refusal where the token of a verdict is of another host, or is none', async () => {
    const ear = createEar();
    const jwt = ['{"alg":"ES256"}', encodeEarJson(ear), 'x'].map((part) => Buffer.from(part).toString('base64url'));
    const host = String(ear.subject);
    for (const [format, token] of [
      ['jwt', jwt.join('.')],
      ['cwt', Buffer.from(encodeEarCbor(ear))],
    ] as const) {
      answer = token;
      const more = ['--format', format];
      const own = await ask(['host', 'token', host, ...more]);
      assert.equal(own.status, 0, own.stderr);
      const { status, stdout, stderr } = await ask(['host', 'token', 'h', ...more]);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, new RegExp(`^error API_ANSWER_OF_OTHER: asked about h, the token is about ${host}\n`));
      const otherwise = await ask(['host', 'token', host, '--format', format === 'jwt' ? 'cwt' : 'jwt']);
      assert.match(otherwise.stderr, /^error API_ANSWER_UNREADABLE: the answer is no token of a verdict\n/);
    }
  });

  it('is a refusal where another golden measurement comes under the id that was asked for', async () => {
    const envelope = JSON.parse(readFileSync('golden-measurements/lab-sb-on/kernel.dsse.json', 'utf8')) as Schema;
    const own = parseGolden(encodeUtf8(JSON.stringify(envelope))).id;
    const record = {
      layer: 'kernel',
      name: 'kernel layer',
      state: 'proposed',
      inForce: false,
      signatures: [],
      quorum: 2,
    };
    answer = JSON.stringify({ id: own, ...record, proposedAt: '2026-11-26T12:00:00.000Z', envelope });
    const right = await ask(['golden', 'show', own]);
    assert.equal(right.status, 0, right.stderr);
    const { status, stdout, stderr } = await ask(['golden', 'show', `sha256:${id}`]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^error CLI_INPUT_UNRECOGNISED: what the server holds under sha256:\w+ has another digest/);
  });

  it('is a refusal where it has not the form that the contract promises, and never a yes', async () => {
    for (const text of ['{}', '[]', '{"id":1,"token":["x"],"on":"yes","items":{}}']) {
      answer = text;
      for (const args of commands.filter(([first]) => first !== 'events')) {
        const { status, stderr } = await ask(args);
        assert.equal(status, 1, `${args.join(' ')}: ${text}`);
        assert.match(stderr, /^error API_ANSWER_UNREADABLE: [^\n]+\nhint: [^\n]+\n$/, args.join(' '));
      }
      for (const args of acting) {
        const { status, stdout, stderr } = await ask(args);
        assert.equal(status, 1, `${args.join(' ')}: ${text} ${stdout}`);
        assert.match(stderr, /error API_ANSWER_UNREADABLE/, args.join(' '));
      }
    }
  });
});
