// Workers that have as many connections as they may: what is beyond is cut off by them, and not handed back to the primary for ever.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { createTestDatabase } from '../../support/postgres.ts';
import { createServerProcess } from '../../support/server-process.ts';

/** Resolves when there is an answer, or the connection ends. */
function ask(url: string, dialled: Socket[]): Promise<'answered' | 'cut'> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  dialled.push(socket);
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  return new Promise((resolve) => {
    socket.once('data', () => resolve('answered')).on('error', () => undefined);
    socket.once('close', () => resolve('cut'));
  });
}

describe('two workers that are full', () => {
  it('cut off who dials, close what is idle, and serve the next', async () => {
    const storage = await createTestDatabase();
    const settings = { workers: 2, storage, postgres: { connections: 2 }, limits: { connections: 16 } };
    const server = await createServerProcess({ ...settings, listen: { port: 0 } });
    const dialled: Socket[] = [];
    try {
      await server.start();
      const outcomes = await Promise.all(Array.from({ length: 64 }, () => ask(server.url, dialled)));
      assert.ok(outcomes.filter((outcome) => outcome === 'answered').length >= 16);
      while ((await ask(server.url, dialled)) === 'cut');
    } finally {
      dialled.forEach((socket) => socket.destroy());
      await server.remove();
    }
  });
});
