// Where an OpenStack cloud is, and who comes to it: a cloud of clouds.yaml, or the variables OS_… of the environment, by the names
// that all clients of OpenStack know. Secrets come from there and from nowhere else. [OPENSTACK-CLOUDS]
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { isSafeAddress } from '../../api/index.ts';
import { isToken, readCredentialFile, unusable } from '../credentials.ts';
import { isRecord } from '../../core/encoding/index.ts';
import { identityOf, type Settings } from './identity.ts';

export interface Cloud {
  readonly login: CloudLogin;
  /** PEM; the system's authorities when undefined. */
  readonly ca: string | undefined;
  /** Of placement, where it is named and not looked up. */
  readonly endpoint: string | undefined;
  /** Which endpoint of the catalogue is meant. */
  readonly region: string | undefined;
  readonly interface: 'public' | 'internal' | 'admin';
}

export type CloudLogin =
  | { readonly by: 'keystone'; readonly authUrl: string; readonly auth: object }
  /** A token for good, for services without Keystone. */
  | { readonly by: 'token'; readonly token: string; readonly endpoint: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** @param name of a cloud in clouds.yaml; the environment's OS_CLOUD, or else its OS_… when undefined
 * @throws ControllerError CONTROLLER_CREDENTIALS_UNUSABLE */
export function readCloud(name: string | undefined, env: Environment): Cloud {
  const cloud = name ?? filled(env['OS_CLOUD']);
  const settings = cloud === undefined ? settingsOf(env) : readSettings(cloud, env);
  if (settings['verify']?.toLowerCase() === 'false')
    throw unusable('verify: false is not accepted: name the authority of the cloud as cacert');
  const { region_name: region, interface: asked = 'public', cacert, placement_endpoint_override: endpoint } = settings;
  const type = asked.replace(/URL$/, '');
  if (type !== 'public' && type !== 'internal' && type !== 'admin')
    throw unusable('interface is not public, internal or admin');
  if (endpoint !== undefined) requireSafe(endpoint, 'placement_endpoint_override');
  const login = loginOf(settings, endpoint);
  return {
    login,
    ca: cacert === undefined ? undefined : readCredentialFile(cacert),
    endpoint,
    region,
    interface: type,
  };
}

function loginOf(settings: Settings, override: string | undefined): CloudLogin {
  const { auth_type: type = defaultType(settings), auth_url: authUrl, token } = settings;
  if (type === 'admin_token') {
    const endpoint = override ?? settings['endpoint'];
    if (endpoint === undefined) throw unusable('auth_type admin_token needs endpoint: the address of placement');
    requireSafe(endpoint, 'endpoint');
    if (!isToken(token)) throw unusable('auth_type admin_token needs token');
    return { by: 'token', token, endpoint };
  }
  if (authUrl === undefined)
    throw unusable('no auth_url: name a cloud of clouds.yaml with --os-cloud, or set OS_AUTH_URL and the others');
  requireSafe(authUrl, 'auth_url');
  const base = authUrl.replace(/\/+$/, '');
  return { by: 'keystone', authUrl: base.endsWith('/v3') ? base : `${base}/v3`, auth: identityOf(type, settings) };
}

function defaultType(settings: Settings): string {
  return settings['application_credential_secret'] === undefined ? 'password' : 'v3applicationcredential';
}

function requireSafe(address: string, what: string): void {
  if (!isSafeAddress(address)) throw unusable(`${what} needs https, for secrets are sent to it`);
}

/** Where clouds.yaml may lie; the first that is there counts. */
function findClouds(env: Environment): string {
  const named = filled(env['OS_CLIENT_CONFIG_FILE']);
  if (named !== undefined) return named;
  const home = filled(env['HOME']);
  const folders = ['.', ...(home === undefined ? [] : [join(home, '.config/openstack')]), '/etc/openstack'];
  const found = folders.map((folder) => join(folder, 'clouds.yaml')).find((path) => existsSync(path));
  if (found === undefined) throw unusable(`no clouds.yaml in ${folders.join(', ')} (or OS_CLIENT_CONFIG_FILE)`);
  return found;
}

/** Of clouds.yaml, and what secure.yaml beside it adds. */
function readSettings(name: string, env: Environment): Settings {
  const path = findClouds(env);
  const secure = join(dirname(path), 'secure.yaml');
  const open = readEntry(path, name);
  if (open === undefined) throw unusable(`${path} has no cloud ${name}`);
  return { ...open, ...(existsSync(secure) ? readEntry(secure, name) : {}) };
}

function readEntry(path: string, name: string): Settings | undefined {
  const document = parseFile(path);
  const clouds = isRecord(document) && isRecord(document['clouds']) ? document['clouds'] : {};
  const entry = Object.hasOwn(clouds, name) ? clouds[name] : undefined;
  if (!isRecord(entry)) return undefined;
  const { auth, ...others } = entry;
  const all = Object.entries({ ...others, ...(isRecord(auth) ? auth : {}) });
  return Object.fromEntries(all.flatMap(([key, value]) => (isScalar(value) ? [[key, String(value)]] : [])));
}

function parseFile(path: string): unknown {
  try {
    return parseYaml(readCredentialFile(path));
  } catch (cause) {
    // What the parser says quotes lines, and lines hold secrets.
    if (cause instanceof Error && cause.name.startsWith('YAML')) throw unusable(`${path} is not YAML`);
    throw cause;
  }
}

/** `OS_USER_DOMAIN_NAME` is `user_domain_name`. */
function settingsOf(env: Environment): Settings {
  const ours = Object.entries(env).filter(([key, value]) => key.startsWith('OS_') && filled(value) !== undefined);
  return Object.fromEntries(ours.map(([key, value]) => [key.slice('OS_'.length).toLowerCase(), value]));
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
