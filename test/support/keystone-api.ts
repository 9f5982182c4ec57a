// A small Keystone on loopback: takes one login and answers as Keystone 22 does, with a token and a catalogue. [KEYSTONE-V3]
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from './loopback.ts';

export interface KeystoneApi {
  readonly url: string;
  /** Bodies of the logins so far. */
  readonly logins: readonly unknown[];
  /** Endpoints of placement that the catalogue tells. */
  endpoints: readonly object[];
  /** Seconds that tokens live. */
  lifeSeconds: number;
  /** Answered instead, with this body. */
  refusal: { readonly status: number; readonly body: string } | undefined;
  close(): Promise<void>;
}

/** The token of each login is `token-1` and so on. */
export async function startKeystone(placementUrl: string): Promise<KeystoneApi> {
  const logins: unknown[] = [];
  const server = createServer((request, response) => {
    void text(request).then((login) => {
      const isLogin = request.method === 'POST' && request.url === '/v3/auth/tokens';
      const { refusal } = api;
      if (!isLogin || refusal !== undefined) {
        response.writeHead(refusal?.status ?? 404, { 'content-type': 'application/json' }).end(refusal?.body);
        return;
      }
      logins.push(JSON.parse(login));
      // A clock of its own: only the difference of its times counts.
      const issuedAt = Date.UTC(2001, 0, 1);
      const token = {
        methods: ['password'],
        issued_at: new Date(issuedAt).toISOString(),
        expires_at: new Date(issuedAt + api.lifeSeconds * 1000).toISOString(),
        catalog: [
          { type: 'compute', name: 'nova', endpoints: [endpoint('https://nova.example')] },
          { type: 'placement', name: 'placement', endpoints: api.endpoints },
        ],
      };
      const headers = { 'content-type': 'application/json', 'x-subject-token': `token-${logins.length}` };
      response.writeHead(201, headers).end(JSON.stringify({ token }));
    });
  });
  const { url, close } = await listenOnLoopback(server);
  const api: KeystoneApi = {
    url,
    logins,
    endpoints: [endpoint(placementUrl)],
    lifeSeconds: 3600,
    refusal: undefined,
    close,
  };
  return api;
}

/** As the catalogue has it. */
export function endpoint(url: string, type = 'public', region = 'RegionOne'): object {
  return { id: 'e1', interface: type, region_id: region, region, url };
}
