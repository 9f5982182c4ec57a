// The `ima` part of a golden measurement: which files may be used while the host runs, and who may sign them.
import { AttestationError } from '../error.ts';
import { decodeBase64, encodeBase64, parsePem, type JsonValue, type Field, type Pieces } from '../encoding/index.ts';
import { digestSizes, encodeSpki, isHashAlgorithm, publicKeyFromSpki, type PublicKey } from '../crypto/index.ts';
import type { ExpectedFile, ExpectedFiles } from './statement.ts';

/** A statement has 1 MiB; larger hosts have several statements, which compose. */
const maximumFiles = 8192;
const maximumSigners = 16;
const maximumExclusions = 64;
const maximumPath = 4096;
/** To read so many takes some milliseconds. */
const filesInPiece = 1000;

/**
 * Reads `{ digests?: [text | { digest, path? }], signers?: [base64 or PEM of a SubjectPublicKeyInfo], excludedPaths? }`.
 *
 * @throws MalformedError GOLDEN_STATEMENT_INVALID, at the field
 */
export function* readExpectedFiles(field: Field): Pieces<ExpectedFiles> {
  const { digests, signers, excludedPaths } = field.object('digests', 'signers', 'excludedPaths');
  const files: ExpectedFile[] = [];
  for (const file of digests.optional((list) => list.array(maximumFiles)) ?? []) {
    files.push(readFile(file));
    if (files.length % filesInPiece === 0) yield;
  }
  if (new Set(files.map(({ digest }) => digest)).size !== files.length) digests.fail('each digest once', 'repeats one');
  return {
    digests: files,
    signers: signers.optional((list) => list.array(maximumSigners).map(readSigner)) ?? [],
    excludedPaths: excludedPaths.optional((list) => list.array(maximumExclusions).map(readExclusion)) ?? [],
  };
}

/** One spelling: a digest without path is a text, keys are base64. */
export function encodeExpectedFiles({ digests, signers, excludedPaths }: ExpectedFiles): JsonValue {
  return {
    ...(digests.length === 0
      ? {}
      : { digests: digests.map(({ digest, path }) => (path === undefined ? digest : { digest, path })) }),
    ...(signers.length === 0 ? {} : { signers: signers.map((key) => encodeBase64(encodeSpki(key))) }),
    ...(excludedPaths.length === 0 ? {} : { excludedPaths: [...excludedPaths] }),
  };
}

function readFile(field: Field): ExpectedFile {
  if (field.isText) return { digest: readDigest(field) };
  const { digest, path } = field.object('digest', 'path');
  const place = path.optional((text) => text.text(maximumPath));
  return { digest: readDigest(digest), ...(place === undefined ? {} : { path: place }) };
}

function readDigest(field: Field): string {
  const text = field.text(160);
  return isFileDigest(text) ? text : field.fail('a file digest such as sha256:<64 hexadecimal digits>');
}

/** Whether a digest may approve a file. Two files of one SHA-1 can be made; all zero is any file that was not read. */
export function isFileDigest(text: string): boolean {
  const [, name = '', hex = ''] = /^(sha256|sha384|sha512):([0-9a-f]+)$/.exec(text) ?? [];
  return isHashAlgorithm(name) && hex.length === digestSizes[name] * 2 && !/^0+$/.test(hex);
}

/** Only RSA keys: the kernel's ECDSA signatures cannot be verified here, and such a key would approve nothing. */
function readSigner(field: Field): PublicKey {
  const text = field.lines(8192);
  const key = loadKey(text) ?? field.fail('a SubjectPublicKeyInfo in base64 or PEM');
  return key.type === 'rsa' && key.bits >= 2048 ? key : field.fail('an RSA key of at least 2048 bits', 'is another');
}

function loadKey(text: string): PublicKey | undefined {
  try {
    if (!text.startsWith('-----')) return publicKeyFromSpki(decodeBase64(text));
    const [block, ...more] = parsePem(text);
    return block?.label === 'PUBLIC KEY' && more.length === 0 ? publicKeyFromSpki(block.bytes) : undefined;
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

/** Absolute, in one spelling, and not the whole tree: an exclusion of `/` would approve everything. */
function readExclusion(field: Field): string {
  const path = field.text(maximumPath);
  const isPlain = path.startsWith('/') && path !== '/' && !/\/\/|\/\.{1,2}(\/|$)/.test(path);
  return isPlain ? path : field.fail('an absolute path without "//", "." or "..", other than "/"');
}
