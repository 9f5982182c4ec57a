// A folder of vectors: `index.json` lists cases, each a file with what is expected of whoever reads it.
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeUtf8, printable } from '../../core/encoding/index.ts';
import { CliError } from '../errors.ts';
import { readInput } from '../files.ts';
import { asRecord } from '../json.ts';

export type Expectation = Readonly<Record<string, unknown>>;

export interface VectorCase {
  readonly file: string;
  readonly kind: string;
  readonly expect: Expectation;
}

export interface Vectors {
  readonly folder: string;
  readonly cases: readonly VectorCase[];
}

const uncompressedLimit = 256 * 1024 * 1024;

/** @throws CliError CLI_VECTORS_EMPTY, CLI_INPUT_UNRECOGNISED */
export function openVectors(folder: string): Vectors {
  const path = join(folder, 'index.json');
  if (!existsSync(path)) throw noVectors(folder);
  const index = parseIndex(readFileSync(path, 'utf8'));
  const cases = Array.isArray(index) ? index.map(readCase) : [];
  if (cases.length === 0) throw noVectors(folder);
  return { folder, cases };
}

/** A file of the folder, unpacked when its name ends in `.gz`. Nothing outside the folder is read. */
export function readVector(vectors: Vectors, file: string): Uint8Array {
  const path = normalize(file);
  if (isAbsolute(path) || path.startsWith('..')) {
    throw new CliError('CLI_INPUT_UNRECOGNISED', `the case names a file outside its folder: ${printable(file)}`);
  }
  const bytes = readInput(join(vectors.folder, path));
  return file.endsWith('.gz') ? new Uint8Array(gunzipSync(bytes, { maxOutputLength: uncompressedLimit })) : bytes;
}

export function readVectorJson(vectors: Vectors, file: string): Expectation {
  return asRecord(JSON.parse(decodeUtf8(readVector(vectors, file)))) ?? {};
}

/** What is expected of a case, with the replay that it keeps in a file of its own. */
export function readExpectation(vectors: Vectors, { expect }: VectorCase): Expectation {
  const { pcrs_file: file } = expect;
  return typeof file === 'string' ? { ...expect, replayed: readVectorJson(vectors, file)['replayed'] } : expect;
}

function parseIndex(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError('CLI_INPUT_UNRECOGNISED', 'index.json is no JSON', { cause });
  }
}

function readCase(entry: unknown): VectorCase {
  const { file, kind, expect } = asRecord(entry) ?? {};
  if (typeof file !== 'string' || typeof kind !== 'string') {
    throw new CliError('CLI_INPUT_UNRECOGNISED', 'a case of index.json has no file or no kind');
  }
  return { file, kind, expect: asRecord(expect) ?? {} };
}

function noVectors(folder: string): CliError {
  return new CliError('CLI_VECTORS_EMPTY', `${printable(folder)} has no index.json with cases`, { misuse: true });
}
