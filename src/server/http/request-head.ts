// What the head of a request has to have before anything in it is believed. node:http leaves that to its users. [RFC9112 §2.3, §3.2]
import type { IncomingMessage } from 'node:http';
import { ServerError } from '../errors.ts';

export type RequestHead = Pick<IncomingMessage, 'httpVersion' | 'rawHeaders'>;

/** What node:http leaves out beyond this it leaves out in silence: it might be the credentials. */
export const mostHeaders = 100;

/** HTTP/1.1 with one Host, and headers that were all read: what every client sends. */
export function isPlainHead({ httpVersion, rawHeaders }: RequestHead): boolean {
  return httpVersion === '1.1' && !hasTooMany(rawHeaders) && countHosts(rawHeaders) === 1;
}

/** HTTP/1.1 with one Host, or HTTP/1.0 with one at most: the parser would let HTTP/0.9 pass, and a second Host, which a proxy may read.
 * @throws ServerError REQUEST_HTTP_MALFORMED, REQUEST_HEADERS_TOO_LARGE */
export function checkHead({ httpVersion, rawHeaders }: RequestHead): void {
  if (hasTooMany(rawHeaders)) throw refusal('REQUEST_HEADERS_TOO_LARGE');
  const hosts = countHosts(rawHeaders);
  const isRight = httpVersion === '1.1' ? hosts === 1 : httpVersion === '1.0' && hosts <= 1;
  if (!isRight) throw refusal('REQUEST_HTTP_MALFORMED');
}

/** Names and values take turns. */
function hasTooMany(rawHeaders: readonly string[]): boolean {
  return rawHeaders.length > 2 * mostHeaders;
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

function refusal(code: 'REQUEST_HTTP_MALFORMED' | 'REQUEST_HEADERS_TOO_LARGE'): ServerError {
  return new ServerError(code, undefined, { headers: { connection: 'close' } });
}
