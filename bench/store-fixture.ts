// A store with bound hosts, and the records that an attestation writes: as the server writes them, without the server.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerConfig } from '../src/server/config/config.ts';
import { createStore, openStore, type AttestationRecord, type Store } from '../src/server/storage/index.ts';
import { encodeHex } from '../src/core/encoding/index.ts';
import type { Verdict } from '../src/core/verdict/index.ts';
import { appraise } from '../src/core/appraisal/index.ts';
import { createCase, type Case } from './evidence.ts';

export interface BoundFleet {
  readonly store: Store;
  /** Id and token of the first host. */
  readonly hostId: string;
  readonly tokenId: string;
  /** Writes one attestation of a host, as the answer to a challenge opened before: durable when it resolves. */
  readonly attest: (host: number, through?: Store) => Promise<void>;
  /** Opens a challenge for a host. Not part of what is measured. */
  readonly challenge: (host: number) => Promise<void>;
  /** Reads what an answer about a host rests on. */
  readonly read: (host: number) => Promise<void>;
}

export interface StoreFixture extends BoundFleet {
  close(): Promise<void>;
}

export async function createStoreFixture(
  hosts: number,
  storage: ServerConfig['storage'] = 'sqlite',
): Promise<StoreFixture> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  await createStore({ dataDirectory, storage });
  const store = await openStore({ dataDirectory, storage });
  const close = async (): Promise<void> => {
    await store.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
  return { ...(await bindFleet(store, hosts)), close };
}

/** Hosts that are enrolled, or attest, at once. */
const together = 1000;

/** Runs `work` for each host, many at once. */
export async function forEachHost(hosts: number, work: (host: number) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < hosts; first += together)
    await Promise.all(Array.from({ length: Math.min(together, hosts - first) }, (_, index) => work(first + index)));
}

export async function bindFleet(store: Store, hosts: number): Promise<BoundFleet> {
  const [one, trustRevision] = [await createCase('ecc'), await store.trustRevision()];
  const verdict = appraise(one.evidence, one.trust, one.policy, one.at);
  await forEachHost(hosts, (host) => bind(store, host));
  const sequences = new Array<number>(hosts).fill(0);
  const challenges = new Array<string>(hosts).fill('');
  let drawn = 0;
  return {
    store,
    hostId: nameOf(0),
    tokenId: 'tok_0',
    challenge: async (host) => {
      drawn += 1;
      const id = `chl_${drawn}`;
      challenges[host] = id;
      const times = { drawnAt: 0, expiresAt: 9e12, rides: false };
      const held = { heldEventLog: undefined, heldImaLog: undefined, heldUserspaceLog: undefined };
      const challenge = { id, hostId: nameOf(host), epoch: 1, nonce: digest(id), ...held, ...times };
      await store.openChallenge(challenge, { now: 0, maxOpen: 8, boot: undefined });
    },
    attest: async (host, through = store) => {
      const verdictSequence = sequences[host] ?? 0;
      sequences[host] = verdictSequence + 1;
      const challengeId = challenges[host] ?? '';
      const outcome = await through.recordAttestation(
        recordOf(one, verdict, { hostId: nameOf(host), verdictSequence, trustRevision, challengeId }),
      );
      if (outcome !== 'recorded') throw new TypeError(`the benchmark's own record is ${outcome}`);
    },
    read: async (host) => {
      const [found] = [await store.findHost(nameOf(host)), await store.findVerdict(nameOf(host))];
      if (found === undefined) throw new TypeError('the benchmark lost a host');
    },
  };
}

interface Place {
  readonly hostId: string;
  readonly challengeId: string;
  readonly verdictSequence: number;
  readonly trustRevision: number;
}

function recordOf(
  { evidence, trust }: Case,
  verdict: Verdict,
  { hostId, challengeId, verdictSequence, trustRevision }: Place,
): AttestationRecord {
  const { attest, signature, eventLog } = evidence;
  const empty = new Uint8Array();
  const logs = { eventLog, imaLog: undefined, userspaceLog: undefined };
  return {
    challengeId,
    hostId,
    basis: { epoch: 1, verdictSequence, trustRevision },
    verdict,
    evidence: {
      attest,
      signature,
      pcrs: '{}',
      ...logs,
      akPublic: empty,
      qualifyingData: trust.qualifyingData,
      receivedAt: 1,
    },
    grounds: undefined,
    quoteVerified: true,
    next: undefined,
    boot: undefined,
    keepEvidence: 10,
    dueAt: 2,
    akCertificate: undefined,
    audit: undefined,
  };
}

async function bind(store: Store, host: number): Promise<void> {
  const [hostId, key] = [nameOf(host), digest(`host ${host}`)];
  const binding = {
    hostId,
    ekDigest: key,
    ekPublic: key,
    ekCertificate: undefined,
    ekChain: [],
    platformCertificates: [],
    deviceIdentity: undefined,
    endorser: undefined,
  };
  const token = { id: `tok_${host}`, name: hostId, role: 'host', hostId, secretHash: key, createdAt: 1 } as const;
  await store.bindHost({
    binding: { ...binding, akName: key, akPublic: key },
    joinToken: undefined,
    queue: undefined,
    akCertificate: { der: key, serial: encodeHex(key), issuer: 'bench', notAfter: 1 },
    token: { ...token, expiresAt: undefined, revokedAt: undefined, enrolmentsLeft: undefined },
    audit: { at: 1, actor: 'bench', action: 'host.enrolled', subject: hostId, details: {} },
  });
}

/** Id of a host of the fixture. */
export function nameOf(host: number): string {
  return `host-${String(host).padStart(7, '0')}`;
}

function digest(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}
