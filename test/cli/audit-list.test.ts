// `audit list`: who did what last night, in one command; and `host show` and `host pending`, which say who decided.
import assert from 'node:assert/strict';
import type { AuditEntry } from '../../src/api/index.ts';
import { enrol, paperHost, trustSimulator } from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';

describe('who did what, from the command line', () => {
  let server: TestServer;
  let ada: CliWorld;
  let auditor: CliWorld;
  before(async () => {
    server = await startTestServer({ settings: { enrolment: { approval: 'queue' } } });
    await trustSimulator(server);
    const { token } = await server.operator.call('createToken', { body: { name: 'ada', role: 'operator' } });
    const worldOf = (secret: string): CliWorld => ({
      env: { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN: secret },
      now: () => server.now(),
    });
    ada = worldOf(token);
    auditor = worldOf(await server.token('auditor'));
    const joiner = server.client(await server.token('joiner'));
    for (const name of ['hv-1', 'hv-2']) {
      await refuses(enrol(server, paperHost(name, { seed: name }), joiner), 'ENROLLMENT_WAITING');
      await cliAccepted(['host', 'approve', name, '--yes', '--reason', `ticket of ${name}`], ada);
    }
    await enrol(server, paperHost('hv-1', { seed: 'hv-1' }), joiner);
    server.advance(86_400);
    await cliAccepted(['quarantine', 'open', '--host', 'hv-1', '--reason', 'looks odd'], ada);
    await cliAccepted(['quarantine', 'lift', '--host', 'hv-1', '--reason', 'a\nfalse alarm'], ada);
  });
  after(() => server.close());

  const list = async (...args: string[]): Promise<readonly AuditEntry[]> =>
    (await cliAccepted(['audit', 'list', ...args], auditor))['items'] as AuditEntry[];
  const actions = async (...args: string[]) => (await list(...args)).map(({ action }) => action);

  it('says who lifted a quarantine, why and when, by name and by the id of the token', async () => {
    const { stdout } = await cli(['audit', 'list', '--action', 'host.quarantine-lifted', '--since', '12h'], auditor);
    assert.match(stdout, /^entry +time +kind +about +by +data\n/);
    assert.match(
      stdout,
      /host\.quarantine-lifted +hv-1 +ada \(token tok_\S+\) +reason=a\\u\{a\}false alarm quarantine=\S+\n$/,
    );
  });

  it('finds by time, actor, action, host and what else it is about, the newest first', async () => {
    assert.deepEqual(await actions('--host', 'hv-1', '--since', '12h'), ['host.quarantine-lifted', 'host.quarantined']);
    assert.deepEqual(await actions('--host', 'hv-1', '--until', '12h', '--by-people'), ['host.approved']);
    const byAda = await actions('--by', 'ada');
    assert.deepEqual(byAda.slice(-2), ['host.approved', 'host.approved']);
    const [newest] = await list('--by', 'ada');
    const actor = newest?.actor ?? '';
    assert.deepEqual(await actions('--by', actor), byAda);
    assert.deepEqual(await actions('--by', actor.replace('token ', '')), byAda);
    assert.deepEqual(await actions('--by', 'nobody'), []);
    const [opened] = await list('--action', 'quarantine.opened');
    const subject = opened?.subject ?? '';
    assert.deepEqual(await actions('--about', subject), ['quarantine.lifted', 'quarantine.opened']);
    const arrival = ['--host', 'hv-1', '--action', 'host.enrolled,host.pending'];
    assert.deepEqual(await actions(...arrival), ['host.enrolled', 'host.pending']);
    assert.deepEqual(await actions('--by', 'hv-1', ...arrival), ['host.enrolled']);
    assert.deepEqual(await actions('--by', 'stranger', ...arrival), ['host.pending'], 'who waits is no host yet');
  });

  it('leaves out what hosts and the server did by themselves, and not what is about them', async () => {
    const people = await list('--by-people', '--limit', '1000');
    assert.ok(people.some(({ subject }) => subject === 'hv-1'));
    const isPerson = ({ actor }: AuditEntry) => !['server', 'stranger'].includes(actor) && !actor.startsWith('host ');
    const all = await list('--limit', '1000');
    assert.deepEqual(people, all.filter(isPerson));
    assert.ok(people.length < all.length);
  });

  it('gives so many as are wanted, and says where the older ones are', async () => {
    const all = await list('--limit', '1000');
    const first = await cliAccepted(['audit', 'list', '--limit', '2'], auditor);
    assert.deepEqual(
      (first['items'] as AuditEntry[]).map(({ sequence }) => sequence),
      [all.length, all.length - 1],
    );
    const { stdout } = await cli(['audit', 'list', '--limit', '2'], auditor);
    assert.match(stdout, new RegExp(`there may be older ones: the same with --before ${all.length - 1}\n$`));
    assert.deepEqual(await list('--limit', '1000', '--before', String(all.length - 1)), all.slice(2));
    assert.equal(all.at(-1)?.sequence, 1);
    assert.doesNotMatch((await cli(['audit', 'list', '--limit', '1000'], auditor)).stdout, /--before/);
  });

  it('refuses what no entry can be, with what there is', async () => {
    const typo = await cliJson(['audit', 'list', '--action', 'host.approve'], auditor);
    assert.deepEqual([typo.status, typo.document['code']], [1, 'REQUEST_INVALID']);
    assert.match(String(typo.document['message']), /host\.approved/);
    for (const wrong of [
      ['--since', 'yesterday'],
      ['--host', 'a', '--about', 'b'],
      ['--limit', '0'],
    ])
      assert.equal((await cli(['audit', 'list', ...wrong], auditor)).status, 2, wrong.join(' '));
    assert.equal((await cli(['audit', 'list', '--about', 'nothing'], auditor)).stdout, 'no entry is as asked for\n');
    const stranger = { ...auditor, env: { ...auditor.env, TOUCHSTONE_TOKEN: await server.token('orchestrator') } };
    assert.equal((await cliJson(['audit', 'list'], stranger)).document['code'], 'AUTH_FORBIDDEN');
  });

  it('is told of one host by `host show`, to those who may read the audit log', async () => {
    const { stdout } = await cli(['host', 'show', 'hv-1'], auditor);
    assert.match(stdout, /done to it +\S+ host\.quarantine-lifted by ada \(token tok_\S+\): a\\u\{a\}false alarm\n/);
    assert.match(stdout, / host\.approved by ada \(token tok_\S+\): ticket of hv-1\n/);
    const { decisions } = await cliAccepted(['host', 'show', 'hv-1'], auditor);
    const { items, isAll } = decisions as { items: AuditEntry[]; isAll: boolean };
    assert.deepEqual([items.map(({ action }) => action).at(-1), isAll], ['host.approved', true]);
    const orchestrator = { ...auditor, env: { ...auditor.env, TOUCHSTONE_TOKEN: await server.token('orchestrator') } };
    assert.equal((await cliAccepted(['host', 'show', 'hv-1'], orchestrator))['decisions'], undefined);
  });

  it('is told of a host that was approved and has not come back', async () => {
    const { stdout } = await cli(['host', 'pending', '--all'], auditor);
    assert.match(stdout, / decided\n/);
    assert.match(stdout, /hv-2 +approved .* by ada \(token tok_\S+\): ticket of hv-2\n$/);
  });
});
