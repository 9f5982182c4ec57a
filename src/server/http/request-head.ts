// What the head of a request has to have before anything in it is believed. node:http leaves that to its users. [RFC9112 §2.3, §3.2]
import type { IncomingMessage } from 'node:http';
import { ServerError } from '../errors.ts';

export type RequestHead = Pick<IncomingMessage, 'httpVersion' | 'rawHeaders'>;

/** What node:http leaves out beyond this it leaves out in silence: it might be the credentials. */
export const mostHeaders = 100;

/** HTTP/1.1 with one Host, and headers that were all read: what every client sends. */
export function isPlainHead({ httpVersion, rawHeaders }: RequestHead): boolean {
  if (httpVersion !== '1.1' || hasTooMany(rawHeaders)) return false;
  const { hosts, isClear } = readHead(rawHeaders, true);
  return isClear && hosts === 1;
}

/** HTTP/1.1 with one Host, or HTTP/1.0 with one at most: the parser would let HTTP/0.9 pass, and much that a proxy may read otherwise.
 * @throws ServerError REQUEST_HTTP_MALFORMED, REQUEST_HEADERS_TOO_LARGE */
export function checkHead({ httpVersion, rawHeaders }: RequestHead): void {
  if (hasTooMany(rawHeaders)) throw refusal('REQUEST_HEADERS_TOO_LARGE');
  const { hosts, isClear } = readHead(rawHeaders, httpVersion === '1.1');
  const isRight = httpVersion === '1.1' ? hosts === 1 : httpVersion === '1.0' && hosts <= 1;
  if (!isRight || !isClear) throw refusal('REQUEST_HTTP_MALFORMED');
}

/** A name or an address, and a port; nothing, where a client knows none. Of anything else a proxy may read another name than who comes
 * behind it. [RFC9112 §3.2, RFC3986 §3.2.2] */
const hostValue = /^(?:[\w.~%!$&'()*+,;=-]*|\[[\w:.%~-]+\])(?::\d{0,5})?$/;

/** Names and values take turns. */
function hasTooMany(rawHeaders: readonly string[]): boolean {
  return rawHeaders.length > 2 * mostHeaders;
}

/** Whether it says once who asks, what comes, and how its body ends, and to whom it goes in a form that can be one. Of two node:http takes
 * the first in silence, and a proxy may have read the last. A body in chunks is `chunked` and nothing else beside it, which would not be undone; HTTP/1.0 has none: who speaks
 * that may see the end of the body elsewhere. [RFC9110 §5.3, RFC9112 §6.1, §7] */
function readHead(
  rawHeaders: readonly string[],
  mayBeChunked: boolean,
): { readonly hosts: number; readonly isClear: boolean } {
  let [hosts, types, credentials, codings] = [0, 0, 0, 0];
  let [isChunked, isNamed] = [true, true];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    // The length tells most of them apart.
    if (name.length === 4 && is(name, 'host') === 1) {
      hosts += 1;
      isNamed &&= hostValue.test(rawHeaders[index + 1] ?? '');
    } else if (name.length === 12) types += is(name, 'content-type');
    else if (name.length === 13) credentials += is(name, 'authorization');
    else if (name.length === 17 && is(name, 'transfer-encoding') === 1) {
      codings += 1;
      isChunked &&= rawHeaders[index + 1]?.toLowerCase() === 'chunked';
    }
  }
  const isFramed = codings === 0 || (codings === 1 && isChunked && mayBeChunked);
  return { hosts, isClear: isNamed && types <= 1 && credentials <= 1 && isFramed };
}

function is(name: string, wanted: string): 0 | 1 {
  return name.toLowerCase() === wanted ? 1 : 0;
}

function refusal(code: 'REQUEST_HTTP_MALFORMED' | 'REQUEST_HEADERS_TOO_LARGE'): ServerError {
  return new ServerError(code, undefined, { headers: { connection: 'close' } });
}
