// `touchstone golden sync` that stops midway: it says what was done and what is left, and the next run does the rest.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

interface Step {
  readonly action: string;
  readonly layer: string;
  readonly state: string;
  readonly outcome: string;
}

/** Passes everything on to the server, but asks `isOpen` before each retirement: with false the caller gets no answer. */
async function openDoor(to: string, isOpen: (change: number) => boolean): Promise<{ door: Server; url: string }> {
  let changes = 0;
  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    const { method, headers, url = '/' } = incoming;
    if (url.endsWith('/retirement')) {
      changes += 1;
      if (!isOpen(changes)) return void incoming.socket.destroy();
    }
    const outgoing = httpRequest(new URL(url, to), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  };
  const door = createServer(pass);
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  return { door, url: `http://127.0.0.1:${(door.address() as AddressInfo).port}` };
}

describe('golden sync that stops midway', () => {
  let operators: OperatorsWorld;
  let golden: string;
  let ids: readonly string[];
  let door: Server | undefined;
  beforeEach(async () => {
    operators = await openOperatorsWorld();
    golden = operators.at('golden');
    mkdirSync(golden);
    const { items } = await cliAccepted(['golden', 'list'], operators.world);
    ids = (items as { readonly id: string }[]).map(({ id }) => id).slice(0, 5);
    const ended = ids.map((id) => `- { id: "${id}", state: retired, reason: "out of use" }\n`);
    writeFileSync(`${golden}/ended.yaml`, ended.join(''));
  });
  afterEach(async () => {
    door?.closeAllConnections();
    door?.close();
    door = undefined;
    rmSync(golden, { recursive: true });
    await operators.close();
  });

  const through = async (isOpen: (change: number) => boolean): Promise<CliWorld> => {
    const opened = await openDoor(operators.server.url, isOpen);
    door = opened.door;
    return { ...operators.world, env: { ...operators.world.env, TOUCHSTONE_SERVER: opened.url } };
  };
  const outcomes = (document: Record<string, unknown>): string[] =>
    (document['steps'] as Step[]).map(({ outcome, state }) => `${outcome} ${state}`);
  const sync = () => ['golden', 'sync', golden, '--yes'];

  it('names what was done, what failed and what was not sent, also where the server is gone; run again, it does the rest', async () => {
    const { status, document, stderr } = await cliJson(sync(), await through((change) => change < 3));
    assert.deepEqual([status, stderr, document['ok'], document['done']], [1, '', false, false]);
    assert.deepEqual(outcomes(document), ['done retired', 'done retired', 'failed active', 'not-sent active', 'not-sent active']); // prettier-ignore
    assert.equal(document['code'], 'API_UNREACHABLE');
    const third = ids[2]?.slice(0, 23);
    assert.match(String(document['message']), new RegExp(`^retire \\S+ ${third}: .* \\(2 before it were taken; not sent: retire \\S+ `)); // prettier-ignore
    assert.match(String(document['remedy']), /\. Run it again: what is in force is skipped\.$/);

    const rest = await cliAccepted(sync(), operators.world);
    assert.deepEqual([rest['done'], outcomes(rest)], [true, ['done retired', 'done retired', 'done retired']]);
  });

  it('reads so at a terminal', async () => {
    const { status, stdout, stderr } = await cli(sync(), await through((change) => change < 3));
    assert.equal(status, 1);
    assert.match(stdout, /^change +layer +state +outcome +id\n(?:retire +\S+ +retired +done +sha256:\w+\n){2}retire +\S+ +- +failed +sha256:\w+\n(?:retire +\S+ +- +not-sent +sha256:\w+\n){2}$/); // prettier-ignore
    assert.match(stderr, /^error API_UNREACHABLE: retire .*\nhint: .* Run it again: what is in force is skipped\.\n$/);
  });

  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends behind the change that is under way at a signal, and says what is left: ${name}`, async () => {
      const before = process.listenerCount(name);
      const world = await through((change) => {
        if (change === 2) process.listeners(name).slice(before).forEach((end) => end(name)); // prettier-ignore
        return true;
      });
      const { status, document } = await cliJson(sync(), world);
      assert.deepEqual([status, document['ok'], document['code']], [1, false, 'CLI_INTERRUPTED']);
      assert.deepEqual(outcomes(document), ['done retired', 'done retired', 'not-sent active', 'not-sent active', 'not-sent active']); // prettier-ignore
      assert.match(String(document['message']), /^ended by a signal \(2 before it were taken; not sent: retire /);
      assert.equal(document['remedy'], 'Run it again: what is in force is skipped.');
      assert.equal(process.listenerCount(name), before);
      const rest = await cliAccepted(sync(), operators.world);
      assert.deepEqual([rest['done'], outcomes(rest).length], [true, 3]);
      assert.deepEqual(outcomes(await cliAccepted(sync(), operators.world)), []);
    });
  }
});
