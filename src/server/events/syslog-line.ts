// How syslog messages get to their receiver: over TLS [RFC5425], over TCP in the clear [RFC6587 §3.4.1], or as datagrams [RFC5426].
// Syslog has no acknowledgement. Over a connection there is one all the same: we end our side, and who read everything up to
// there ends the other [RFC5425 §4.4]. So each batch is one connection. Of datagrams nothing is ever known.
import { createSocket } from 'node:dgram';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createLookup, isLoopbackName, isRefusedLiteral, RefusedAddress, withoutBrackets } from './addresses.ts';
import { frameSyslogMessage } from './syslog-message.ts';

export interface SyslogPolicy {
  /** The addresses that the configuration lists, as it writes them. */
  readonly receivers: readonly string[];
  /** PEM certificates to trust instead of the system's. */
  readonly ca: string | undefined;
  /** What we show to receivers that ask for it, PEM. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
  readonly timeoutMs: number;
}

export type SyslogTransport = 'tls' | 'tcp' | 'udp';

export interface SyslogTarget {
  readonly transport: SyslogTransport;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Shape of an address; the configuration's schema and the contract have the same. */
const address = /^syslog\+(tls|tcp|udp):\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+):(\d{1,5})$/;

/** An address that messages may be sent to; undefined when the configuration does not list it. */
export function syslogTarget(text: string, { receivers }: SyslogPolicy): SyslogTarget | undefined {
  const [, transport, host = '', port] = receivers.includes(text) ? (address.exec(text) ?? []) : [];
  if (transport === undefined) return undefined;
  return { transport: transport as SyslogTransport, host: withoutBrackets(host), port: Number(port) };
}

/** Sends messages in their order. Without any it tries the connection alone.
 * @throws Error of the network, or an abort */
export function speakSyslog(
  target: SyslogTarget,
  messages: readonly Uint8Array[],
  { signal, ...policy }: SyslogPolicy & { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  // Who is listed by an address of this machine, or as localhost, may be on this machine.
  const allowed = { allowLoopback: isLoopbackName(target.host) };
  if (isRefusedLiteral(target.host, allowed)) return Promise.reject(new RefusedAddress());
  const timeout = AbortSignal.timeout(policy.timeoutMs);
  const end = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const { host, port, transport } = target;
  const lookup = createLookup(allowed);
  if (transport === 'udp') return sendDatagrams(target, messages, lookup);
  const socket =
    transport === 'tcp'
      ? connectTcp({ host, port, lookup })
      : connectTls({
          host,
          port,
          lookup,
          minVersion: 'TLSv1.2',
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ...(policy.ca === undefined ? {} : { ca: policy.ca }),
          ...policy.certificate,
        });
  const opened = transport === 'tcp' ? 'connect' : 'secureConnect';
  return converse(socket, opened, { bytes: Buffer.concat(messages.map(frameSyslogMessage)), end });
}

/** Resolves when the receiver ended the connection after us, and nothing went wrong. */
function converse(
  socket: Socket,
  opened: 'connect' | 'secureConnect',
  { bytes, end }: { readonly bytes: Uint8Array; readonly end: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isSent = false;
    const give = (): void => {
      reject(end.reason as Error);
      socket.destroy();
    };
    end.addEventListener('abort', give, { once: true });
    socket.once(opened, () => socket.end(bytes, () => (isSent = true)));
    socket.on('error', reject);
    socket.on('end', () => {
      if (!isSent) reject(new EarlyEnd());
    });
    socket.on('close', () => {
      end.removeEventListener('abort', give);
      if (isSent) resolve();
      else reject(new EarlyEnd());
    });
    // Nothing that a receiver says is for us.
    socket.resume();
  });
}

/** Told as its code. */
class EarlyEnd extends TypeError {
  readonly code = 'the receiver ended the connection first';
}

type Lookup = ReturnType<typeof createLookup>;

function sendDatagrams({ host, port }: SyslogTarget, messages: readonly Uint8Array[], lookup: Lookup): Promise<void> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (failure, found) => {
      if (failure !== null) {
        reject(failure);
        return;
      }
      const [first] = Array.isArray(found) ? found : [];
      if (first === undefined) {
        reject(new RefusedAddress());
        return;
      }
      const socket = createSocket(first.family === 6 ? 'udp6' : 'udp4');
      socket.on('error', reject);
      const send = (message: Uint8Array) =>
        new Promise<void>((sent, failed) => {
          socket.send(message, port, first.address, (error) => (error === null ? sent() : failed(error)));
        });
      messages
        .reduce((before, message) => before.then(() => send(message)), Promise.resolve())
        .then(resolve, reject)
        .finally(() => socket.close());
    });
  });
}
