// The parts of an evidence bundle that are read behind its signature: what a server that lies may write into its history and its audit log.
import {
  encodeHex,
  encodeUtf8,
  isJsonObject,
  parseJsonStrict,
  type JsonObject,
} from '../../src/core/encoding/index.ts';
import { accountOf, openAudit, readHistory, readHost } from '../../src/core/evidence-bundle/index.ts';
import {
  hashEntry,
  hashLeaf,
  hashSubtree,
  proveInclusion,
  signCheckpoint,
  type SignedCheckpoint,
  type SubtreeHash,
} from '../../src/core/transparency/index.ts';
import { createKeyPair } from '../core/crypto/test-keys.ts';
import { noon } from '../core/golden/material.ts';
import { smallHostParts } from './targets-evidence.ts';
import { jsonTokens } from './targets-event-log.ts';
import type { FuzzTarget } from './target.ts';

const server = 'fuzz.example';
/** The log that is made for the entries of an input. */
const treeSize = 64;
const pair = createKeyPair('EdDSA', 'fuzz');
const keys = [pair.verification];
const at = noon.toISOString();

const history = {
  quarantines: [
    { id: 'qua_1', reason: 'a ticket', from: at, by: 'alice', until: null, liftedAt: at },
    { id: 'qua_2', reason: 'another', from: at, by: 'bob', until: at, liftedAt: null },
  ],
  ends: [
    { what: 'golden', id: `sha256:${'a'.repeat(64)}`, end: 'revoked', at, reason: 'a hole' },
    { what: 'anchor', id: 'b'.repeat(64), end: 'withdrawn', at, reason: 'stolen' },
  ],
  breakGlass: [{ storedAt: at, until: at, endedAt: null }],
};

const policy = { id: 'fleet', version: 1 };
const claimedVerdict = {
  evidenceDigest: 'e',
  status: 'affirming',
  expiresAt: at,
  policy,
  layers: { kernel: 'sha256:k' },
};

/** What a log says of a host that enrolled, attested and was set aside. `ek` and `ak` are those of the host. */
function entriesAbout({ ek, ak }: Readonly<Record<'ek' | 'ak', string>>): readonly JsonObject[] {
  const told: readonly (readonly [string, string, JsonObject])[] = [
    ['host.approved', 'hv', { ek }],
    ['host.enrolled', 'hv', { ek, ak }],
    ['policy.written', 'fleet', {}],
    ['verdict.changed', 'hv', { evidence: 'e', status: 'affirming', expiresAt: at, policy: 'fleet/1' }],
    ['host.quarantined', 'hv', { quarantine: 'qua_1' }],
    ['quarantine.opened', 'qua_1', { hosts: '{"all":true}', until: null }],
  ];
  return told.map(([action, subject, details], index) => {
    return { sequence: index + 1, at, actor: 'alice', action, subject, details, previousHash: 'c'.repeat(64) };
  });
}

interface Log {
  readonly signed: SignedCheckpoint;
  readonly items: readonly JsonObject[];
}

/** Each entry at the place that it names, in a log that is signed: so that what is read behind the proof is reached. */
async function logOf(entries: readonly JsonObject[]): Promise<Log> {
  const leaves = Array.from({ length: treeSize }, (_, index) => hashLeaf(Uint8Array.of(index)));
  for (const entry of entries) leaves[placeOf(entry) ?? treeSize] = hashLeaf(hashEntry(entry));
  const hashOf: SubtreeHash = (first, size) =>
    size === 1 ? (leaves[first] ?? new Uint8Array(32)) : hashSubtree(first, size, hashOf);
  const head = { log: server, size: treeSize, root: hashOf(0, treeSize), at: noon };
  const items = entries.map((entry) => {
    const place = placeOf(entry);
    return { entry, path: place === undefined ? [] : proveInclusion(place, treeSize, hashOf).map(encodeHex) };
  });
  return { signed: await signCheckpoint(head, pair.signing), items };
}

function placeOf({ sequence }: JsonObject): number | undefined {
  return typeof sequence === 'number' && Number.isInteger(sequence) && sequence >= 1 && sequence <= treeSize
    ? sequence - 1
    : undefined;
}

function partsOfAudit({ text, signature }: SignedCheckpoint, entries: Uint8Array) {
  return new Map([
    ['audit/checkpoint.json', encodeUtf8(text)],
    ['audit/checkpoint.jws', encodeUtf8(signature)],
    ['audit/entries.json', entries],
  ]);
}

const jsonOf = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value));
const words = ['host.enrolled', 'host.approved', 'verdict.changed', 'quarantine', 'breakGlass', 'evidence', 'qua_1'];
const tokens = [...jsonTokens, ...words.map(encodeUtf8)];

async function readHostOnce() {
  const host = readHost(await smallHostParts());
  return { host, ek: encodeHex(host.ekDigest), ak: encodeHex(host.attestationKey.name) };
}

export const bundleTargets: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
  'evidence-history': () => ({
    name: 'evidence-history',
    seeds: [jsonOf(history), jsonOf({ quarantines: [], ends: [], breakGlass: [] })],
    tokens,
    run: (bytes) => readHistory(new Map([['history.json', bytes], ['trust/break-glass/1.dsse.json', bytes]])), // prettier-ignore
  }),
  'evidence-audit': async () => {
    const { ek, ak } = await readHostOnce();
    const { signed, items } = await logOf(entriesAbout({ ek, ak }));
    return {
      name: 'evidence-audit',
      seeds: [jsonOf(items)],
      tokens,
      run: (bytes) => openAudit(partsOfAudit(signed, bytes), { keys, server }),
    };
  },
  'evidence-account': async () => {
    const { host, ek, ak } = await readHostOnce();
    return {
      name: 'evidence-account',
      seeds: [jsonOf(entriesAbout({ ek, ak }))],
      tokens: [...tokens, encodeUtf8(ek)],
      run: async (bytes) => {
        const entries = parseJsonStrict(bytes, { maxDepth: 16 });
        const { signed, items } = await logOf(Array.isArray(entries) ? entries.filter(isJsonObject) : []);
        const audit = await openAudit(partsOfAudit(signed, jsonOf(items)), { keys, server });
        return audit && accountOf(audit, { host, attestation: { at: noon }, claimedVerdict });
      },
    };
  },
};
