import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** For programs that take no port 0, or whose port somebody must know before. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
