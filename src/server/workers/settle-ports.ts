// Which ports are listened on, where the configuration leaves that open.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { ListenAddress, ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';

/** Whoever was told where the server listens finds it there again, although every process that listened has died meanwhile: so a port that
 * any free one may be is chosen once, before the first of them starts.
 * @throws ServerError SERVER_ADDRESS_UNAVAILABLE */
export async function settlePorts(config: ServerConfig): Promise<ServerConfig> {
  const { listen, admission } = config;
  const settled = { ...config, listen: await settle(listen) };
  if (admission.listen === undefined) return settled;
  return { ...settled, admission: { ...admission, listen: await settle(admission.listen, settled.listen.port) } };
}

async function settle<Address extends ListenAddress>(address: Address, taken?: number): Promise<Address> {
  if (address.port !== 0) return address;
  const port = await freePort(address.host);
  return port === taken ? settle(address, taken) : { ...address, port };
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  try {
    await once(server.listen({ port: 0, host, exclusive: true }), 'listening');
  } catch (cause) {
    throw new ServerError('SERVER_ADDRESS_UNAVAILABLE', `${host} cannot be listened on`, { cause });
  }
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
