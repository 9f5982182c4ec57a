// Evidence bundles in tests: fetched from a server, and taken apart.
import { concatBytes } from '../../src/core/encoding/index.ts';
import { encodeArchive, parseArchive, type Part } from '../../src/core/evidence-bundle/index.ts';
import type { TestServer } from './test-server.ts';

export async function exportBundle(server: TestServer, hostId = 'hv-1'): Promise<Uint8Array> {
  const headers = { accept: 'application/x-tar' };
  return (await server.operator.callRaw('exportHost', { path: { hostId }, headers })).body;
}

/** Packed again, with `change` in the place of each part. */
export function repack(bundle: Uint8Array, change: (part: Part) => readonly Part[]): Uint8Array {
  return encodeArchive(parseArchive(bundle).flatMap(change));
}

/** With the last byte of each part another one. */
export function alter({ name, bytes }: Part): Part {
  const last = bytes.at(-1) ?? 0;
  return { name, bytes: concatBytes(bytes.subarray(0, -1), Uint8Array.of(last ^ 1)) };
}
