// A store with bound hosts, and the records that an attestation writes: as the server writes them, without the server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerConfig } from '../src/server/config/config.ts';
import { createStore, openStore, type AttestationRecord, type Store } from '../src/server/storage/index.ts';
import type { Verdict } from '../src/core/verdict/index.ts';
import { appraise, nameLog } from '../src/core/appraisal/index.ts';
import { bindTestHost, openTestChallenge } from '../test/support/stored-records.ts';
import { createCase, type Case } from './evidence.ts';

export interface BoundFleet {
  readonly store: Store;
  /** Id and token of the first host. */
  readonly hostId: string;
  readonly tokenId: string;
  /** Writes one attestation of a host, as the answer to a challenge opened before: durable when it resolves. */
  readonly attest: (host: number, through?: Store) => Promise<void>;
  /** The same as the answer to the challenge that came with the last such attestation, or was opened; another comes with it. */
  readonly visit: (host: number, through: Store) => Promise<void>;
  /** The challenge that the next attestation of a host answers. */
  readonly challengeId: (host: number) => string;
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
  attestation?: Parameters<typeof openStore>[0]['attestation'],
): Promise<StoreFixture> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  await createStore({ dataDirectory, storage });
  const store = await openStore({ dataDirectory, storage, ...(attestation && { attestation }) });
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
  const [{ evidence, ...given }, trustRevision] = [await createCase('ecc'), await store.trustRevision()];
  // As the server names it: once, when it comes.
  const one = { ...given, evidence: { ...evidence, eventLog: evidence.eventLog && nameLog(evidence.eventLog) } };
  const verdict = appraise(one.evidence, one.trust, one.policy, one.at);
  await forEachHost(hosts, (host) => bindTestHost(store, nameOf(host), { isCertified: true }));
  const sequences = new Array<number>(hosts).fill(0);
  const challenges = new Array<string>(hosts).fill('');
  let drawn = 0;
  const draw = (): string => `chl_${(drawn += 1)}`;
  const record = async (host: number, through: Store, next: AttestationRecord['next']): Promise<void> => {
    const verdictSequence = sequences[host] ?? 0;
    sequences[host] = verdictSequence + 1;
    const place = { hostId: nameOf(host), verdictSequence, trustRevision, challengeId: challenges[host] ?? '' };
    const outcome = await through.recordAttestation({ ...recordOf(one, verdict, place), next });
    if (outcome !== 'recorded') throw new TypeError(`the benchmark's own record is ${outcome}`);
  };
  return {
    store,
    hostId: nameOf(0),
    tokenId: `tok_${nameOf(0)}`,
    challenge: async (host) => {
      const id = draw();
      challenges[host] = id;
      await openTestChallenge(store, nameOf(host), id);
    },
    attest: (host, through = store) => record(host, through, undefined),
    visit: async (host, through) => {
      const id = draw();
      await record(host, through, { id, nonce: new Uint8Array(32), drawnAt: 0, expiresAt: 9e12 });
      challenges[host] = id;
    },
    challengeId: (host) => challenges[host] ?? '',
    read: async (host) => {
      if ((await store.findStanding(nameOf(host))) === undefined) throw new TypeError('the benchmark lost a host');
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
    basis: { epoch: 1, enrolledAt: 1, labels: {}, verdictSequence, trustRevision },
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
    circumstances: undefined,
    quoteVerified: true,
    next: undefined,
    boot: undefined,
    keepEvidence: 10,
    dueAt: 2,
    akCertificate: undefined,
    audit: undefined,
  };
}

/** Id of a host of the fixture. */
export function nameOf(host: number): string {
  return `host-${String(host).padStart(7, '0')}`;
}
