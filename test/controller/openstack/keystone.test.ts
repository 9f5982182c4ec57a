// Tokens: when one is asked for, how long it is presented, and where it is sent.
import assert from 'node:assert/strict';
import {
  createPlacement,
  createPlacementAccess,
  readCloud,
  type Clock,
  type ControllerError,
} from '../../../src/controller/index.ts';
import { endpoint, startKeystone, type KeystoneApi } from '../../support/keystone-api.ts';
import { startPlacementApi, type PlacementApi } from '../../support/placement-api.ts';

describe('tokens of Keystone', () => {
  let keystone: KeystoneApi;
  let api: PlacementApi;
  let env: Record<string, string>;
  let atMs: number;
  const clock: Clock = { monotonic: () => atMs, sleep: () => Promise.resolve() };
  const closers: (() => void)[] = [];
  before(async () => {
    api = await startPlacementApi(['hv-1']);
  });
  after(() => api.close());
  beforeEach(async () => {
    keystone = await startKeystone(api.url);
    atMs = 1000;
    api.interfere = undefined;
    env = {
      OS_AUTH_URL: keystone.url,
      OS_USERNAME: 'touchstone',
      OS_USER_DOMAIN_ID: 'default',
      OS_PASSWORD: 'first',
      OS_PROJECT_NAME: 'service',
      OS_PROJECT_DOMAIN_ID: 'default',
    };
  });
  afterEach(async () => {
    closers.splice(0).forEach((close) => close());
    await keystone.close();
  });

  function open() {
    const placement = createPlacement(createPlacementAccess({ cloud: () => readCloud(undefined, env), clock }));
    closers.push(() => placement.close());
    return placement;
  }
  const lastToken = (): string | undefined => api.requests.at(-1)?.token;
  const refused = (code: string, message: RegExp) => (error: ControllerError) => {
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };

  it('are asked for once and presented until three quarters of their life, by the time that passes here', async () => {
    const placement = open();
    await Promise.all([placement.listProviders(), placement.listProviders()]);
    assert.equal(keystone.logins.length, 1);
    const user = { name: 'touchstone', domain: { id: 'default' }, password: 'first' };
    assert.deepEqual(keystone.logins[0], {
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: 'service', domain: { id: 'default' } } },
      },
    });
    atMs += 0.75 * 3_600_000 - 1;
    await placement.listProviders();
    assert.equal(lastToken(), 'token-1');
    atMs += 1;
    await placement.listProviders();
    assert.equal(lastToken(), 'token-2');
  });

  it('are asked for again when placement refuses one, with the secret that is there now', async () => {
    const placement = open();
    await placement.listProviders();
    env['OS_PASSWORD'] = 'second';
    api.interfere = ({ token }) => (token === 'token-1' ? { status: 401 } : undefined);
    assert.equal((await placement.listProviders()).length, 1);
    assert.equal(lastToken(), 'token-2');
    assert.match(JSON.stringify(keystone.logins[1]), /"password":"second"/);
  });

  it('are not asked for without end when placement refuses all', async () => {
    api.interfere = () => ({ status: 401 });
    await assert.rejects(
      open().listProviders(),
      refused('CONTROLLER_PLATFORM_REFUSED', /list of resource providers: 401/),
    );
    assert.equal(keystone.logins.length, 2);
  });

  it('are refused with what Keystone said', async () => {
    const body =
      '{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}';
    keystone.refusal = { status: 401, body };
    const placement = open();
    await assert.rejects(placement.listProviders(), refused('CONTROLLER_PLATFORM_REFUSED', /login at Keystone: 401 .*requires authentication/)); // prettier-ignore
    keystone.refusal = undefined;
    assert.equal((await placement.listProviders()).length, 1, 'and are asked for again');
  });

  it('that live no time are none', async () => {
    for (const lifeSeconds of [0, -5]) {
      keystone.lifeSeconds = lifeSeconds;
      await assert.rejects(open().listProviders(), refused('CONTROLLER_PLATFORM_UNREADABLE', /without a life/));
    }
  });

  it('go to the one endpoint that region and interface mean', async () => {
    const elsewhere = endpoint('https://elsewhere.example', 'public', 'RegionTwo');
    keystone.endpoints = [elsewhere, endpoint(api.url), endpoint('https://admin.example', 'admin')];
    env['OS_REGION_NAME'] = 'RegionOne';
    await open().listProviders();
    delete env['OS_REGION_NAME'];
    await assert.rejects(open().listProviders(), refused('CONTROLLER_ENDPOINT_UNCLEAR', /more than one public endpoint of placement: https:\/\/elsewhere/)); // prettier-ignore
    keystone.endpoints = [endpoint(api.url, 'internal')];
    await assert.rejects(open().listProviders(), refused('CONTROLLER_ENDPOINT_UNCLEAR', /has no public endpoint of placement/)); // prettier-ignore
    env['OS_INTERFACE'] = 'internal';
    await open().listProviders();
    keystone.endpoints = [];
    await assert.rejects(open().listProviders(), refused('CONTROLLER_ENDPOINT_UNCLEAR', /has no internal endpoint/));
  });

  it('are not sent in the clear to where a catalogue says', async () => {
    for (const address of ['http://placement.example', 'not an address', 'file:///etc']) {
      keystone.endpoints = [endpoint(address)];
      await assert.rejects(open().listProviders(), refused('CONTROLLER_ENDPOINT_UNCLEAR', /a token needs https/));
    }
  });

  it('go to the endpoint that operators named, whatever the catalogue says', async () => {
    keystone.endpoints = [endpoint('https://elsewhere.example')];
    env['OS_PLACEMENT_ENDPOINT_OVERRIDE'] = api.url;
    await open().listProviders();
    assert.equal(lastToken(), 'token-1');
  });

  it('for good are presented as they are now', async () => {
    env = { OS_AUTH_TYPE: 'admin_token', OS_TOKEN: 'admin', OS_ENDPOINT: api.url };
    const placement = open();
    await placement.listProviders();
    env['OS_TOKEN'] = 'other';
    await placement.listProviders();
    assert.equal(lastToken(), 'other');
    const count = api.requests.length;
    api.interfere = () => ({ status: 401 });
    await assert.rejects(placement.listProviders(), refused('CONTROLLER_PLATFORM_REFUSED', /401/));
    assert.equal(api.requests.length, count + 1, 'there is no other to try with');
  });
});
