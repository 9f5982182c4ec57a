// A simulation against a server that somebody runs: what it refuses before it does anything, and what it leaves behind.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrol, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { cliAccepted, cliJson } from '../cli-run.ts';

const layers = ['firmware', 'secure-boot', 'boot-loader', 'kernel', 'kernel-command-line', 'initrd'];

describe('a simulation against a given server', () => {
  let server: TestServer;
  let folder: string;
  let authority: string;
  const operatorKeys: string[] = [];
  let stubborn: string | undefined;
  const run = (...more: string[]) => {
    // Its TPMs have been switched on again meanwhile.
    server.advance(60);
    const load = ['--hosts', '4', '--arrival', 'full-speed', '--attestations', '6', '--authority', authority];
    const target = ['--server', server.url, '--token', server.operatorToken];
    return cliJson(['simulate', ...load, ...target, ...more], { now: () => server.now() });
  };
  const named = ['--test-server', '127.0.0.1'];
  const hostIds = async () => (await server.operator.call('listHosts', {})).items.map(({ id }) => id);
  const statesOf = async () => (await server.operator.call('listHosts', {})).items.map(({ state }) => state);

  before(async () => {
    server = await startTestServer({
      start: {
        wrapStore: (store) => ({
          ...store,
          // As where somebody else ends it at the same moment.
          endBinding: (id, end) => (id === stubborn ? Promise.resolve(false) : store.endBinding(id, end)),
        }),
      },
    });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-given-'));
    authority = join(folder, 'sim.authority');
    await cliAccepted(['simulate', 'authority', authority], { now: () => server.now() });
    for (const name of ['ada', 'grace']) {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      await server.operator.call('createSigner', { body: { name, publicKeyPem } });
      const file = join(folder, `${name}.key`);
      writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
      operatorKeys.push('--operator-key', file);
    }
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps the secret of its authority to its owner', () => {
    assert.equal(statSync(authority).mode & 0o777, 0o600);
  });

  it('is refused unless the server is named once more', async () => {
    for (const more of [[], ['--test-server', 'production.example']]) {
      const { status, document } = await run(...more);
      assert.equal(status, 2);
      assert.equal(document['code'], 'CLI_SIMULATION_TARGET_REFUSED');
      assert.match(String(document['message']), /--test-server 127\.0\.0\.1/);
    }
    assert.deepEqual(await hostIds(), []);
  });

  it('is refused where no operator made the root of its authority a trust anchor', async () => {
    const { status, document } = await run(...named);
    assert.equal(status, 2);
    assert.match(String(document['message']), /touchstone trust-anchor import .*sim\.authority\.pem/);
    assert.deepEqual(await hostIds(), []);
    const file = `${authority}.pem`;
    const pem = ['trust-anchor', 'import', file, '--name', 'simulator', '--scope', 'virtual'];
    await cliAccepted([...pem, '--server', server.url, '--token', server.operatorToken]);
  });

  it('is refused where there is no policy, before a host is made', async () => {
    const { status, document } = await run(...named, ...operatorKeys);
    assert.equal(status, 2);
    assert.match(String(document['message']), /no policy: apply one for hosts with the label simulated=true/);
    assert.deepEqual(await hostIds(), []);
  });

  it('names the lies that a host can tell where another one is asked for', async () => {
    const { document } = await run(...named, '--tampered', '50', '--tampering', 'changed-mind');
    assert.match(
      String(document['message']),
      /^changed-mind is no lie of a host that has enrolled: .*changed-firmware/,
    );
  });

  it('says which honest host is not trusted, and why, before any load', async () => {
    const others = { labels: { simulated: 'no' } };
    await server.operator.call('putPolicy', {
      path: { policyId: 'others' },
      body: { layers: layers as 'kernel'[], verdictSeconds: 600, hosts: others },
    });
    const { status, document } = await run(...named, ...operatorKeys);
    assert.equal(status, 1);
    assert.equal(document['code'], 'CLI_SIMULATION_UNTRUSTED');
    assert.match(String(document['message']), /sim-\w+-000\d is honest and not trusted \(POLICY_ABSENT/);
    const hosts = { labels: { simulated: 'true' } };
    await server.operator.call('putPolicy', {
      path: { policyId: 'simulated' },
      body: { layers: layers as 'kernel'[], verdictSeconds: 600, hosts },
    });
  });

  it('runs then, with what the operators sign, and enrols the same hosts again', async () => {
    const { status, document } = await run(...named, ...operatorKeys);
    assert.equal(status, 0, JSON.stringify(document));
    assert.equal(document['lost'], 0);
    const [phase] = document['phases'] as { outcomes: object }[];
    assert.deepEqual(phase?.outcomes, {
      trusted: 6,
      'refused-as-expected': 0,
      'refused-unexpectedly': 0,
      'trusted-unexpectedly': 0,
    });
    assert.equal((await hostIds()).length, 4);
    const [canary = ''] = await hostIds();
    const labels = { simulated: 'true', canary: 'yes' };
    await server.operator.call('setHostLabels', { path: { hostId: canary }, body: { labels } });
    assert.equal((await run(...named, '--concurrency', '1')).status, 0, 'nothing is left to sign');
    assert.equal((await hostIds()).length, 4);
    assert.deepEqual((await server.operator.call('getHost', { path: { hostId: canary } })).labels, labels);
  });

  it('is no success when a host that lies is trusted', async () => {
    // No layer of the policy rests on what the running system says it measured.
    const { status, document } = await run(...named, '--tampered', '50', '--tampering', 'no-userspace-log');
    assert.equal(status, 1);
    assert.equal(document['code'], 'CLI_SIMULATION_UNSOUND');
    const [phase] = document['phases'] as { outcomes: Record<string, number>; reasons: object }[];
    assert.ok((phase?.outcomes['trusted-unexpectedly'] ?? 0) > 0);
    assert.deepEqual(phase?.reasons, { 'no-userspace-log': phase?.outcomes['trusted-unexpectedly'] });
  });

  it('leaves no join token that still holds', async () => {
    const { items } = await server.operator.call('listTokens', { query: { limit: 1000 } });
    const joiners = items.filter(({ role }) => role === 'joiner');
    assert.ok(joiners.length > 0);
    assert.ok(joiners.every(({ revoked }) => revoked));
  });

  it('is refused beside other hosts unless told, and retires none of them', async () => {
    await trustSimulator(server);
    await enrol(server, paperHost('hv-real'));
    const { status, document } = await run(...named);
    assert.equal(status, 2);
    assert.match(String(document['message']), /hv-real.*--beside-other-hosts/);
    const beside = await run(...named, '--beside-other-hosts', '--clean-up');
    assert.equal(beside.status, 0, JSON.stringify(beside.document));
    const names = (await hostIds()).filter((id) => id.startsWith('sim-'));
    assert.deepEqual([names.length, beside.document['retired']], [4, names]);
    assert.deepEqual((await statesOf()).filter((state) => state !== 'retired').length, 1);
    const { state } = await server.operator.call('getHost', { path: { hostId: 'hv-real' } });
    assert.notEqual(state, 'retired');
  });

  it('finds nothing left to clean up', async () => {
    const target = ['--server', server.url, '--token', server.operatorToken];
    const { retired } = await cliAccepted(['simulate', 'clean-up', ...target, '--yes']);
    assert.deepEqual(retired, []);
  });

  it('refuses another fleet under the seed of one that was retired', async () => {
    const { status, document } = await run(...named, '--beside-other-hosts');
    assert.equal(status, 2);
    assert.equal(document['code'], 'CLI_SIMULATION_TARGET_REFUSED');
    assert.match(String(document['message']), /^4 hosts of seed touchstone were retired there.*sim-.*another --seed/);
  });

  it('says what the server used, as the server says it, and retires a fleet also where its run failed', async () => {
    const phases = (document: Record<string, unknown>) =>
      document['phases'] as { serverCpu: { perAttestationMicroseconds: number } }[];
    const second = [...named, '--beside-other-hosts', '--seed', 'second'];
    const { status, document } = await run(...second);
    assert.equal(status, 0, JSON.stringify(document));
    assert.ok((phases(document)[0]?.serverCpu.perAttestationMicroseconds ?? 0) > 0);
    assert.ok(Number((document['server'] as Record<string, unknown>)['residentBytes']) > 10_000_000);
    // Nobody has signed what these boot.
    const third = await run(...named, '--beside-other-hosts', '--seed', 'third', '--boot', 'captured', '--clean-up');
    assert.deepEqual([third.status, third.document['code']], [1, 'CLI_SIMULATION_UNTRUSTED']);
    assert.equal((third.document['retired'] as string[]).length, 8, 'every simulated host, of both fleets');
  });

  it('names the host that could not be retired, and retires the others', async () => {
    await run(...named, '--beside-other-hosts', '--seed', 'fourth');
    const due = (await server.operator.call('listHosts', {})).items.filter(({ state }) => state !== 'retired');
    const [first] = due.filter(({ id }) => id.startsWith('sim-'));
    stubborn = first?.id;
    const target = ['--server', server.url, '--token', server.operatorToken, '--yes'];
    const { status, document } = await cliJson(['simulate', 'clean-up', ...target]);
    assert.equal(status, 1);
    assert.equal((document['retired'] as string[]).length, 3);
    assert.deepEqual(
      (document['notRetired'] as { host: string }[]).map(({ host }) => host),
      [stubborn],
    );
    assert.match(
      String(document['message']),
      new RegExp(`^${stubborn} was not retired: .*3 of 4 simulated hosts were retired`),
    );
    stubborn = undefined;
    assert.equal(((await cliAccepted(['simulate', 'clean-up', ...target]))['retired'] as string[]).length, 1);
  });
});
