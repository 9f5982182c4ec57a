// The listening socket: TLS or loopback, every wait bounded, and a stop that lets requests finish.
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { ListenAddress, ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { checkNotExposed, readFile } from '../keys/key-file.ts';
import { connectionsWithin } from '../load/open-files.ts';
import type { Doors } from './app.ts';
import { boundAnswers, boundConnections, boundPipelined, keepPipelined } from './connections.ts';
import { queueHandshakes, usualBounds } from './handshakes.ts';
import { refuseClient, refuseExpectation, refuseTunnel, type OnRefused } from './refuse-client.ts';
import { mostHeaders } from './request-head.ts';

/** As many as the kernel keeps until they are accepted, as a rule: whoever dials beyond that hears nothing for a second, and longer then. */
const backlog = 4096;

export interface BoundAddress extends ListenAddress {
  /** No other process behind the same primary listens there. */
  readonly exclusive?: boolean;
}

export interface ListenOptions {
  /** That of the configuration unless told. */
  readonly address?: BoundAddress;
  readonly onRefused?: OnRefused;
}

export interface Listening {
  readonly url: string;
  /** Stops accepting, waits for requests under way up to `graceMs`, then cuts what is left. Who asks nothing is cut after a second. */
  stop(graceMs: number): Promise<void>;
}

/** @throws ServerError SERVER_ADDRESS_UNAVAILABLE, DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export async function listen(
  doors: Doors,
  config: ServerConfig,
  { address = config.listen, onRefused }: ListenOptions = {},
): Promise<Listening> {
  const server = createServer({ ...doors, listener: boundPipelined(doors.listener, onRefused) }, config);
  // A slow client holds nothing but its own socket, and not for long. [PEERS T9]
  server.headersTimeout = config.limits.headersSeconds * 1000;
  server.requestTimeout = config.limits.requestSeconds * 1000;
  server.keepAliveTimeout = 65_000;
  server.maxHeadersCount = mostHeaders;
  const answering = boundAnswers(server, config.limits.stallSeconds * 1000);
  keepPipelined(server);
  const handshakes = server instanceof HttpsServer ? queueHandshakes(server, usualBounds) : undefined;
  boundConnections(server, connectionsWithin(config));
  server.on('clientError', (error, socket: Socket) => refuseClient(error, socket, onRefused));
  server.on('checkExpectation', (request, response) => refuseExpectation(request, response, onRefused));
  server.on('connect', (_request, socket: Socket) => refuseTunnel(server, socket, onRefused));
  await bind(server, address);
  const { port } = server.address() as AddressInfo;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return {
    url: `${config.tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    stop: (graceMs) => {
      const stopped = stop(server, graceMs, () => {
        answering.cutUnasked();
        handshakes?.cutBegun();
      });
      handshakes?.cutWaiting();
      return stopped;
    },
  };
}

function bind(server: Server, { host, port, exclusive = false }: BoundAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = `${host}:${port} cannot be listened on (${cause.code ?? 'unknown reason'})`;
      reject(new ServerError('SERVER_ADDRESS_UNAVAILABLE', reason, { cause }));
    });
    server.listen({ port, host, backlog, exclusive }, resolve);
  });
}

function createServer({ listener, messages }: Doors, config: ServerConfig): Server {
  // A missing Host is refused by the app, with a problem document.
  const bounds = { connectionsCheckingInterval: 1000, maxHeaderSize: 16_384, requireHostHeader: false };
  const options = { ...bounds, ...messages };
  if (config.tls === undefined) return createHttpServer(options, listener);
  checkNotExposed(config.tls.keyFile);
  const tls = {
    ...readTlsFiles(config.tls),
    minVersion: 'TLSv1.2',
    handshakeTimeout: config.limits.headersSeconds * 1000,
    // Client certificates are asked for, and judged by the pinned key in `authenticate`: never by who signed them.
    requestCert: config.auth.clients.length > 0,
    rejectUnauthorized: false,
  } as const;
  return createHttpsServer({ ...options, ...tls }, listener);
}

/** The pair is tried once here, so that a wrong one is refused with its name. */
function readTlsFiles({ certFile, keyFile }: NonNullable<ServerConfig['tls']>) {
  const pair = { cert: readFile(certFile), key: readFile(keyFile) };
  try {
    createSecureContext(pair);
  } catch (cause) {
    throw new ServerError('KEY_FILE_INVALID', `${certFile} and ${keyFile} are no pair that TLS can use`, { cause });
  }
  return pair;
}

/** How long a server that stops waits for whoever has dialled to ask something. */
const silenceMs = 1000;

/** `close` alone waits for idle keep-alive connections; they are closed here as they fall idle. Nor does it end for a client that dialled
 * and says nothing, or half a handshake: `cutSilent` ends those. */
function stop(server: Server, graceMs: number, cutSilent: () => void): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), 50);
    const silence = setTimeout(cutSilent, Math.min(graceMs, silenceMs));
    const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(silence);
      clearTimeout(deadline);
      resolve();
    });
    server.closeIdleConnections();
  });
}
