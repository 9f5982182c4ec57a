// Workers behind TLS: the primary hands on a connection that nobody has spoken on yet, so that each worker makes its own handshakes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '../../../src/api/index.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { createServerProcess } from '../../support/server-process.ts';
import { createTlsFiles } from '../../support/tls-files.ts';

async function readMetrics({ url, token }: { readonly url: string; readonly token: string }, ca: string) {
  const asked = get(`${url}/metrics`, { ca, agent: false, headers: { authorization: `Bearer ${token}` } });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response) text += String(part);
  return text;
}

describe('two workers over TLS', () => {
  it('make their own handshakes, each on connections of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-workers-tls-'));
    const { certFile, keyFile } = createTlsFiles(folder, 'localhost', undefined, ['127.0.0.1']);
    const settings = { workers: 2, storage: await createTestDatabase(), postgres: { connections: 2 } };
    const server = await createServerProcess({ ...settings, listen: { port: 0 }, tls: { certFile, keyFile } });
    try {
      await server.start();
      assert.match(server.url, /^https:/);
      const ca = readFileSync(certFile, 'utf8');
      const asking = Array.from({ length: 8 }, async () => {
        const client = createApiClient({ baseUrl: server.url, ca, token: server.token });
        await client.call('listPolicies', {});
        return client;
      });
      const clients = await Promise.all(asking);
      const text = await readMetrics(server, ca);
      const answered = [
        ...text.matchAll(/^touchstone_answers_total\{[^}]*operation="listPolicies"[^}]*worker="(\d)"\} (\d+)$/gm),
      ];
      // A worker that is not back for its next connection is passed over, so how many each has is not certain.
      assert.deepEqual(answered.map(([, worker]) => worker).sort(), ['1', '2']);
      assert.equal(
        answered.reduce((sum, [, , count]) => sum + Number(count), 0),
        clients.length,
      );
      clients.forEach((client) => client.close());
    } finally {
      await server.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
