// A database that is far away: whatever is sent to it arrives later, and so does what it answers.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FarDatabase {
  readonly url: string;
  close(): void;
}

/** The database of `url`, which names a socket, at the end of a way of so many milliseconds. */
export async function placeFarAway(url: string, wayMs: number): Promise<FarDatabase> {
  const place = new URL(url);
  const name = `.s.PGSQL.${place.port}`;
  const near = join(place.searchParams.get('host') ?? '', name);
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-far-'));
  const sockets = new Set<Socket>();
  const server = createServer((caller) => {
    const database = connect(near);
    for (const [from, to] of [
      [caller, database],
      [database, caller],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => setTimeout(() => to.write(bytes), wayMs));
      from.on('close', () => setTimeout(() => to.destroy(), wayMs));
      from.on('error', () => from.destroy());
    }
  });
  server.listen(join(folder, name));
  await once(server, 'listening');
  place.searchParams.set('host', folder);
  return {
    url: place.href,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
