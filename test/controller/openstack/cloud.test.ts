// Clouds as clouds.yaml and the environment name them, and the exact bodies that Keystone is asked with. [KEYSTONE-V3]
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readCloud, type Cloud } from '../../../src/controller/index.ts';

const password = {
  auth_url: 'https://keystone.example:5000',
  username: 'touchstone',
  user_domain_name: 'Default',
  password: 'x: y',
  project_name: 'service',
  project_domain_id: 'default',
};

describe('clouds of OpenStack', () => {
  let folder: string;
  let env: Readonly<Record<string, string>>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-clouds-'));
    env = { OS_CLIENT_CONFIG_FILE: join(folder, 'clouds.yaml') };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (cloud: object, name = 'clouds.yaml'): void =>
    writeFileSync(join(folder, name), stringify({ clouds: { one: cloud } }));
  const authOf = ({ login }: Cloud): unknown => (login.by === 'keystone' ? login.auth : undefined);
  const refusal = (read: () => Cloud): string => {
    try {
      read();
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      assert.equal(code, 'CONTROLLER_CREDENTIALS_UNUSABLE');
      return message;
    }
    return 'accepted';
  };

  it('come with a password', () => {
    write({ auth: password, region_name: 'north', interface: 'internal' });
    const cloud = readCloud('one', env);
    assert.deepEqual(authOf(cloud), {
      identity: {
        methods: ['password'],
        password: { user: { name: 'touchstone', domain: { name: 'Default' }, password: 'x: y' } },
      },
      scope: { project: { name: 'service', domain: { id: 'default' } } },
    });
    assert.ok(cloud.login.by === 'keystone' && cloud.login.authUrl === 'https://keystone.example:5000/v3');
    assert.deepEqual(
      [cloud.region, cloud.interface, cloud.ca, cloud.endpoint],
      ['north', 'internal', undefined, undefined],
    );
  });

  it('come with ids, and for the whole system', () => {
    const auth = { auth_url: 'https://k/v3/', user_id: 'u1', password: 'p', system_scope: 'all' };
    write({ auth_type: 'v3password', auth });
    const cloud = readCloud('one', env);
    assert.deepEqual(authOf(cloud), {
      identity: { methods: ['password'], password: { user: { id: 'u1', password: 'p' } } },
      scope: { system: { all: true } },
    });
    assert.ok(cloud.login.by === 'keystone' && cloud.login.authUrl === 'https://k/v3');
  });

  it('come with an application credential, which has its own scope', () => {
    const auth = {
      auth_url: 'https://k/identity',
      application_credential_id: 'a1',
      application_credential_secret: 's',
    };
    write({ auth_type: 'v3applicationcredential', auth });
    const cloud = readCloud('one', env);
    assert.deepEqual(authOf(cloud), {
      identity: { methods: ['application_credential'], application_credential: { id: 'a1', secret: 's' } },
    });
    assert.ok(cloud.login.by === 'keystone' && cloud.login.authUrl === 'https://k/identity/v3');
  });

  it('come with an application credential by the name that its user gave it', () => {
    const { auth_url, username, user_domain_name } = password;
    const auth = {
      auth_url,
      username,
      user_domain_name,
      application_credential_name: 'traits',
      application_credential_secret: 's',
    };
    write({ auth });
    assert.deepEqual(authOf(readCloud('one', env)), {
      identity: {
        methods: ['application_credential'],
        application_credential: {
          name: 'traits',
          user: { name: 'touchstone', domain: { name: 'Default' } },
          secret: 's',
        },
      },
    });
  });

  it('come from the environment', () => {
    const variables = Object.fromEntries(
      Object.entries(password).map(([key, value]) => [`OS_${key.toUpperCase()}`, value]),
    );
    const { login, region } = readCloud(undefined, { ...variables, OS_REGION_NAME: 'north', OS_PROJECT_ID: '' });
    write({ auth: password });
    assert.deepEqual([login, region], [readCloud('one', env).login, 'north']);
    assert.deepEqual(
      readCloud(undefined, { ...env, OS_CLOUD: 'one' }).login,
      login,
      'OS_CLOUD names one of clouds.yaml',
    );
  });

  it('keep secrets apart in secure.yaml', () => {
    const { password: secret, ...open } = password;
    write({ auth: open });
    assert.match(
      refusal(() => readCloud('one', env)),
      /no password/,
    );
    write({ auth: { password: secret } }, 'secure.yaml');
    assert.match(JSON.stringify(authOf(readCloud('one', env))), /"password":"x: y"/);
  });

  it('are found in the home folder', () => {
    const place = join(folder, '.config/openstack');
    mkdirSync(place, { recursive: true });
    write({ auth: password }, '.config/openstack/clouds.yaml');
    assert.equal(readCloud('one', { HOME: folder }).login.by, 'keystone');
  });

  it('may have one token for good, where there is no Keystone', () => {
    write({ auth_type: 'admin_token', auth: { endpoint: 'http://127.0.0.1:8778', token: 'admin' } });
    assert.deepEqual(readCloud('one', env).login, { by: 'token', token: 'admin', endpoint: 'http://127.0.0.1:8778' });
  });

  it('bring their authority', () => {
    write({ auth: password, cacert: join(folder, 'ca.pem') });
    writeFileSync(join(folder, 'ca.pem'), 'PEM');
    assert.equal(readCloud('one', env).ca, 'PEM');
  });

  it('are refused with the name of what is missing', () => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{}, /no auth_url/],
      [{ auth: { ...password, auth_url: 'http://keystone.example' } }, /auth_url needs https/],
      [{ auth: password, placement_endpoint_override: 'http://placement.example' }, /override needs https/],
      [{ auth: password, verify: false }, /verify: false is not accepted/],
      [{ auth: password, interface: 'private' }, /interface is not/],
      [{ auth: password, cacert: '/nowhere.pem' }, /nowhere\.pem cannot be read \(ENOENT\)/],
      [{ auth: { ...password, user_domain_name: undefined } }, /no user_domain_name/],
      [{ auth: { ...password, project_name: undefined } }, /no project_name or project_id/],
      [{ auth: { ...password, username: undefined } }, /no username or user_id/],
      [{ auth: password, auth_type: 'v3kerberos' }, /v3kerberos is not one of/],
      [{ auth: password, auth_type: 'v3applicationcredential' }, /no application_credential_secret/],
      [{ auth: { auth_url: 'https://k', application_credential_secret: 's' } }, /application_credential_id or/],
      [{ auth_type: 'admin_token', auth: { endpoint: 'https://p' } }, /needs token/],
      [{ auth_type: 'admin_token', auth: { token: 't' } }, /needs endpoint/],
      [{ auth_type: 'admin_token', auth: { token: 't', endpoint: 'http://p' } }, /endpoint needs https/],
    ];
    for (const [cloud, said] of cases) {
      write(cloud);
      assert.match(
        refusal(() => readCloud('one', env)),
        said,
      );
    }
  });

  it('are refused when there is none', () => {
    assert.match(
      refusal(() => readCloud('one', { HOME: folder })),
      /no clouds\.yaml in/,
    );
    assert.match(
      refusal(() => readCloud('one', env)),
      /cannot be read \(ENOENT\)/,
    );
    assert.match(
      refusal(() => readCloud(undefined, {})),
      /no auth_url/,
    );
    write({ auth: password });
    for (const name of ['two', 'constructor', '__proto__'])
      assert.match(
        refusal(() => readCloud(name, env)),
        /has no cloud/,
      );
  });

  it('quote nothing of a file that is not YAML: secrets are in it', () => {
    writeFileSync(join(folder, 'clouds.yaml'), 'clouds:\n  one: {password: hunter2\n');
    const said = refusal(() => readCloud('one', env));
    assert.match(said, /is not YAML/);
    assert.doesNotMatch(said, /hunter2/);
  });
});
