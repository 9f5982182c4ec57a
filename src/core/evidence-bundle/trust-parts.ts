// What a server trusted when it appraised: documents and certificates as operators brought them, nothing derived from them.
import { hashHex } from '../crypto/index.ts';
import { encodeHex, isJsonArray, parseJsonStrict, type JsonValue, type Field } from '../encoding/index.ts';
import { layers, type Layer } from '../event-log/index.ts';
import { MalformedError } from '../error.ts';
import { parseGolden } from '../golden/index.ts';
import type { AnchorScope, RevocationMode } from '../x509/index.ts';
import type { Part } from './archive.ts';
import {
  documentPart,
  namesIn,
  naming,
  pemPart,
  readDocument,
  readPemAhead,
  readPemPart,
  requirePart,
  writePemAhead,
  type Parts,
} from './documents.ts';

export interface RecordedAnchor {
  readonly name: string;
  readonly scope: AnchorScope;
  readonly revocation: RevocationMode;
  readonly certificate: Uint8Array;
}

export interface RecordedSigner {
  readonly name: string;
  readonly publicKeyPem: string;
  /** Undefined: all of them. */
  readonly layers: readonly Layer[] | undefined;
}

export interface RecordedTrust {
  readonly signers: readonly RecordedSigner[];
  /** Envelopes, as are those of deny lists: with every signature they came with. */
  readonly goldens: readonly Uint8Array[];
  readonly denyLists: readonly Uint8Array[];
  /** Envelopes of those that deny lists name, in force or not. */
  readonly namedGoldens: readonly Uint8Array[];
  readonly anchors: readonly RecordedAnchor[];
  /** DER. */
  readonly intermediates: readonly Uint8Array[];
  readonly revocationLists: readonly Uint8Array[];
  /** As `parsePolicy` reads them. */
  readonly policies: readonly JsonValue[];
}

const maximumItems = 10_000;
const files = {
  signers: 'trust/signers.json',
  policies: 'trust/policies.json',
  anchors: 'trust/anchors.json',
  anchorCertificates: 'trust/anchors.pem',
  intermediates: 'trust/intermediates.pem',
  revocationLists: 'trust/revocation-lists.pem',
} as const;
const listLabel = 'X509 CRL';
const folders = {
  goldens: 'trust/golden-measurements',
  denyLists: 'trust/deny-lists',
  namedGoldens: 'trust/denied-golden-measurements',
} as const;

/** The files of an evidence bundle below `trust/`: whom and what the server trusted, as others signed it. */
export function encodeTrust(trust: RecordedTrust): readonly Part[] {
  const { signers, goldens, denyLists, namedGoldens, anchors, intermediates, revocationLists, policies } = trust;
  return [
    documentPart(
      files.signers,
      signers.map(({ name, publicKeyPem, layers: only }) => ({ name, publicKeyPem, ...(only && { layers: only }) })),
    ),
    documentPart(files.policies, policies),
    documentPart(
      files.anchors,
      anchors.map(({ name, scope, revocation, certificate }) => ({
        name,
        scope,
        revocation,
        sha256: hashHex('sha256', certificate),
      })),
    ),
    ...pemPart(
      files.anchorCertificates,
      'CERTIFICATE',
      anchors.map(({ certificate }) => certificate),
    ),
    ...pemPart(files.intermediates, 'CERTIFICATE', intermediates),
    ...pemPart(files.revocationLists, listLabel, revocationLists),
    ...goldens.map((bytes) => ({ name: `${folders.goldens}/${goldenFile(bytes)}`, bytes })),
    ...denyLists.map((bytes, index) => ({ name: `${folders.denyLists}/${index + 1}.dsse.json`, bytes })),
    ...namedGoldens.map((bytes, index) => ({ name: `${folders.namedGoldens}/${index + 1}.dsse.json`, bytes })),
  ];
}

/** Writes what is large of it in pieces. `encodeTrust` then does the rest at once. */
export function encodeTrustAhead(
  { revocationLists }: Pick<RecordedTrust, 'revocationLists'>,
  pause: () => Promise<void>,
): Promise<void> {
  return writePemAhead(listLabel, revocationLists, pause);
}

