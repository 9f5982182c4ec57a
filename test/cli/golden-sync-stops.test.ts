// `touchstone golden sync` that stops midway: it says what was done and what is left, and the next run does the rest.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import type { Loopback } from '../support/loopback.ts';
import { openLossyProxy } from '../support/lossy-proxy.ts';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

interface Step {
  readonly action: string;
  readonly layer: string;
  readonly state: string;
  readonly outcome: string;
}

describe('golden sync that stops midway', () => {
  let operators: OperatorsWorld;
  /** The folder to follow: five golden measurements shall be retired, in this order. */
  let golden: string;
  let ids: readonly string[];
  let proxy: Loopback | undefined;
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
    await proxy?.close();
    proxy = undefined;
    rmSync(golden, { recursive: true });
    await operators.close();
  });

  const sync = () => ['golden', 'sync', golden, '--yes'];
  const outcomesOf = (document: Record<string, unknown>): string[] =>
    (document['steps'] as Step[]).map(({ outcome, state }) => `${outcome} ${state}`);
  /** Cells of a table at a terminal, row by row. */
  const cellsOf = (table: string) => table.trimEnd().split('\n').map((line) => line.split(/ {2,}/)); // prettier-ignore

  /** The world of an operator whose retirements are counted on their way, the first one as 1, and told before they arrive. */
  async function through(onRetirement: (count: number) => 'arrives' | 'is lost'): Promise<CliWorld> {
    let count = 0;
    proxy = await openLossyProxy(
      operators.server.url,
      ({ url }) => url?.endsWith('/retirement') === true && onRetirement((count += 1)) === 'is lost',
    );
    return { ...operators.world, env: { ...operators.world.env, TOUCHSTONE_SERVER: proxy.url } };
  }
  const losingTheThird = () => through((count) => (count < 3 ? 'arrives' : 'is lost'));

  it('names what was done, what failed and what was not sent, also where the server is gone; run again, it does the rest', async () => {
    const { status, document, stderr } = await cliJson(sync(), await losingTheThird());
    assert.deepEqual([status, stderr, document['ok'], document['done']], [1, '', false, false]);
    assert.deepEqual(outcomesOf(document), [
      'done retired',
      'done retired',
      'failed active',
      'not-sent active',
      'not-sent active',
    ]);
    assert.equal(document['code'], 'API_UNREACHABLE');
    const third = ids[2]?.slice(0, 23);
    assert.match(
      String(document['message']),
      new RegExp(`^retire \\S+ ${third}: .* \\(2 before it were taken; not sent: retire \\S+ `),
    );
    assert.match(String(document['remedy']), /\. Run it again: what is in force is skipped\.$/);

    const rest = await cliAccepted(sync(), operators.world);
    assert.deepEqual([rest['done'], outcomesOf(rest)], [true, ['done retired', 'done retired', 'done retired']]);
  });

  it('reads so at a terminal', async () => {
    const { status, stdout, stderr } = await cli(sync(), await losingTheThird());
    assert.equal(status, 1);
    const [head, ...rows] = cellsOf(stdout);
    assert.deepEqual(head, ['change', 'layer', 'state', 'outcome', 'id']);
    assert.deepEqual(
      rows.map(([change, , state, outcome]) => [change, state, outcome]),
      [
        ['retire', 'retired', 'done'],
        ['retire', 'retired', 'done'],
        ['retire', '-', 'failed'],
        ['retire', '-', 'not-sent'],
        ['retire', '-', 'not-sent'],
      ],
    );
    for (const [, layer, , , id] of rows) assert.match(`${layer} ${id}`, /^\S+ sha256:\w+$/);
    assert.match(stderr, /^error API_UNREACHABLE: retire .*\nhint: .* Run it again: what is in force is skipped\.\n$/);
  });

  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends behind the change that is under way at a signal, and says what is left: ${name}`, async () => {
      const before = process.listenerCount(name);
      // To the listeners of the command alone: those of before are the test runner's.
      const signal = () => process.listeners(name).slice(before).forEach((end) => end(name)); // prettier-ignore
      const world = await through((count) => {
        if (count === 2) signal();
        return 'arrives';
      });
      const { status, document } = await cliJson(sync(), world);
      assert.deepEqual([status, document['ok'], document['code']], [1, false, 'CLI_INTERRUPTED']);
      assert.deepEqual(outcomesOf(document), [
        'done retired',
        'done retired',
        'not-sent active',
        'not-sent active',
        'not-sent active',
      ]);
      assert.match(String(document['message']), /^ended by a signal \(2 before it were taken; not sent: retire /);
      assert.equal(document['remedy'], 'Run it again: what is in force is skipped.');
      assert.equal(process.listenerCount(name), before);
      const rest = await cliAccepted(sync(), operators.world);
      assert.deepEqual([rest['done'], outcomesOf(rest).length], [true, 3]);
      assert.deepEqual(outcomesOf(await cliAccepted(sync(), operators.world)), []);
    });
  }
});
