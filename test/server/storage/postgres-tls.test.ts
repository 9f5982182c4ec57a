// The way to a PostgreSQL across a network: TLS with a verified name, SCRAM, and a client certificate where it is asked for.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresConfig } from '../../../src/server/config/storage-place.ts';
import { createStore, inspectPostgres, openStore } from '../../../src/server/storage/index.ts';
import { createCluster, createTestDatabase, type Cluster } from '../../support/postgres.ts';
import { createTlsAuthority, createTlsFiles, type TlsFiles } from '../../support/tls-files.ts';

const dataDirectory = '/nowhere';
const password = 'a password, with spaces';

describe('a PostgreSQL that is reached by TLS and SCRAM', () => {
  let cluster: Cluster;
  let folder: string;
  let authority: TlsFiles;
  let good: PostgresConfig;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-pg-tls-'));
    authority = createTlsAuthority(folder, 'database-ca');
    const client = createTlsFiles(folder, 'touchstone', authority);
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    cluster = await createCluster({
      tls: { ...createTlsFiles(folder, 'localhost', authority), caFile: authority.certFile },
      password,
    });
    const url = new URL(await createTestDatabase(cluster));
    url.hostname = 'localhost';
    url.port = String(cluster.port);
    url.username = 'touchstone';
    url.search = '?sslmode=verify-full';
    good = { url: url.href, passwordFile, caFile: authority.certFile, ...client, connections: 2 };
    await createStore({ dataDirectory, storage: good });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const open = async (change: Partial<PostgresConfig>): Promise<void> =>
    (await openStore({ dataDirectory, storage: { ...good, ...change } })).close();
  const refused = { code: 'STORAGE_REFUSED' };

  it('is used, and the doctor names the version of TLS', async () => {
    await open({});
    assert.match((await inspectPostgres(good)).description, /over TLSv1\.[23]/);
  });

  it('is not believed with a certificate of another authority, nor of the system', async () => {
    const other = createTlsAuthority(folder, 'other-ca');
    await assert.rejects(open({ caFile: other.certFile }), refused);
    await assert.rejects(open({ caFile: undefined }), refused);
  });

  it('is not believed under another name than its certificate has', async () => {
    await assert.rejects(open({ url: good.url.replace('localhost', '127.0.0.1') }), refused);
  });

  it('lets nobody in without TLS, and the server says so', async () => {
    const url = good.url.replace('?sslmode=verify-full', '');
    await assert.rejects(open({ url, certFile: undefined, keyFile: undefined }), refused);
  });

  it('lets nobody in with another password, without a client certificate, or with one of another name', async () => {
    const passwordFile = join(folder, 'wrong');
    writeFileSync(passwordFile, 'wrong', { mode: 0o600 });
    await assert.rejects(open({ passwordFile }), refused);
    await assert.rejects(open({ certFile: undefined, keyFile: undefined }), refused);
    await assert.rejects(open(createTlsFiles(folder, 'somebody', authority)), refused);
  });

  it('is not asked with a key or password that others can read', async () => {
    const exposed = createTlsFiles(folder, 'touchstone', authority);
    chmodSync(exposed.keyFile, 0o644);
    await assert.rejects(open(exposed), { code: 'KEY_FILE_EXPOSED' });
    chmodSync(exposed.keyFile, 0o600);
    chmodSync(good.passwordFile!, 0o644);
    await assert.rejects(open({}), { code: 'KEY_FILE_EXPOSED' });
    chmodSync(good.passwordFile!, 0o600);
  });
});
