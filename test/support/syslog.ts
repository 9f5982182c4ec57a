// Syslog as its receivers see it: a strict parser written from RFC 5424, and a receiver over TCP in the clear. [RFC5424 §6]
import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createWatchers } from './watchers.ts';

export interface SyslogMessage {
  readonly facility: number;
  readonly severity: number;
  readonly time: string;
  readonly hostname: string;
  readonly application: string;
  readonly process: string;
  readonly kind: string;
  readonly element: string;
  /** In the order in which they stand; a name may come again. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** Without the byte order mark. */
  readonly text: string | undefined;
  readonly hasByteOrderMark: boolean;
}

const header =
  /^<(0|[1-9]\d{0,2})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) /;
const element = /^\[([^\s=\]"\p{C}]{1,32})((?: [^\s=\]"\p{C}]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\]/u;
const parameter = / ([^ =]+)="((?:[^"\\\]]|\\["\\\]])*)"/gu;

/** Fails on everything that the grammar does not have. */
export function parseSyslogMessage(bytes: Uint8Array): SyslogMessage {
  const whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const head = header.exec(whole);
  assert.ok(head, `no header: ${whole}`);
  const [all, priority = '', time = '', hostname = '', application = '', process = '', kind = ''] = head;
  assert.ok(Number(priority) <= 191);
  const rest = whole.slice(all.length);
  const data = element.exec(rest);
  assert.ok(data, `no structured data: ${rest}`);
  const [data0, name = '', parameters = ''] = data;
  const body = rest.slice(data0.length);
  assert.ok(body === '' || body.startsWith(' '), `something behind the structured data: ${body}`);
  const hasByteOrderMark = body.startsWith(' \ufeff');
  return {
    facility: Math.floor(Number(priority) / 8),
    severity: Number(priority) % 8,
    time,
    hostname,
    application,
    process,
    kind,
    element: name,
    parameters: [...parameters.matchAll(parameter)].map(
      ([, one = '', value = '']) => [one, value.replace(/\\(["\\\]])/g, '$1')] as const,
    ),
    text: body === '' ? undefined : body.slice(hasByteOrderMark ? 2 : 1),
    hasByteOrderMark,
  };
}

/** Splits what came over one connection by the lengths before the messages; what is incomplete is left. [RFC6587 §3.4.1] */
export function splitFrames(stream: Uint8Array): {
  readonly messages: readonly Uint8Array[];
  readonly rest: Uint8Array;
} {
  const messages: Uint8Array[] = [];
  let rest = stream;
  for (;;) {
    const space = rest.indexOf(0x20);
    if (space < 0) return { messages, rest };
    const length = new TextDecoder().decode(rest.subarray(0, space));
    assert.match(length, /^[1-9]\d*$/);
    const end = space + 1 + Number(length);
    if (rest.length < end) return { messages, rest };
    messages.push(rest.slice(space + 1, end));
    rest = rest.subarray(end);
  }
}

export interface SyslogReceiver {
  readonly url: string;
  readonly connections: number;
  /** Of connections that the sender ended. */
  messages(): readonly SyslogMessage[];
  /** What becomes of connections; undefined: read to the end. */
  conduct: 'cut' | 'never ends' | undefined;
  until(isEnough: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export async function startSyslogReceiver(): Promise<SyslogReceiver> {
  const received: SyslogMessage[] = [];
  const watchers = createWatchers();
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    const parts: Uint8Array[] = [];
    socket.on('data', (part) => {
      parts.push(part);
      if (receiver.conduct === 'cut') socket.resetAndDestroy();
    });
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.on('end', () => {
      if (receiver.conduct === 'never ends') return;
      // A sender that died in the middle leaves a message incomplete: it is dropped, as syslog daemons do.
      received.push(...splitFrames(Buffer.concat(parts)).messages.map(parseSyslogMessage));
      socket.end();
      watchers.tell();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: SyslogReceiver = {
    url: `syslog+tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    messages: () => received,
    conduct: undefined,
    until: watchers.until,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        sockets.forEach((socket) => socket.destroy());
      }),
  };
  return receiver;
}
