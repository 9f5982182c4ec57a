// Tokens of Keystone, and where its catalogue says that placement is. A token is renewed before its time is over, and as soon as
// placement refuses it; its life is measured here, from before it was asked for, so that no two clocks have to agree.
// [KEYSTONE-V3]
import { isSafeAddress, type HttpAnswer } from '../../api/index.ts';
import { isRecord, printable } from '../../core/encoding/index.ts';
import { isToken } from '../credentials.ts';
import { ControllerError } from '../errors.ts';
import type { Clock } from '../platform.ts';
import { createPlatformHttp, readAnswer, unreadable, type Access } from '../platform-http.ts';
import type { Cloud, CloudLogin } from './cloud.ts';

export interface PlacementAccess {
  /** Where placement is, and a token that it should take.
   * @throws ControllerError, ApiUnreachable */
  get(): Promise<Access>;
  /** Placement refused this token. Returns whether another one can be had. */
  refused(access: Access): boolean;
}

export interface PlacementAccessOptions {
  /** Read anew for each token: secrets are replaced. */
  readonly cloud: () => Cloud;
  readonly clock: Clock;
}

/** The share of its life after which a token is renewed. */
const renewAfter = 3 / 4;

interface Held {
  readonly access: Access;
  readonly renewAt: number;
}

export function createPlacementAccess({ cloud, clock }: PlacementAccessOptions): PlacementAccess {
  let held: Held | undefined;
  let asking: Promise<Held> | undefined;

  async function renew(): Promise<Held> {
    const { login, ...where } = cloud();
    if (login.by === 'token') return { access: accessTo(login.endpoint, where.ca, login.token), renewAt: -Infinity };
    const askedAt = clock.monotonic();
    const { token, lifeMs, catalog } = readToken(await askForToken(login, where.ca));
    const endpoint = where.endpoint ?? findPlacement(catalog, where);
    return { access: accessTo(endpoint, where.ca, token), renewAt: askedAt + lifeMs * renewAfter };
  }

  return {
    get: async () => {
      if (held !== undefined && clock.monotonic() < held.renewAt) return held.access;
      asking ??= renew().finally(() => (asking = undefined));
      held = await asking;
      return held.access;
    },
    refused: (access) => {
      const wasForGood = held?.renewAt === -Infinity;
      if (held?.access === access) held = undefined;
      return !wasForGood;
    },
  };
}

function accessTo(baseUrl: string, ca: string | undefined, token: string): Access {
  return { baseUrl, ca, headers: { 'x-auth-token': token } };
}

async function askForToken(login: CloudLogin & { by: 'keystone' }, ca: string | undefined): Promise<HttpAnswer> {
  const http = createPlatformHttp(() => Promise.resolve({ baseUrl: login.authUrl, ca, headers: {} }));
  try {
    return await http.ask({ method: 'POST', path: '/auth/tokens', body: { auth: login.auth } });
  } finally {
    http.close();
  }
}

/** @throws ControllerError CONTROLLER_PLATFORM_REFUSED, CONTROLLER_PLATFORM_UNREADABLE */
function readToken(answer: HttpAnswer) {
  const document = readAnswer(answer, 'login at Keystone');
  const header = answer.headers['x-subject-token'];
  const token = Array.isArray(header) ? undefined : header;
  const body = isRecord(document) && isRecord(document['token']) ? document['token'] : {};
  const lifeMs = Date.parse(String(body['expires_at'])) - Date.parse(String(body['issued_at']));
  if (!isToken(token) || !(lifeMs > 0)) throw unreadable('login at Keystone: no token, or one without a life');
  return { token, lifeMs, catalog: Array.isArray(body['catalog']) ? (body['catalog'] as unknown[]) : [] };
}

/** The one endpoint of placement that is meant. Of none and of several none is guessed.
 * @throws ControllerError CONTROLLER_ENDPOINT_UNCLEAR */
function findPlacement(catalog: readonly unknown[], { region, interface: asked }: Omit<Cloud, 'login'>): string {
  const services = catalog.filter(isRecord).filter(({ type }) => type === 'placement');
  const endpoints = services.flatMap(({ endpoints: all }) => (Array.isArray(all) ? (all as unknown[]) : []));
  const meant = endpoints.filter(isRecord).filter((endpoint) => {
    const { interface: type, region_id: id, region: name } = endpoint;
    return type === asked && (region === undefined || id === region || name === region);
  });
  const addresses = [...new Set(meant.map(({ url }) => String(url)))];
  const [address] = addresses;
  const what = `${asked} endpoint of placement${region === undefined ? '' : ` in region ${printable(region)}`}`;
  if (address === undefined) throw unclear(`the catalogue has no ${what}`);
  if (addresses.length > 1)
    throw unclear(`the catalogue has more than one ${what}: ${printable(addresses.join(', '), 300)}`);
  if (!isSafeAddress(address)) throw unclear(`the ${what} is ${printable(address, 200)}, and a token needs https`);
  return address;
}

function unclear(message: string): ControllerError {
  return new ControllerError('CONTROLLER_ENDPOINT_UNCLEAR', message);
}
