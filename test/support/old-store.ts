// A store that a server of schema 10 left (commit c8ca0510): five paper hosts by their seeds, golden measurements of two signers, a rack in quarantine,
// a host that was released, and tokens, one of them revoked. It was made with the helpers that tests had then, at the time where tests begin.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createProver } from '../../src/agent/index.ts';
import { encodeHex } from '../../src/core/encoding/index.ts';
import type { PaperHost } from '../../src/simulator/index.ts';
import type { EnrolledHost } from './paper-story.ts';
import type { TestServer } from './test-server.ts';

const folder = join(import.meta.dirname, '../fixtures/upgrade');

interface OldTokens {
  readonly operator: string;
  readonly orchestrator: string;
  readonly revoked: string;
  /** By their ids. */
  readonly hosts: Readonly<Record<string, string>>;
}

export const oldTokens = JSON.parse(readFileSync(join(folder, 'schema-10.json'), 'utf8')) as OldTokens;

/** Into a data directory, in the place of what is there. */
export function putOldStore(dataDirectory: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(join(dataDirectory, `touchstone.db${end}`), { force: true });
  const bytes = gunzipSync(readFileSync(join(folder, 'schema-10.db.gz')));
  writeFileSync(join(dataDirectory, 'touchstone.db'), bytes, { mode: 0o600 });
}

/** A host as it was enrolled then: its agent has the token of then. */
export function enrolledThen(server: Pick<TestServer, 'client'>, host: PaperHost): EnrolledHost {
  const [hostId, token] = [host.name, oldTokens.hosts[host.name] ?? ''];
  const prove = createProver(host, { hostId, serverId: 'test.example', akName: encodeHex(host.akName) });
  return { hostId, token, akCertificate: '', prove, client: server.client(token, prove) };
}
