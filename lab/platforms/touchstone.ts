// The Touchstone that platforms are held to: the real server with TLS, whose clock the story moves, and two paper hosts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '../../test/support/test-server.ts';
import { findFreePort } from '../../src/cli/server-process.ts';
import { attest, enrol, paperHost, trustedWorld } from '../../test/support/paper-story.ts';
import { runProgram } from '../program.ts';
import { startChild, type Child } from './child.ts';

/** What is believed without a new word of Touchstone, at most. */
export const decisionSeconds = 6;

export interface Fleet {
  readonly server: TestServer;
  readonly caFile: string;
  /** Of role orchestrator. */
  readonly tokenFile: string;
  /** The trusted host attests again. */
  attest(): Promise<void>;
  quarantine(host: string, reason: string): Promise<string>;
  lift(id: string): Promise<void>;
  label(host: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** The controller, as its users start it. */
  startController(args: readonly string[], log: string, env?: Readonly<Record<string, string>>): Child;
}

export const trustedHost = 'node-1';
/** Enrolled, and attests another kernel command line than the operators signed. */
export const tamperedHost = 'node-2';
export const strangeHost = 'node-3';

export async function openFleet(folder: string): Promise<Fleet> {
  const caFile = join(folder, 'touchstone.pem');
  const keyFile = join(folder, 'touchstone.key');
  const subject = ['-subj', '/CN=touchstone', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  await runProgram('openssl', ['req', '-x509', '-days', '2', ...key, '-out', caFile, ...subject]);
  await runProgram('chmod', ['0600', keyFile]);
  // One port for good: the server goes away and comes back.
  const listen = { host: '127.0.0.1', port: await findFreePort() };
  const server = await startTestServer({
    settings: { listen, tls: { certFile: caFile, keyFile }, admission: { decisionSeconds } },
    ca: caFile,
  });
  const { enrolled, host } = await trustedWorld(server, trustedHost);
  const tampered = paperHost(tamperedHost, { tampering: ['changed-command-line'] });
  await attest(await enrol(server, tampered), tampered);
  const tokenFile = join(folder, 'orchestrator.token');
  writeFileSync(tokenFile, await server.token('orchestrator'), { mode: 0o600 });
  return {
    server,
    caFile,
    tokenFile,
    attest: async () => {
      await attest(enrolled, host);
    },
    quarantine: async (name, reason) =>
      (await server.operator.call('createQuarantine', { body: { hosts: { names: [name] }, reason } })).id,
    lift: async (quarantineId) => {
      const body = { reason: 'the story goes on' };
      await server.operator.call('liftQuarantine', { path: { quarantineId }, body });
    },
    label: async (hostId, labels) => {
      await server.operator.call('setHostLabels', { path: { hostId }, body: { labels } });
    },
    startController: (args, log, env = {}) =>
      startChild(
        process.execPath,
        [
          ...['--import=tsx', join(import.meta.dirname, '../../src/cli/main.ts'), 'controller', ...args],
          ...['--server', server.url, '--ca', caFile, '--token-file', tokenFile, '--json'],
        ],
        { log, env },
      ),
  };
}
