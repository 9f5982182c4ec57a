// A server on which two operators have trusted a boot, and the files from which they work at the command line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trustedWorld } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import type { CliWorld } from './cli-run.ts';

export interface OperatorsWorld {
  readonly server: TestServer;
  readonly world: CliWorld;
  /** Path of a file in the folder of this test. `NAME.key` is the key of an operator. */
  readonly at: (name: string) => string;
  readonly close: () => Promise<void>;
}

export async function openOperatorsWorld(): Promise<OperatorsWorld> {
  const server = await startTestServer();
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-operators-'));
  const at = (name: string): string => join(folder, name);
  const { operators } = await trustedWorld(server);
  for (const { name, privateKey } of operators)
    writeFileSync(at(`${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(at('token'), `${server.operatorToken}\n`);
  const env = { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN_FILE: at('token') };
  const close = async (): Promise<void> => {
    await server.close();
    rmSync(folder, { recursive: true });
  };
  return { server, world: { env, now: () => server.now() }, at, close };
}
