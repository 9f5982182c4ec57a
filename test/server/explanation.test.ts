import assert from 'node:assert/strict';
import { attest } from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt } from '../cli/cli-run.ts';
import { bootFleet, type Fleet } from './what-if/fleet.ts';

describe('the explanation of a host', () => {
  let server: TestServer;
  let fleet: Fleet;
  before(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server, { old: 2, new: 3 });
  });
  after(() => server.close());

  const explain = (hostId: string) => server.operator.call('explainHost', { path: { hostId } });
  const attestAgain = async (name: string) => {
    const member = fleet.members.find(({ host }) => host.name === name);
    assert.ok(member !== undefined);
    return attest(member.enrolled, member.host);
  };

  it('names layer, nearest golden measurement, first event, both sides, and the one command that would accept it', async () => {
    const { status, findings } = await explain('new-1');
    assert.notEqual(status, 'affirming');
    const kernel = findings.find(({ finding }) => finding.code === 'KERNEL_DIVERGED')?.finding;
    assert.equal(kernel?.layer, 'kernel');
    assert.ok(fleet.goldens.includes(kernel.golden ?? ''));
    assert.ok(kernel.event !== undefined && kernel.pcr !== undefined);
    assert.notEqual(kernel.expected, kernel.observed);
    assert.match(kernel.message, /^The kernel was replaced/);
    assert.match(kernel.remedy ?? '', /touchstone golden capture new-1 --layers kernel --out drafts/);
  });

  it('says in words that there is no verdict', async () => {
    const world = operatorAt(server);
    assert.match(
      (await cli(['host', 'explain', 'mute-1'], world)).stdout,
      /^mute-1 has no verdict that counts\n {2}\S/,
    );
  });

  it('counts the other hosts that show the same, and names them', async () => {
    const { findings } = await explain('new-2');
    for (const { others, hosts } of findings) {
      assert.equal(others, 2);
      assert.deepEqual(hosts, ['new-1', 'new-3']);
    }
    const alone = await explain('bad-1');
    assert.deepEqual(alone.findings.map(({ finding, others }) => [finding.layer, others]), [['kernel-command-line', 0]]); // prettier-ignore
  });

  it('says since when, over an unbroken row of verdicts', async () => {
    const began = server.now().toISOString();
    server.advance(3600);
    await attestAgain('bad-1');
    const [first] = (await explain('bad-1')).findings;
    assert.deepEqual([first?.since, first?.isSinceKnown], [began, true]);
    const member = fleet.members.find(({ host }) => host.name === 'old-2');
    assert.ok(member !== undefined);
    server.advance(3600);
    member.host.reboot({ tampering: ['changed-initrd'] });
    const broken = server.now().toISOString();
    await attestAgain('old-2');
    server.advance(3600);
    await attestAgain('old-2');
    const [since] = (await explain('old-2')).findings;
    assert.deepEqual([since?.finding.layer, since?.since, since?.isSinceKnown], ['initrd', broken, true]);
  });

  it('does not pretend to know more than the verdicts that are kept', async () => {
    for (let round = 0; round < 12; round += 1) await attestAgain('bad-1');
    const [finding] = (await explain('bad-1')).findings;
    assert.equal(finding?.isSinceKnown, false);
  });

  it('has nothing to say of a trusted host, tells why none has a verdict, and knows no others', async () => {
    await attestAgain('old-1');
    assert.deepEqual((await explain('old-1')).findings, []);
    const mute = await explain('mute-1');
    assert.deepEqual([mute.findings, mute.reasons.map(({ code }) => code)], [[], ['VERDICT_NONE']]);
    await refuses(explain('absent'), 'HOST_NOT_FOUND');
  });

  it('reads in the terminal as an operator needs it at night', async () => {
    const world = operatorAt(server);
    const { stdout } = await cli(['host', 'explain', 'new-1'], world);
    assert.match(stdout, /^new-1 has no verdict that counts\n/);
    assert.match(stdout, /error KERNEL_DIVERGED\n {2}what +The kernel was replaced/);
    assert.match(stdout, /nearest +sha256:[0-9a-f]{64}/);
    assert.match(stdout, /same on +2 other hosts: new-2, new-3/);
    assert.match(stdout, /read +docs\/findings\/KERNEL_DIVERGED\.md/);
    assert.match((await cli(['host', 'explain', 'old-1'], world)).stdout, /nothing denies it and nothing warns/);
    const unknown = await cliJson(['host', 'explain', 'absent'], world);
    assert.deepEqual([unknown.status, unknown.document['code']], [1, 'HOST_NOT_FOUND']);
  });
});