/** Reads what is large of it in pieces. `readTrust` then says at once what it would have said. */
export function readTrustAhead(parts: Parts, pause: () => Promise<void>): Promise<void> {
  return readPemAhead(parts, files.revocationLists, pause);
}

/** @throws MalformedError EVIDENCE_PART_MISSING, EVIDENCE_PART_INVALID */
export function readTrust(parts: Parts): RecordedTrust {
  const certificates = readPemPart(parts, files.anchorCertificates);
  const anchors = readDocument(parts, files.anchors, (root) =>
    root.array(maximumItems).map((field, index) => readAnchor(field, certificates[index])),
  );
  if (anchors.length !== certificates.length) {
    const problem = `${certificates.length} certificates, and ${anchors.length} anchors in ${files.anchors}`;
    throw new MalformedError('EVIDENCE_PART_INVALID', problem, { at: files.anchorCertificates });
  }
  const all = (folder: string): readonly Uint8Array[] => namesIn(parts, folder).map((name) => requirePart(parts, name));
  for (const name of namesIn(parts, folders.goldens))
    goldenFiles.set(requirePart(parts, name), name.slice(folders.goldens.length + 1));
  return {
    signers: readDocument(parts, files.signers, (root) => root.array(maximumItems).map(readSigner)),
    goldens: all(folders.goldens),
    denyLists: all(folders.denyLists),
    namedGoldens: all(folders.namedGoldens),
    anchors,
    intermediates: readPemPart(parts, files.intermediates),
    revocationLists: readPemPart(parts, files.revocationLists),
    policies: readPolicies(parts),
  };
}

/** `parsePolicy` looks at each of them. */
function readPolicies(parts: Parts): readonly JsonValue[] {
  const bytes = requirePart(parts, files.policies);
  const value = naming(files.policies, () => parseJsonStrict(bytes));
  if (isJsonArray(value)) return value;
  throw new MalformedError('EVIDENCE_PART_INVALID', 'a list of policies is expected', { at: files.policies });
}

function readAnchor(field: Field, certificate: Uint8Array | undefined): RecordedAnchor {
  const { name, scope, revocation, sha256 } = field.object('name', 'scope', 'revocation', 'sha256');
  if (certificate === undefined || hashHex('sha256', certificate) !== encodeHex(sha256.hex(32))) {
    return sha256.fail(`the digest of the certificate in ${files.anchorCertificates}`, 'is another');
  }
  return {
    name: name.text(512),
    scope: scope.oneOf(['vendor', 'virtual', 'platform']),
    revocation: revocation.oneOf(['if-present', 'require']),
    certificate,
  };
}

function readSigner(field: Field): RecordedSigner {
  const { name, publicKeyPem, layers: only } = field.object('name', 'publicKeyPem', 'layers');
  return {
    name: name.text(512),
    publicKeyPem: publicKeyPem.lines(8192),
    layers: only.optional((list) => list.array(layers.length).map((layer) => layer.oneOf(layers))),
  };
}

/** By envelope, of those that were read before: to read a golden measurement of a runtime takes some ten milliseconds. */
const goldenFiles = new WeakMap<Uint8Array, string>();

/** For whoever has read the envelope, and has it encoded with many others. */
export function nameGoldenFile(
  envelope: Uint8Array,
  { id, layer }: { readonly id: string; readonly layer: string },
): void {
  goldenFiles.set(envelope, goldenFileOf(id, layer));
}

function goldenFile(envelope: Uint8Array): string {
  const known = goldenFiles.get(envelope);
  if (known !== undefined) return known;
  const { id, untrustedStatement } = parseGolden(envelope);
  return goldenFileOf(id, untrustedStatement.layer);
}

/** Named by what it is about, for people; the digest keeps two of one layer apart. */
function goldenFileOf(id: string, layer: string): string {
  return `${layer}.${id.replace(/^sha256:/, '').slice(0, 32)}.dsse.json`;
}
