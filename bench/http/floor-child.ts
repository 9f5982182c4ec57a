// The floor of every HTTP row: node:https in the product's TLS set-up, answering fixed bytes after reading the body and doing what it is told.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { serveParent, readSettings } from './child.ts';
import { createFloorWork, floorHeader, type FloorWork } from './floor-work.ts';
import type { TlsFiles } from './tls.ts';

export interface FloorSettings extends TlsFiles {
  /** Where it stores attestations. */
  readonly folder: string;
}

const { certFile, keyFile, folder } = readSettings() as FloorSettings;
const perform = await createFloorWork(folder);
const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' } as const;
const server = createServer(tls, (request, response) => {
  const parts: Uint8Array[] = [];
  request.on('data', (part: Uint8Array) => parts.push(part));
  request.on('end', () => {
    Buffer.concat(parts);
    const work = request.headers[floorHeader];
    if (work !== undefined) perform(work as FloorWork);
    // As many bytes as the caller wants, so that both sides send the same.
    const body = 'x'.repeat(Number(request.headers['x-answer-bytes'] ?? 0));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  serveParent({ url: `https://127.0.0.1:${port}` }, () => {
    server.closeAllConnections();
    return Promise.resolve();
  });
});
