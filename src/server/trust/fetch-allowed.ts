// The only way out of the server: addresses that an operator named, on hosts that the configuration allows.
import type { ServerProblemCode } from '../../api/index.ts';
import { ServerError } from '../errors.ts';

export interface FetchBounds {
  readonly maximumSize: number;
  /** Thrown when the publisher answers with something else than a good, small body. */
  readonly failure: ServerProblemCode;
}

const timeoutMs = 10_000;

/** `text` as an address of one of `hosts`; undefined when it is none. */
export function allowedUrl(text: string, hosts: readonly string[]): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === undefined || !isPlain || !hosts.includes(url.host)) return undefined;
  // `fetch` takes no address with a name or a password in it, and nobody wants either in a log.
  return url.username === '' && url.password === '' ? url : undefined;
}

/** The body of a good answer. Redirects are not followed: they would lead where nobody allowed.
 * @throws ServerError with the code `failure` */
export async function fetchAllowed(url: URL, { maximumSize, failure }: FetchBounds): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok || response.body === null) throw new ServerError(failure, `status ${response.status}`);
    return await readBody(response.body as AsyncIterable<Uint8Array>, { maximumSize, failure });
  } catch (cause) {
    if (cause instanceof ServerError) throw cause;
    throw new ServerError(failure, 'the publisher cannot be reached, or sends elsewhere', { cause });
  }
}

async function readBody(body: AsyncIterable<Uint8Array>, { maximumSize, failure }: FetchBounds): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maximumSize) throw new ServerError(failure, `more than ${maximumSize} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
