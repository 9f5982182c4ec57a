import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { encodeGoldenStatement, parseGoldenStatement } from '../../src/core/golden/index.ts';
import { cli, cliAccepted } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

describe('touchstone golden list of golden measurements that look alike', () => {
  let operators: OperatorsWorld;
  before(async () => {
    operators = await openOperatorsWorld();
  });
  after(() => operators.close());

  it('says in what they differ: two whose lists of machine owner keys alone do', async () => {
    const { world, at } = operators;
    const none = await cliAccepted(['golden', 'list'], world);
    assert.deepEqual(none['alike'], []);
    await cliAccepted(['golden', 'capture', 'hv-1', '--all', '--layers', 'secure-boot', '--out', at('drafts')], world);
    const draft = at('drafts/secure-boot.statement.json');
    const { events, ...captured } = parseGoldenStatement(new Uint8Array(readFileSync(draft)));
    const own = new Map([['sha256', new Uint8Array(32).fill(7)]] as const);
    const changed = events.map((event) => (/\bMokList$/.test(event.description) ? { ...event, digests: own } : event));
    assert.notDeepEqual(changed, events);
    writeFileSync(draft, encodeGoldenStatement({ ...captured, events: changed }));
    await cliAccepted(['golden', 'sign', draft, '--key', at('alice.key'), '--yes'], world);
    await cliAccepted(['golden', 'propose', at('drafts/secure-boot.dsse.json')], world);
    const { stdout } = await cli(['golden', 'list'], world);
    const alike = stdout.slice(stdout.indexOf('of those that look alike'));
    assert.match(alike, /^secure-boot +sha256:[0-9a-f]{16} +shim variable MokList \[07070707\]$/m);
    assert.match(alike, /^secure-boot +sha256:[0-9a-f]{16} +shim variable MokList \[(?!0707)[0-9a-f]{8}\]$/m);
    assert.equal(alike.trimEnd().split('\n').length, 4, alike);
  });
});
