// OpenStack's Keystone on the loopback interface, as Debian ships it, over SQLite, with the users that the story needs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { findFreePort } from '../../src/cli/server-process.ts';
import { LabError } from '../lab-error.ts';
import { runProgram } from '../program.ts';
import { startChild } from './child.ts';
import { untilAnswers } from './placement.ts';
import { openRest, type Rest } from './rest.ts';

export interface Keystone {
  readonly url: string;
  /** Lines of placement.conf by which placement asks this Keystone about tokens. */
  readonly authOfPlacement: string;
  /** Tells the catalogue where placement is. */
  publish(placementUrl: string): Promise<void>;
  /** A user who has one role in project `service`, and what logs in with it. */
  createUser(name: string, role: string): Promise<void>;
  /** Id of an application credential of that user. */
  createCredential(user: string, role: string, secret: string): Promise<string>;
  /** Ends the tokens of that user, too. */
  setPassword(user: string, password: string): Promise<void>;
  tokenOf(user: string, password: string): Promise<string>;
  stop(): Promise<void>;
}

/** Seconds that tokens live here: some are renewed while the story goes on. */
export const tokenSeconds = 20;

interface Body {
  readonly user: { readonly id: string };
  readonly project: { readonly id: string };
  readonly role: { readonly id: string };
  readonly service: { readonly id: string };
  readonly application_credential: { readonly id: string };
  readonly users: readonly { readonly id: string }[];
  readonly roles: readonly { readonly id: string }[];
}

/** @param password of the administrator, and of each user at first */
export async function startKeystone(folder: string, password: string): Promise<Keystone> {
  mkdirSync(folder, { recursive: true });
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const conf = join(folder, 'keystone.conf');
  const database = join(folder, 'keystone.sqlite');
  const keys = ['fernet', 'credential'].map((name) => join(folder, name));
  for (const path of keys) mkdirSync(path, { mode: 0o700 });
  writeFileSync(
    conf,
    `[database]\nconnection = sqlite:///${database}\n` +
      `[token]\nexpiration = ${tokenSeconds}\n[identity]\npassword_hash_rounds = 4\n` +
      `[fernet_tokens]\nkey_repository = ${keys[0]}\n[credential]\nkey_repository = ${keys[1]}\n`,
    { mode: 0o600 },
  );
  const manage = (...args: string[]) => runProgram('keystone-manage', ['--config-file', conf, ...args]);
  await manage('db_sync');
  // Keystone reads by one connection while it writes by another; in this mode neither waits for the other.
  const opened = new Database(database);
  opened.pragma('journal_mode = WAL');
  opened.close();
  const { uid, gid } = userInfo();
  await manage('fernet_setup', '--keystone-user', String(uid), '--keystone-group', String(gid));
  const endpoints = ['admin', 'public', 'internal'].flatMap((type) => [`--bootstrap-${type}-url`, `${url}/v3`]);
  await manage('bootstrap', '--bootstrap-password', password, '--bootstrap-region-id', 'RegionOne', ...endpoints);
  const { port } = new URL(url);
  const options = { log: join(folder, 'keystone.log'), env: { OS_KEYSTONE_CONFIG_DIR: folder } };
  const child = startChild('keystone-wsgi-public', ['--host', '127.0.0.1', '--port', port], options);
  try {
    await untilAnswers('Keystone', child, `${url}/v3`);
    const ask = openRest(`${url}/v3`);
    return { url, ...(await administer(ask, url, password)), stop: () => child.stop() };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

async function administer(ask: Rest, url: string, password: string): Promise<Omit<Keystone, 'url' | 'stop'>> {
  const tokenOf = async (name: string, secret: string, project: string): Promise<string> => {
    const domain = { id: 'default' };
    const identity = { methods: ['password'], password: { user: { name, domain, password: secret } } };
    const auth = { identity, scope: { project: { name: project, domain } } };
    const { status, headers, text } = await ask('POST', '/auth/tokens', { auth });
    if (status !== 201) throw new LabError(`Keystone: ${status} ${text}`);
    return String(headers['x-subject-token']);
  };
  const accepted = async (method: string, path: string, body?: object, token?: string): Promise<Body> => {
    const presented = token ?? (await tokenOf('admin', password, 'admin'));
    const answer = await ask(method, path, body, { 'x-auth-token': presented });
    if (answer.status >= 300) throw new LabError(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body as Body;
  };
  const userOf = async (name: string): Promise<string> =>
    (await accepted('GET', `/users?name=${name}`)).users[0]?.id ?? '';
  const { project } = await accepted('POST', '/projects', { project: { name: 'service', domain_id: 'default' } });
  await accepted('POST', '/roles', { role: { name: 'touchstone' } });
  const createUser = async (name: string, role: string): Promise<void> => {
    const { user } = await accepted('POST', '/users', { user: { name, password, domain_id: 'default' } });
    const { roles } = await accepted('GET', `/roles?name=${role}`);
    await accepted('PUT', `/projects/${project.id}/users/${user.id}/roles/${roles[0]?.id}`);
  };
  await createUser('placement', 'admin');
  return {
    authOfPlacement:
      `[api]\nauth_strategy = keystone\n[keystone_authtoken]\nauth_url = ${url}/v3\nwww_authenticate_uri = ${url}/v3\n` +
      `auth_type = password\nusername = placement\nuser_domain_id = default\npassword = ${password}\n` +
      // A token that has ended is refused at once.
      'project_name = service\nproject_domain_id = default\ntoken_cache_time = -1\n',
    publish: async (placementUrl) => {
      const { service } = await accepted('POST', '/services', { service: { type: 'placement', name: 'placement' } });
      const endpoint = { service_id: service.id, interface: 'internal', region_id: 'RegionOne', url: placementUrl };
      await accepted('POST', '/endpoints', { endpoint });
    },
    createUser,
    createCredential: async (name, role, secret) => {
      const token = await tokenOf(name, password, 'service');
      const body = { application_credential: { name: 'traits', secret, roles: [{ name: role }] } };
      const path = `/users/${await userOf(name)}/application_credentials`;
      return (await accepted('POST', path, body, token)).application_credential.id;
    },
    setPassword: async (name, changed) => {
      await accepted('PATCH', `/users/${await userOf(name)}`, { user: { password: changed } });
    },
    tokenOf: (name, secret) => tokenOf(name, secret, 'service'),
  };
}
