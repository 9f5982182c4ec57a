import assert from 'node:assert/strict';
import { spkiDigest } from '../../src/core/crypto/index.ts';
import { encodeHex } from '../../src/core/encoding/index.ts';
import { verifyEndorsementKey } from '../../src/core/tpm/index.ts';
import { bootFleet, type Fleet } from '../server/what-if/fleet.ts';
import { attest } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, operatorAt, type CliWorld } from './cli-run.ts';
import { openLossyProxy } from '../support/lossy-proxy.ts';

describe('what the end of a quarantine or of a registration would do', () => {
  let server: TestServer;
  let fleet: Fleet;
  let world: CliWorld;
  before(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server, { old: 2, new: 1 });
    world = operatorAt(server);
  });
  after(() => server.close());

  const auditSize = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.length;
  const open = async (...hosts: string[]): Promise<string> => {
    const named = hosts.flatMap((host) => ['--host', host]);
    const { quarantine } = await cliAccepted(['quarantine', 'open', ...named, '--reason', 'x'], world);
    return (quarantine as { id: string }).id;
  };

  it('is said by quarantine lift --dry-run: whose verdicts count again, and who stays in another one', async () => {
    const id = await open('new-1', 'old-1', 'old-2');
    const other = await open('old-2');
    const before = await auditSize();
    const { status, stdout } = await cli(['quarantine', 'lift', id, '--reason', 'x', '--dry-run'], world);
    assert.equal(status, 0);
    assert.match(stdout, /^qua_\S+ would be lifted: the latest verdicts of 3 hosts would count again \(1 trusted then\); nothing was changed$/m); // prettier-ignore
    assert.match(stdout, /^old-1 +fresh +affirming/m);
    assert.match(stdout, /^old-2 +quarantined +none/m);
    assert.match(stdout, /^new-1 +fresh +contraindicated/m);
    const group = await cliJson(['quarantine', 'lift', '--host', 'old-2', '--reason', 'x', '--dry-run'], world);
    assert.deepEqual([group.status, group.document['lifted']], [0, [other]]);
    assert.equal(await auditSize(), before);
    await cliAccepted(['quarantine', 'lift', id, '--reason', 'x'], world);
    const gone = await cliJson(['quarantine', 'lift', id, '--reason', 'x', '--dry-run'], world);
    assert.deepEqual([gone.status, gone.document['code']], [1, 'CLI_QUARANTINE_NONE']);
    await cliAccepted(['quarantine', 'lift', other, '--reason', 'x'], world);
  });

  it('is said by quarantine open --dry-run with how far it is, to people', async () => {
    const asked = ['quarantine', 'open', '--all-hosts', '--reason', 'x', '--dry-run'];
    const { stdout, stderr } = await cli(asked, { ...world, isTTY: true });
    assert.match(stdout, /^it would set 5 hosts aside \(2 trusted now\); nothing was changed$/m);
    assert.ok(stderr.endsWith('\r\u001b[K'));
    assert.equal((await cli(asked, world)).stderr, '');
  });

  it('is said with the names that no active host has; a lift that finds nothing says what is in force, and guesses no id', async () => {
    const typed = ['--host', 'old-1,old-9', '--reason', 'x'];
    const warned = /^no active host is called old-9: `touchstone host list` has the names$/m;
    assert.match((await cli(['quarantine', 'open', ...typed, '--dry-run'], world)).stdout, warned);
    const { quarantine, idle } = await cliAccepted(['quarantine', 'open', ...typed], world);
    assert.deepEqual(idle, ['old-9']);
    const { id } = quarantine as { id: string };
    const admitted = await cli(['admit', 'old-1'], world);
    assert.match(admitted.stderr, /hint: Operators set it aside, .*`touchstone quarantine list` says who and why/);
    const both = await cliJson(['quarantine', 'lift', id, '--all-hosts', '--reason', 'x'], world);
    assert.deepEqual([both.status, both.document['code']], [2, 'CLI_USAGE_INVALID']);
    const lift = await cliJson(['quarantine', 'lift', '--host', 'old-1', '--reason', 'x'], world);
    assert.equal(lift.document['code'], 'CLI_QUARANTINE_NONE');
    assert.ok(String(lift.document['message']).endsWith(`just these hosts; in force: ${id} (old-1 old-9)`));
    await cliAccepted(['quarantine', 'lift', id, '--reason', 'x'], world);
    const none = await cliJson(['quarantine', 'lift', '--host', 'old-1', '--reason', 'x'], world);
    assert.equal(none.document['message'], 'no quarantine is in force');
  });

  it('fails no quarantine that is in force already, where the server is gone when it is asked which hosts there are', async () => {
    const door = await openLossyProxy(server.url, ({ url }) => url === '/v1/quarantine-previews');
    try {
      const here = operatorAt({ ...server, url: door.url });
      const opened = await cliAccepted(['quarantine', 'open', '--host', 'old-1,old-9', '--reason', 'x'], here);
      assert.equal(opened['idle'], undefined);
      const { id } = opened['quarantine'] as { id: string };
      await cliAccepted(['quarantine', 'lift', id, '--reason', 'x'], world);
    } finally {
      await door.close();
    }
  });

  it('is said by ek unregister --dry-run: which host has the TPM, and who vouches for it', async () => {
    const member = fleet.members.find(({ host }) => host.name === 'old-1');
    assert.ok(member !== undefined);
    const key = verifyEndorsementKey(await member.host.ekPublic()).public.publicKey;
    const digest = encodeHex(spkiDigest(key));
    await server.operator.call('registerEk', { path: { ekDigest: digest }, body: { label: 'delivery of May' } });
    const before = await auditSize();
    const dryRun = ['ek', 'unregister', digest, '--dry-run'];
    assert.match((await cli(dryRun, world)).stdout, /^old-1 has this TPM, and \S.* vouches for it: its verdict does not rest on the registration\nnothing was changed$/m); // prettier-ignore
    const { document } = await cliJson(dryRun, world);
    assert.deepEqual([document['done'], document['host'], document['status']], [false, 'old-1', 'affirming']);
    assert.equal(await auditSize(), before);
    const owners = await server.operator.call('listHosts', { query: { ekDigest: digest } });
    assert.deepEqual(owners.items.map(({ id }) => id), ['old-1']); // prettier-ignore

    // A name for every line of a list would be a restriction that nobody gets.
    const withHost = await cliJson(['ek', 'register', '--list', 'delivery.csv', '--host', 'old-1'], world);
    assert.deepEqual([withHost.status, withHost.document['code']], [2, 'CLI_USAGE_INVALID']);

    const nobody = 'f'.repeat(64);
    await server.operator.call('registerEk', { path: { ekDigest: nobody }, body: { label: 'spare' } });
    const shown = await cli(['ek', 'unregister', nobody, '--dry-run'], world);
    assert.match(shown.stdout, /^no host has this TPM: no verdict ends$/m);
  });

  it('names the host whose verdict ends, where the registration is what vouches for it', async () => {
    const { items } = await server.operator.call('listTrustAnchors', {});
    const [anchor] = items;
    const path = { anchorId: anchor?.id ?? '' };
    await server.operator.call('withdrawTrustAnchor', { path, body: { reason: 'x' } });
    const member = fleet.members.find(({ host }) => host.name === 'old-1');
    assert.ok(member !== undefined);
    await attest(member.enrolled, member.host);
    const key = verifyEndorsementKey(await member.host.ekPublic()).public.publicKey;
    const args = ['ek', 'unregister', encodeHex(spkiDigest(key))];
    const shown = await cli([...args, '--dry-run'], world);
    assert.match(shown.stdout, /^the verdict of old-1 ends now \(it is affirming\), and it has another only if/m);
    const asked = await cli(args, { ...world, typed: 'n\n', isTTY: true });
    assert.match(asked.stderr, /the verdict of old-1 ends now/);
  });
});
