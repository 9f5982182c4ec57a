// The controllers by command line.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKeystone } from '../support/keystone-api.ts';
import { startKubernetesApi, type KubernetesApi } from '../support/kubernetes-api.ts';
import { trustedWorld } from '../support/paper-story.ts';
import { startPlacementApi } from '../support/placement-api.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, type CliWorld } from './cli-run.ts';

describe('controllers by command line', () => {
  let server: TestServer;
  let api: KubernetesApi;
  let world: CliWorld;
  let folder: string;
  let args: readonly string[];
  before(async () => {
    server = await startTestServer();
    await trustedWorld(server, 'hv-1');
    world = { env: { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN: await server.token('orchestrator') } };
  });
  after(() => server.close());
  beforeEach(async () => {
    api = await startKubernetesApi(['hv-1', 'hv-2']);
    folder = mkdtempSync(join(tmpdir(), 'touchstone-controller-'));
    writeFileSync(join(folder, 'token'), 'sa-token\n');
    args = ['controller', 'kubernetes', '--once', '--kubernetes-api', api.url, '--kubernetes-token-file', join(folder, 'token')]; // prettier-ignore
  });
  afterEach(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('bring nodes into step once, with the default names', async () => {
    const { members } = await cliAccepted(args, world);
    assert.deepEqual(members, [
      { member: 'hv-1', host: 'hv-1', trusted: true, codes: [], reason: 'trusted', inStep: true },
      { member: 'hv-2', host: 'hv-2', trusted: false, codes: ['HOST_UNKNOWN'], reason: 'the host is not enrolled', inStep: true }, // prettier-ignore
    ]);
    assert.deepEqual(api.findNode('hv-2')?.metadata.labels, {
      'touchstone.node-restriction.kubernetes.io/trusted': 'false',
    });
    assert.deepEqual(api.findNode('hv-2')?.spec.taints, [{ key: 'touchstone/untrusted', effect: 'NoSchedule' }]);
    assert.equal(api.requests[0]?.authorization, 'Bearer sa-token');
  });

  it('say what they did, in lines', async () => {
    const { stdout, status } = await cli(args, world);
    assert.equal(status, 0);
    assert.match(stdout, /^\S+Z {2}hv-2 is marked untrusted: the host is not enrolled \(HOST_UNKNOWN\)$/m);
    assert.match(stdout, /^hv-1 +hv-1 +yes +yes$/m);
  });

  it('refuse when the platform refuses, and name the member', async () => {
    api.interfere = ({ method }) => (method === 'PATCH' ? { status: 403 } : undefined);
    const run = await cli([...args, '--writes-per-second', '1000'], world);
    assert.equal(run.status, 1);
    assert.match(run.stderr, /hv-2: CONTROLLER_PLATFORM_REFUSED: patch of node hv-2: 403/);
    assert.match(run.stderr, /error CONTROLLER_NOT_IN_STEP: 2 of 2 are not in step/);
  }).timeout(30_000);

  it('name what is missing', async () => {
    writeFileSync(join(folder, 'token'), '');
    assert.equal((await cliJson(args, world)).document['code'], 'CONTROLLER_CREDENTIALS_UNUSABLE');
    const away = ['controller', 'kubernetes', '--once'];
    assert.match(String((await cliJson(away, world)).document['message']), /no Kubernetes API was named/);
    const clear = [...away, '--kubernetes-api', 'http://kubernetes.example'];
    assert.match(String((await cliJson(clear, world)).document['message']), /needs https/);
    assert.equal((await cliJson(args, {})).document['code'], 'CLI_SERVER_MISSING');
  });

  it('do not understand names that Kubernetes would not', async () => {
    for (const wrong of [
      ['--label', 'trusted'],
      ['--taint', '/x'],
      ['--host-from', 'label:'],
      ['--effect', 'No'],
      ['--lease', 'nodes'],
    ])
      // prettier-ignore
      assert.equal((await cli([...args, ...wrong], world)).status, 2, wrong.join(' '));
  });

  describe('of OpenStack', () => {
    const openstack = ['controller', 'openstack', '--once'];
    const withCloud = (more: Readonly<Record<string, string>>): CliWorld => ({ env: { ...world.env, ...more } });

    it('give trusted hosts the trait, with a token of Keystone for a cloud of clouds.yaml', async () => {
      const placement = await startPlacementApi(['hv-1', 'hv-2']);
      const keystone = await startKeystone(placement.url);
      try {
        const auth = { auth_url: keystone.url, application_credential_id: 'a1', application_credential_secret: 's' };
        const file = join(folder, 'clouds.yaml');
        writeFileSync(file, JSON.stringify({ clouds: { one: { auth } } }));
        const cloud = withCloud({ OS_CLIENT_CONFIG_FILE: file });
        const dry = await cliAccepted([...openstack, '--os-cloud', 'one', '--dry-run'], cloud);
        assert.deepEqual(dry['members'], [
          { member: 'hv-1', host: 'hv-1', trusted: true, codes: [], reason: 'trusted', inStep: false },
          { member: 'hv-2', host: 'hv-2', trusted: false, codes: ['HOST_UNKNOWN'], reason: 'the host is not enrolled', inStep: true }, // prettier-ignore
        ]);
        assert.ok(
          placement.requests.every(({ method }) => method === 'GET'),
          'a dry run only reads',
        );
        const { stdout, status } = await cli([...openstack, '--os-cloud', 'one'], cloud);
        assert.equal(status, 0);
        assert.match(stdout, /^\S+Z {2}hv-1 is marked trusted$/m);
        assert.deepEqual(placement.traitsOf('hv-1'), ['CUSTOM_TOUCHSTONE_TRUSTED']);
      } finally {
        await keystone.close();
        await placement.close();
      }
    });

    it('name what is missing', async () => {
      const codeOf = async (env: Readonly<Record<string, string>>, ...more: string[]) => {
        const { document, status } = await cliJson([...openstack, ...more], withCloud(env));
        return [status, document['code']];
      };
      assert.deepEqual(await codeOf({}), [1, 'CONTROLLER_CREDENTIALS_UNUSABLE']);
      assert.deepEqual(await codeOf({ HOME: folder }, '--os-cloud', 'one'), [1, 'CONTROLLER_CREDENTIALS_UNUSABLE']);
      const away = { OS_AUTH_TYPE: 'admin_token', OS_TOKEN: 'admin', OS_ENDPOINT: 'http://127.0.0.1:1' };
      assert.deepEqual(await codeOf(away), [1, 'API_UNREACHABLE']);
    });

    it('do not understand traits that are not custom, nor other names', async () => {
      for (const wrong of [
        ['--trait', 'COMPUTE_STATUS_DISABLED'],
        ['--trait', 'CUSTOM_lower'],
        ['--trait', 'CUSTOM_'],
        ['--host-from', 'label:'],
        ['--resync', '0'],
      ])
        assert.equal((await cli([...openstack, ...wrong], world)).status, 2, wrong.join(' '));
    });
  });
});
