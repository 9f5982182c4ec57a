// A load that costs little, so that the cores are left to whom it asks: the same bytes again and again over kept connections, and of each
// answer no more is read than its status and its length.
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { readSettings, serveParent } from './child.ts';
import type { Asked } from './probe-child.ts';

export interface CheapLoadSettings extends Asked {
  /** How many answers one number is taken of. */
  readonly count: number;
}

export type CheapLoadReady = Readonly<Record<string, never>>;

/** One request at a time on each: node:http may end a connection over TLS whose requests do not wait for answers. */
const connections = 32;

const { url, ca, exchange, count } = readSettings() as CheapLoadSettings;
const { hostname, port, host } = new URL(url);
const lines = Object.entries({ host, ...exchange.headers }).map(([name, value]) => `${name}: ${value}`);
const request = Buffer.from(`${[`${exchange.method} ${exchange.path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`);
const sockets = Array.from({ length: connections }, () => connect({ host: hostname, port: Number(port), ca }));
await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));

/** Wall time, in microseconds, of each. */
async function timeOfEach(): Promise<number> {
  const share = Math.ceil(count / connections);
  const start = performance.now();
  await Promise.all(sockets.map((socket) => askOver(socket, share)));
  return ((performance.now() - start) * 1000) / (share * connections);
}

function askOver(socket: TLSSocket, share: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let unanswered = share;
    let text: Buffer = Buffer.alloc(0);
    const hear = (part: Buffer): void => {
      text = text.length === 0 ? part : Buffer.concat([text, part]);
      if (!isWhole(text)) return;
      text = Buffer.alloc(0);
      unanswered -= 1;
      if (unanswered > 0) return void socket.write(request);
      socket.off('data', hear).off('close', fail);
      resolve();
    };
    const fail = (): void => reject(new TypeError('the server ended a connection'));
    socket.on('data', hear).on('close', fail);
    socket.write(request);
  });
}

/** Whether all of an answer is there. */
function isWhole(text: Buffer): boolean {
  const body = text.indexOf('\r\n\r\n') + 4;
  if (body < 4) return false;
  const head = text.toString('latin1', 0, body);
  const length = /^HTTP\/1\.1 200 [^]*\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  if (length === undefined) throw new TypeError(`the load was answered ${head}`);
  return text.length >= body + Number(length);
}

const close = (): Promise<void> => {
  for (const socket of sockets) socket.destroy();
  return Promise.resolve();
};
serveParent({} satisfies CheapLoadReady, close, { time: timeOfEach });
