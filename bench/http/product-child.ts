// The product as it ships: an initialised data directory, TLS, durable commits.
import { checkConfig, initDataDirectory, startConfigured } from '../../src/server/index.ts';
import { serveParent, readSettings } from './child.ts';

export interface ProductSettings {
  readonly dataDirectory: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly settings: { readonly storage?: string; readonly [name: string]: unknown };
  /** The data directory is one that a server left. */
  readonly isInitialised?: boolean;
}

export interface ProductReady {
  readonly url: string;
  /** Where admission has an address of its own. */
  readonly admissionUrl?: string;
  /** Empty where the data directory was there. */
  readonly operatorToken: string;
}

const { dataDirectory, certFile, keyFile, settings, isInitialised = false } = readSettings() as ProductSettings;
const serverId = 'bench.example';
const storage = settings.storage === undefined ? {} : { storage: settings.storage };
const { operatorToken } = isInitialised
  ? { operatorToken: '' }
  : await initDataDirectory(dataDirectory, { serverId, now: new Date(), ...storage });
const tls = { certFile, keyFile };
const base = {
  serverId,
  listen: { port: 0 },
  tls,
  log: { level: 'silent' },
  goldenQuorum: 1,
  allowSingleOperator: true,
};
const server = await startConfigured(checkConfig({ ...base, ...settings }, dataDirectory), {
  announce: () => undefined,
});
const { url, admissionUrl } = server;
const ready = { url, operatorToken, ...(admissionUrl === undefined ? {} : { admissionUrl }) };
serveParent(ready satisfies ProductReady, () => server.close(0));
