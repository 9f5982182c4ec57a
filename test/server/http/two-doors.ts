// One request through both doors of a server. The fast door knows plain paths only: with one character of the path encoded, the same
// request goes through Express. [RFC3986 §2.3]
import { connect } from 'node:net';
import type { TestServer } from '../../support/test-server.ts';

export interface DoorRequest {
  readonly method?: string;
  /** Has a host id in it, as `/v1/hosts/ID/...`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly version?: string;
  /** Without a Host header. */
  readonly nameless?: boolean;
}

export interface DoorAnswer {
  readonly status: number;
  readonly head: readonly string[];
  readonly body: string;
}

/** The path as the fast door knows it, and as only Express does. */
export function pathsOf(path: string): readonly [fast: string, express: string] {
  const encoded = path.replace(
    /^(\/v1\/hosts\/)(.)/,
    (_, start: string, first: string) => `${start}%${first.charCodeAt(0).toString(16)}`,
  );
  return [path, encoded];
}

export async function ask(server: TestServer, request: DoorRequest): Promise<DoorAnswer> {
  const { method = 'GET', path, headers = {}, body, version = '1.1', nameless = false } = request;
  const sent = { ...(nameless ? {} : { host: 'x' }), connection: 'close', ...headers };
  const length = body === undefined || 'transfer-encoding' in sent ? {} : { 'content-length': String(body.length) };
  const lines = Object.entries({ ...length, ...sent }).map(([name, value]) => `${name}: ${value}\r\n`);
  return read(await exchange(server.url, `${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n${body ?? ''}`));
}

/** Sends text over a socket of its own, and returns everything that comes back until it closes. */
function exchange(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => (answer += part));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

/** Without what differs from one request to the next: the date, and what chance makes. */
function read(text: string): DoorAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const head = lines
    .filter((line) => !/^date:/i.test(line))
    .map((line) => line.replace(/^(touchstone-next-attestation-seconds): \d+$/, '$1: some'))
    .map((line) => line.replace(/^(touchstone-next-challenge): [\w-]+$/, '$1: some'));
  const body = text
    .slice(end + 4)
    .replace(/"instance":"[0-9a-f-]{36}"/, '"instance":"some"')
    .replace(/("nextChallenge":\{.*"expiresAt":)"[^"]+"/, '$1"some"')
    .replace(/"(challengeId|nonce|qualifyingData|evidenceDigest|clockMs)":"[^"]+"/g, '"$1":"some"')
    .replace(/"nextAttestationSeconds":\d+/, '"nextAttestationSeconds":0')
    .replace(/date: [^\r]+/i, '')
    // The signature of a token, and what it says of the evidence.
    .replace(/^([\w-]+)\.[\w-]+\.[\w-]{86}$/, '$1.some.some');
  return { status: Number(statusLine.split(' ')[1]), head: [statusLine, ...head], body };
}
