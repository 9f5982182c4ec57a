// Fewer file descriptors than connections: what dials beyond them is cut off by the server itself. Where the kernel had none left, a connection
// was lost between the primary and its worker, and the worker was never given another: its address was dead until it was started again.
import { connect, type Socket } from 'node:net';
import { createServerProcess } from '../../support/server-process.ts';

/** Resolves when it is there, or refused. */
function dial(url: string, dialled: Socket[]): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  dialled.push(socket);
  return new Promise((resolve) => {
    socket.once('connect', resolve).once('close', () => resolve());
    socket.on('error', () => undefined).resume();
  });
}

/** From another address. Resolves with what was answered before the connection ended; where nobody hears, never. */
function ask(url: string, dialled: Socket[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), localAddress: '127.0.0.2' });
  dialled.push(socket);
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  return new Promise((resolve) => {
    socket.once('data', (text: Buffer) => resolve(text.toString())).once('close', () => resolve(''));
    socket.on('error', () => undefined);
  });
}

describe('a worker with fewer file descriptors than connections', () => {
  it('has whoever else dials answered', async () => {
    const server = await createServerProcess({ listen: { port: 0 }, admission: { listen: { port: 0 } } });
    const dialled: Socket[] = [];
    try {
      // More than Node.js opens at once while it loads the server.
      await server.start({ openFiles: 640 });
      // One after the other: the kernel drops whoever dials beyond what it keeps.
      for (let count = 0; count < 720; count += 1) await dial(server.url, dialled);
      // The primary may be at its own bound for a moment: then it cuts off, and is dialled again.
      while (!(await ask(server.url, dialled)).startsWith('HTTP/1.1 200 '));
    } finally {
      dialled.forEach((socket) => socket.destroy());
      await server.remove();
    }
  });
});
