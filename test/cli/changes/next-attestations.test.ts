import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiUnreachable, type ApiClient } from '../../../src/api/index.ts';
import {
  describeNextAttestations,
  readNextAttestations,
  type NextAttestations,
} from '../../../src/cli/changes/next-attestations.ts';
import { bootFleet, statements, type Fleet } from '../../server/what-if/fleet.ts';
import { authorise, propose, signStatement } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from '../cli-run.ts';

const nobody = { hosts: 0, overdue: 0, unasked: 0 };
const next = (more: Partial<NextAttestations>): NextAttestations => ({
  ...{ at: '2026-11-25T12:00:00.000Z', trusted: nobody, untrusted: nobody, partial: false },
  ...more,
});

describe('when hosts feel a change', () => {
  it('is said of those that are trusted now and of the others, and never guessed', () => {
    const trusted = { hosts: 2, overdue: 0, unasked: 0, dueBy: '2026-11-25T12:20:00.000Z', until: '2026-11-25T13:00:00.000Z' }; // prettier-ignore
    const untrusted = { hosts: 3, overdue: 1, unasked: 1, dueBy: '2026-11-25T12:05:00.000Z' };
    assert.deepEqual(describeNextAttestations(next({ trusted, untrusted })), [
      'hosts feel it by their next attestation:',
      '  2 hosts trusted now: the last is due by 2026-11-25T12:20:00.000Z; no verdict of theirs holds beyond 2026-11-25T13:00:00.000Z',
      '  3 hosts not trusted now: the last is due by 2026-11-25T12:05:00.000Z, 1 is overdue, 1 has not attested since it enrolled or booted',
    ]);
    assert.deepEqual(describeNextAttestations(next({})), [
      'no host feels it yet: there is none that it could be about',
    ]);
    assert.deepEqual(describeNextAttestations(undefined), ['hosts feel it by their next attestation']);
    assert.match(describeNextAttestations(next({ untrusted, partial: true })).at(-1) ?? '', /the fleet is larger/);
  });

  it('is left unsaid where the server is gone by then: the change was made', async () => {
    const call = () => Promise.reject(new ApiUnreachable('API_UNREACHABLE', 'the server cannot be reached'));
    assert.equal(await readNextAttestations({ call } as unknown as ApiClient), undefined);
  });

  describe('after a command', () => {
    let server: TestServer;
    let fleet: Fleet;
    let folder = '';
    let world: CliWorld;
    before(async () => {
      server = await startTestServer();
      fleet = await bootFleet(server, { old: 3, new: 1 });
      folder = mkdtempSync(join(tmpdir(), 'touchstone-next-'));
      world = operatorAt(server);
    });
    after(async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    });
    const shows = async (...args: string[]): Promise<string> => {
      const { status, stdout, stderr } = await cli(args, world);
      assert.equal(status, 0, stderr);
      return stdout;
    };
    const felt = /^hosts feel it by their next attestation:\n {2}3 hosts trusted now: the last is due by \S+; no verdict of theirs holds beyond \S+\n {2}3 hosts not trusted now: .*1 has not attested/m; // prettier-ignore

    it('is what a policy says that was applied, of the hosts under it, and what-if of those it will refuse', async () => {
      const file = join(folder, 'fleet.yaml');
      const runtime =
        'id: fleet\nlayers: [firmware, secure-boot, kernel]\nrequireFacts: { kernelCommandLine: { require: [absent=1] } }\nhosts: { all: true }\n';
      writeFileSync(file, runtime);
      assert.match(await shows('policy', 'apply', file), felt);
      const rack = join(folder, 'rack.yaml');
      writeFileSync(rack, 'id: rack\nlayers: [firmware]\nhosts: { labels: { rack: none } }\n');
      assert.match(await shows('policy', 'apply', rack), /^no host feels it yet/m);
      const { document } = await cliJson(['policy', 'apply', rack], world);
      assert.equal((document['nextAttestations'] as NextAttestations).trusted.hosts, 0);

      const shown = await shows('what-if', '--at', 'now');
      assert.match(shown, /^5 would be refused, 3 of them are trusted now\n {2}because +FACT_/m);
      assert.match(shown, /^ {2}now +trusted by verdicts from before, until their next attestations, the last of which is due by \S+; no verdict holds beyond \S+$/m); // prettier-ignore
      const asked = await cliJson(['what-if', '--at', 'now'], world);
      const [group] = asked.document['groups'] as { kind: string; trustedNow?: { count: number } }[];
      assert.deepEqual([group?.kind, group?.trustedNow?.count], ['still-refused', 3]);
    });

    it('counts the hosts of the opened stages alone where a rollout keeps a golden measurement from the others', async () => {
      await server.operator.call('setHostLabels', { path: { hostId: 'new-1' }, body: { labels: { canary: 'yes' } } });
      const [kernel] = await statements(server, 'new-1', ['kernel']);
      assert.ok(kernel);
      const { id } = await propose(server, kernel, [fleet.operators[0]]);
      const stages = [{ labels: { canary: 'yes' }, minimumHosts: 1 }];
      const start = (name: string) =>
        server.operator.call('startRollout', { body: { name, goldens: [id], predecessors: [], stages } });
      await start('k1');
      const staged = /^hosts feel it by their next attestation:\n {2}1 host not trusted now: .*\n {2}\(of the stages that k[12] has opened: no other host feels it\)$/m; // prettier-ignore
      assert.match(await shows('golden', 'rollout', 'roll-back', 'k1', '--reason', 'a test', '--yes'), staged);
      const [, second] = fleet.operators;
      const { envelope } = await server.operator.call('getGoldenMeasurement', { path: { goldenId: id } });
      assert.ok(envelope !== undefined);
      const key = join(folder, 'second.key');
      writeFileSync(key, second.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
      const approved = await shows('golden', 'approve', id, '--key', key, '--yes');
      assert.match(approved, /^no host feels it: a rollout that was rolled back keeps it from all$/m);
      await start('k2');
      assert.match(await shows('golden', 'retire', id, '--reason', 'a test', '--yes'), staged);
    });

    it('is what a key says that is taken away, and a folder that was followed, where anything comes of it', async () => {
      const goldens = join(folder, 'goldens');
      await shows('golden', 'fetch', goldens);
      assert.doesNotMatch(await shows('golden', 'sync', goldens, '--yes'), /hosts feel it/);
      const lapse = await shows('signer', 'remove', 'alice', '--reason', 'stolen', '--yes');
      assert.match(lapse, felt);
      const carol = await authorise(server, 'carol');
      for (const id of fleet.goldens) {
        const path = { goldenId: id };
        const { envelope } = await server.operator.call('getGoldenMeasurement', { path });
        assert.ok(envelope !== undefined);
        await server.operator.call('signGoldenMeasurement', { path, body: { sig: signStatement(carol, envelope) } });
      }
      const [, secureBoot = ''] = fleet.goldens;
      writeFileSync(join(goldens, 'ended.yaml'), `- { id: '${secureBoot}', state: retired, reason: out of use }\n`);
      assert.match(await shows('golden', 'sync', goldens, '--yes'), felt);
    });

    it('is what the end of a golden measurement says, where verdicts go on holding', async () => {
      const [firmware = '', , , kernel = ''] = fleet.goldens;
      assert.match(await shows('golden', 'retire', firmware, '--reason', 'old', '--yes'), felt);
      const { items } = await server.operator.call('listGoldenMeasurements', { query: {} });
      const { id = '' } = items.find(({ layer, state }) => layer === 'initrd' && state === 'active') ?? {};
      const undemanded = await shows('golden', 'retire', id, '--reason', 'no policy demands its layer', '--yes');
      assert.match(undemanded, /^no host feels it yet: there is none that it could be about$/m);
      const revoked = await shows('golden', 'revoke', kernel, '--reason', 'a hole', '--yes');
      assert.match(revoked, /^verdicts that rested on it have ended: their hosts are denied from now on$/m);
      assert.doesNotMatch(revoked, /hosts feel it/);
      // Their verdicts ended with it: nothing that what-if finds in force says so.
      assert.match(await shows('what-if', '--at', 'now'), /^5 would stay refused$/m);
    });

    it('is what the withdrawal of a trust anchor says, for who finds another endorser', async () => {
      const { items } = await server.operator.call('listTrustAnchors', {});
      const withdraw = ['trust-anchor', 'withdraw', items[0]?.id ?? '', '--reason', 'x', '--yes'];
      assert.match(
        await shows(...withdraw),
        /are void\nhosts feel it by their next attestation:\n {2}6 hosts not trusted now/,
      );
    });
  });
});
