// The checkpoint that a server signs now, and by which keys it is proved.
import type { ApiClient } from '../../api/index.ts';
import { parseJwks } from '../../core/crypto/index.ts';
import { decodeHex, encodeHex, printable, type JsonObject } from '../../core/encoding/index.ts';
import type { OpenedCheckpoint } from '../../core/transparency/index.ts';
import type { TokenKey } from '../../core/verdict/index.ts';
import type { KeptCheckpoint } from './checkpoint-file.ts';
import type { ServerOptions } from '../connection.ts';
import { CliError } from '../errors.ts';
import { naming, readInput } from '../files.ts';

export interface KeyOptions extends ServerOptions {
  readonly jwks?: string;
}

/** How far the clock of a server and ours may be apart: a checkpoint is signed when it is asked for. */
const mostSkewSeconds = 600;

export interface OwnKeys {
  readonly keySet: Uint8Array;
  readonly keys: readonly TokenKey[];
}

export function readOwnKeys({ jwks }: KeyOptions): OwnKeys | undefined {
  if (jwks === undefined) return undefined;
  const keySet = readInput(jwks);
  return { keySet, keys: naming(jwks, () => parseJwks(keySet)) };
}

interface AskedCheckpoint {
  /** Size of an earlier checkpoint, which this one is to begin with. */
  readonly from?: number;
  /** Sequence of an entry, which this one is to have. */
  readonly entry?: number;
}

/** The key set after the checkpoint: a key is published before it signs. */
export async function fetchCheckpoint(client: ApiClient, own: OwnKeys | undefined, query: AskedCheckpoint = {}) {
  const { checkpoint: text, signature, consistency, inclusion } = await client.call('getAuditCheckpoint', { query });
  const keySet = own?.keySet ?? (await client.callRaw('getJwks', {})).body;
  const kept: KeptCheckpoint = { signed: { text, signature }, keySet };
  return { kept, path: consistency?.path.map(decodeHex), inclusion: inclusion?.path.map(decodeHex) };
}

/** @throws CliError CLI_CHECKPOINT_OLD */
export function checkFresh({ at }: OpenedCheckpoint, now: Date): void {
  if (Math.abs(now.getTime() - at.getTime()) <= mostSkewSeconds * 1000) return;
  const problem = `the checkpoint was signed at ${at.toISOString()}, and it is ${now.toISOString()} here`;
  throw new CliError('CLI_CHECKPOINT_OLD', problem);
}

export function keyText({ kid }: OpenedCheckpoint): string {
  return printable(kid ?? '?');
}

export function describeCheckpoint({ log, size, root, at, kid }: OpenedCheckpoint): JsonObject {
  return { log, size, root: encodeHex(root), at: at.toISOString(), signedBy: kid ?? null };
}
