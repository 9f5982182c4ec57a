// The real server, in this process, on a free port of the loopback interface, over a data directory of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient, type ApiClient } from '../../src/api/index.ts';
import { encodePem } from '../../src/core/encoding/index.ts';
import { initDataDirectory, loadConfig, startServer } from '../../src/server/index.ts';
import type { SimulatorAuthority } from '../../src/simulator/index.ts';

export interface TestServer {
  readonly url: string;
  /** An empty folder for agents' state. */
  readonly folder: string;
  readonly operator: ApiClient;
  joinToken(): Promise<string>;
  trust(...pems: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function startTestServer(serverId = 'server.test'): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ts-agent-'));
  const data = join(folder, 'server');
  const { operatorToken } = await initDataDirectory(data, { serverId, allowSingleOperator: true, listen: { port: 0 } });
  const config = loadConfig(data);
  const server = await startServer(
    { ...config, log: { ...config.log, level: 'silent' } },
    { announce: () => undefined },
  );
  const operator = createApiClient({ baseUrl: server.url, token: operatorToken });
  let tokens = 0;
  let anchors = 0;
  return {
    url: server.url,
    folder,
    operator,
    joinToken: async () => {
      const name = `join-${(tokens += 1)}`;
      return (await operator.call('createToken', { body: { name, role: 'joiner' } })).token;
    },
    trust: async (...pems) => {
      for (const pem of pems) {
        const name = `anchor-${(anchors += 1)}`;
        await operator.call('createTrustAnchor', { body: { name, pem, scope: 'virtual' } });
      }
    },
    close: async () => {
      operator.close();
      await server.close(0);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function rootPem(authority: SimulatorAuthority): string {
  return encodePem('CERTIFICATE', authority.rootCertificate);
}
