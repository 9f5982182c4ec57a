// Evidence bundles in tests: fetched from a server, and taken apart.
import { hash, jwkOf } from '../../src/core/crypto/index.ts';
import { concatBytes, decodeUtf8, encodeHex, encodeUtf8 } from '../../src/core/encoding/index.ts';
import { encodeArchive, parseArchive, type Part } from '../../src/core/evidence-bundle/index.ts';
import { signDetached } from '../../src/core/verdict/index.ts';
import { createKeyPair } from '../core/crypto/test-keys.ts';
import type { TestServer } from './test-server.ts';

export async function exportBundle(
  server: TestServer,
  hostId = 'hv-1',
  query: { readonly verdict?: string; readonly at?: string } = {},
): Promise<Uint8Array> {
  const headers = { accept: 'application/x-tar' };
  return (await server.operator.callRaw('exportHost', { path: { hostId }, query, headers })).body;
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

/** What another server could make: parts changed, and manifest and keys fitting to them, signed with a key of its own. The keys of the
 * server stay among those of the bundle. */
export async function forge(bundle: Uint8Array, change: (part: Part) => Part | Promise<Part>): Promise<Uint8Array> {
  const { signing, verification } = createKeyPair('ES256', 'forger');
  const parts = new Map<string, Uint8Array>();
  for (const part of parseArchive(bundle)) parts.set(part.name, (await change(part)).bytes);
  const keys = readJson(parts.get('server/jwks.json')) as { keys: object[] };
  parts.set('server/jwks.json', encodeUtf8(JSON.stringify({ keys: [...keys.keys, jwkOf(verification)] })));
  const manifest = readJson(parts.get('manifest.json')) as { parts: object[] };
  const inside = [...parts].filter(([name]) => !name.startsWith('manifest.'));
  manifest.parts = inside.map(([name, bytes]) => {
    return { name, bytes: bytes.length, sha256: encodeHex(hash('sha256', bytes)) };
  });
  const bytes = encodeUtf8(JSON.stringify(manifest));
  parts.set('manifest.json', bytes);
  parts.set('manifest.jws', encodeUtf8(await signDetached(bytes, signing, { typ: 'touchstone-evidence-manifest' })));
  return encodeArchive([...parts].map(([name, content]) => ({ name, bytes: content })));
}

/** A part of a bundle that is JSON. */
export function readPart(bundle: Uint8Array, name: string): unknown {
  return readJson(parseArchive(bundle).find((part) => part.name === name)?.bytes);
}

function readJson(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(decodeUtf8(bytes ?? new Uint8Array()));
}
