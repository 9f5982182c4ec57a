// The floor of every HTTP row: node:https in the product's TLS set-up, answering fixed bytes after reading the body.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { serveParent, readSettings } from './child.ts';

export interface FloorSettings {
  readonly certFile: string;
  readonly keyFile: string;
}

const { certFile, keyFile } = readSettings() as FloorSettings;
const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' } as const;
const server = createServer(tls, (request, response) => {
  const parts: Uint8Array[] = [];
  request.on('data', (part: Uint8Array) => parts.push(part));
  request.on('end', () => {
    Buffer.concat(parts);
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
