// The easy way: a server of the simulation's own, on this machine, that nobody else uses and that is gone afterwards.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '../../api/index.ts';
import { encodePem } from '../../core/encoding/index.ts';
import { createCertificate } from '../../core/issuance/index.ts';
import { createSimulatorAuthority } from '../../simulator/index.ts';
import { createOperator } from '../demo/world.ts';
import { sizeOfFolder } from '../folder-size.ts';
import { createServerProcess, findFreePort, runCommand } from '../server-process.ts';
import { bootLayers } from '../../core/event-log/index.ts';
import { simulatedLabel, type SimulationServer } from './server.ts';
import { usageOfProcess } from './usage.ts';

export interface OwnServerOptions {
  readonly seed: string;
  readonly now: Date;
}

/** @throws CliError CLI_OWN_SERVER_FAILED */
export async function startOwnServer({ now, seed }: OwnServerOptions): Promise<SimulationServer> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-simulate-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const port = await findFreePort();
    const [data, tokenFile] = [join(folder, 'data'), join(folder, 'operator.token')];
    const address = ['--listen', `127.0.0.1:${port}`, '--server-id', 'touchstone.simulation'];
    runCommand(['server', 'init', '--data', data, ...address, '--token-file', tokenFile]);
    const ca = serveTls(data, now);
    const server = { baseUrl: `https://127.0.0.1:${port}`, ca };
    const child = createServerProcess(folder, data, server.baseUrl);
    const close = async (): Promise<void> => {
      await child.stop();
      remove();
    };
    try {
      await child.start();
      const operatorToken = readFileSync(tokenFile, 'utf8').trim();
      const authority = createSimulatorAuthority({ at: now, seed });
      const operators = [createOperator('ada'), createOperator('grace')];
      const api = createApiClient({ ...server, token: operatorToken });
      const pem = encodePem('CERTIFICATE', authority.rootCertificate);
      await api.call('createTrustAnchor', { body: { name: 'simulator', pem, scope: 'virtual' } });
      for (const { name, publicKeyPem } of operators) await api.call('createSigner', { body: { name, publicKeyPem } });
      const hosts = { labels: simulatedLabel };
      await api.call('putPolicy', {
        path: { policyId: 'simulated' },
        body: { layers: [...bootLayers], verdictSeconds: 3600, requireFacts: { secureBoot: 'enabled' }, hosts },
      });
      api.close();
      const operatorKeys = operators.map(({ privateKey }) => privateKey);
      const usage = () => Promise.resolve(usageOfProcess(child.usage()));
      const watched = { usage, dataBytes: () => sizeOfFolder(data) };
      return { isOwn: true, server, operatorToken, authority, secret: seed, operatorKeys, ...watched, close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    remove();
    throw error;
  }
}

/** Makes the server of a data directory speak TLS, as one that users have. Returns the certificate to trust, PEM. */
function serveTls(data: string, now: Date): string {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const day = 86_400_000;
  const name = [{ type: 'CN', value: '127.0.0.1' }] as const;
  const certificate = createCertificate({
    algorithm: 'ecdsa-sha256',
    serial: new Uint8Array([0x40, ...randomBytes(15)]),
    subject: name,
    issuer: name,
    validity: { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + 30 * day) },
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    extensions: [{ oid: '2.5.29.17', critical: false, value: loopbackName }],
    sign: (tbs) => new Uint8Array(sign('sha256', tbs, privateKey)),
  });
  const pem = encodePem('CERTIFICATE', certificate);
  writeFileSync(join(data, 'tls.crt'), pem);
  writeFileSync(join(data, 'tls.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  appendFileSync(join(data, 'touchstone.yaml'), 'tls: { certFile: tls.crt, keyFile: tls.key }\n');
  return pem;
}

/** subjectAltName of the address 127.0.0.1: SEQUENCE { [7] four bytes }. [RFC5280 §4.2.1.6] */
const loopbackName = Uint8Array.of(0x30, 0x06, 0x87, 0x04, 127, 0, 0, 1);
