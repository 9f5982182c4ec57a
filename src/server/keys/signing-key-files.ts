// Where signing keys lie in the data directory:
//
//   keys/token-signing.pem     the key a server begins with
//   keys/token-signing.json    once there are several: their order, and since when each signs
//   keys/token-signing-*.pem   the private keys of the later ones; a retired key's is destroyed at the next rotation
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  algorithmFor,
  isSigningAlgorithm,
  publicKeyFromHandle,
  thumbprintOf,
  type VerificationKey,
} from '../../core/crypto/index.ts';
import { isJsonArray, isJsonObject, parseJsonStrict, type JsonValue } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import { ServerError } from '../errors.ts';
import { checkNotExposed, readFile, replaceSecret } from './key-file.ts';

/** Which keys a server makes. ES384 and the others are for tokens of other people. */
export type SigningKeyKind = 'ES256' | 'EdDSA' | 'RS256';

const firstFile = 'token-signing.pem';
const manifestFile = 'token-signing.json';

/** A key in its place. */
export interface Entry extends VerificationKey {
  readonly file: string;
  readonly signsFrom: Date;
  /** Undefined once it was destroyed. */
  readonly privateKey: KeyObject | undefined;
}

/** Makes the first key of a new data directory. */
export function createFirstSigningKey(folder: string): void {
  const { privateKey } = generateKey('ES256');
  writeFileSync(join(folder, firstFile), pemOf(privateKey), { mode: 0o600, flag: 'wx' });
}

/** Makes a key and writes it. */
export function makeEntry(folder: string, kind: SigningKeyKind, signsFrom: Date): Entry {
  const { privateKey } = generateKey(kind);
  const publicKey = publicKeyFromHandle(createPublicKey(privateKey));
  const kid = thumbprintOf(publicKey);
  const file = `token-signing-${kid.replace(/[^A-Za-z0-9]/g, '').slice(0, 12)}.pem`;
  replaceSecret(join(folder, file), pemOf(privateKey));
  return { kid, alg: kind, publicKey, file, signsFrom, privateKey };
}

function generateKey(kind: SigningKeyKind): { readonly privateKey: KeyObject } {
  switch (kind) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 3072 });
  }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** Ascending by when they sign; the last has its private key.
 * @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export function readEntries(folder: string): readonly Entry[] {
  const manifest = join(folder, manifestFile);
  if (!existsSync(manifest)) return [readFirst(folder)];
  const entries = readRows(manifest).map((row) => readRow(folder, row, manifest));
  const isAscending = entries.every(({ signsFrom }, index) => signsFrom > (entries[index - 1]?.signsFrom ?? -1));
  if (entries.length === 0 || !isAscending || entries.at(-1)?.privateKey === undefined)
    throw invalid(`${manifest} does not name keys one after the other`);
  return entries;
}

function readRows(manifest: string): readonly JsonValue[] {
  const bytes = readFile(manifest);
  try {
    const parsed = parseJsonStrict(bytes, { maxDepth: 4 });
    const keys = isJsonObject(parsed) ? (parsed['keys'] ?? null) : null;
    return isJsonArray(keys) ? keys : [];
  } catch (cause) {
    if (!(cause instanceof AttestationError)) throw cause;
    throw invalid(`${manifest} is no JSON`, cause);
  }
}

function readFirst(folder: string): Entry {
  const path = join(folder, firstFile);
  const privateKey = readPrivateKey(path);
  const publicKey = publicKeyFromHandle(createPublicKey(privateKey));
  if (publicKey.type !== 'ec' || publicKey.curve !== 'P-256') throw invalid(`${path} is not a P-256 key`);
  return { kid: thumbprintOf(publicKey), alg: 'ES256', publicKey, file: firstFile, signsFrom: new Date(0), privateKey };
}

function readRow(folder: string, row: JsonValue, manifest: string): Entry {
  const { file, alg, signsFrom, publicKey: pem } = isJsonObject(row) ? row : {};
  const at = new Date(typeof signsFrom === 'string' ? signsFrom : Number.NaN);
  const isWhole = typeof file === 'string' && /^token-signing(-\w+)?\.pem$/.test(file) && isSigningAlgorithm(alg);
  if (!isWhole || Number.isNaN(at.getTime()) || typeof pem !== 'string')
    throw invalid(`${manifest} has a row without sense`);
  const path = join(folder, file);
  const publicKey = publicKeyFromHandle(readPublicKey(pem, manifest));
  const privateKey = existsSync(path) ? readPrivateKey(path) : undefined;
  if (privateKey !== undefined && !createPublicKey(privateKey).equals(publicKey.handle))
    throw invalid(`${path} is another key than ${manifest} says`);
  return {
    kid: thumbprintOf(publicKey),
    alg: algorithmFor(publicKey, alg),
    publicKey,
    file,
    signsFrom: at,
    privateKey,
  };
}

function readPublicKey(pem: string, path: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw invalid(`${path} holds a public key that cannot be read`, cause);
  }
}

function readPrivateKey(path: string): KeyObject {
  checkNotExposed(path);
  const bytes = readFile(path);
  try {
    return createPrivateKey(bytes);
  } catch {
    // The cause may quote what it read.
    throw invalid(`${path} holds no private key in PEM`);
  }
}

export function writeManifest(folder: string, entries: readonly Entry[]): void {
  const keys = entries.map(({ kid, alg, publicKey, file, signsFrom }) => ({
    kid,
    alg,
    signsFrom: signsFrom.toISOString(),
    file,
    publicKey: publicKey.handle.export({ type: 'spki', format: 'pem' }),
  }));
  replaceSecret(join(folder, manifestFile), `${JSON.stringify({ keys }, undefined, 2)}\n`);
}

/** Another text whenever the keys were written. */
export function whenWritten(folder: string): string {
  const { ino, mtimeMs } = statSync(join(folder, manifestFile), { throwIfNoEntry: false }) ?? {};
  return `${ino} ${mtimeMs}`;
}

/** Removes private keys that sign no more. After the manifest: a crash before leaves a file too many, never one too few. */
export function destroyOthers(folder: string, entries: readonly Entry[]): void {
  const needed = new Set(entries.filter(({ privateKey }) => privateKey !== undefined).map(({ file }) => file));
  for (const name of readdirSync(folder))
    if (/^token-signing(-\w+)?\.pem$/.test(name) && !needed.has(name)) rmSync(join(folder, name));
}

function invalid(message: string, cause?: unknown): ServerError {
  return new ServerError('KEY_FILE_INVALID', message, { cause });
}
