// What a pooler before PostgreSQL is to who connects: the number of the process that it names is none of the database's.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';

export interface Pooler {
  /** The same database, through it. */
  readonly url: string;
  close(): Promise<void>;
}

/** BackendKeyData: its letter and its length. The process and the secret follow. */
const keyData = Buffer.from([0x4b, 0, 0, 0, 12]);

/** `url`: of a database that is reached by a socket. */
export async function startPoolerBefore(url: string): Promise<Pooler> {
  const to = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(join(to.searchParams.get('host') ?? '', `.s.PGSQL.${to.port || '5432'}`));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [near, far].forEach((each) => each.destroy()));
    }
    near.pipe(far);
    let isTold = false;
    far.on('data', (bytes: Buffer) => {
      const at = isTold ? -1 : bytes.indexOf(keyData);
      if (at >= 0) {
        isTold = true;
        bytes.writeInt32BE(bytes.readInt32BE(at + keyData.length) ^ 0x40000000, at + keyData.length);
      }
      near.write(bytes);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `postgres://${to.username}@127.0.0.1:${port}${to.pathname}`,
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
