// Records as the server hands them to a store, made without a server.
import { createHash } from 'node:crypto';
import { encodeHex } from '../../src/core/encoding/index.ts';
import type { Verdict } from '../../src/core/verdict/index.ts';
import type { AttestationRecord, AuditDraft, Store } from '../../src/server/storage/index.ts';

export function auditDraft(action: string, details: AuditDraft['details'] = {}): AuditDraft {
  return { at: 1, actor: 'test', action, subject: 's', details };
}

function digest(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

interface TestHost {
  /** Hosts of one name here have one TPM. */
  readonly tpm?: string;
  /** The server has certified its attestation key. */
  readonly isCertified?: boolean;
  /** Who vouches for its TPM: a registered key or a trust anchor that stands. */
  readonly endorser?: string;
}

/** Binds a host of this name, with a TPM that only it has unless told. */
export async function bindTestHost(
  store: Store,
  hostId: string,
  { tpm = hostId, isCertified = false, endorser }: TestHost = {},
): ReturnType<Store['bindHost']> {
  const key = digest(tpm);
  const token = { id: `tok_${hostId}`, name: hostId, role: 'host', hostId, secretHash: key, createdAt: 1 } as const;
  return store.bindHost({
    binding: {
      hostId,
      ekDigest: key,
      ekPublic: key,
      ekCertificate: undefined,
      ekChain: [],
      platformCertificates: [],
      deviceIdentity: undefined,
      endorser: endorser === undefined ? undefined : { id: endorser, name: 'test' },
      akName: key,
      akPublic: key,
    },
    joinToken: undefined,
    queue: undefined,
    trustRevision: await store.trustRevision(),
    akCertificate: isCertified ? { der: key, serial: encodeHex(key), issuer: 'test', notAfter: 1 } : undefined,
    token: { ...token, expiresAt: undefined, revokedAt: undefined, enrolmentsLeft: undefined },
    audit: auditDraft('host.enrolled'),
  });
}

export async function openTestChallenge(store: Store, hostId: string, id: string): Promise<void> {
  const held = { heldPcrs: undefined, heldEventLog: undefined, heldImaLog: undefined, heldUserspaceLog: undefined };
  await store.openChallenge(
    { id, hostId, epoch: 1, nonce: digest(id), ...held, drawnAt: 0, expiresAt: 9e12, rides: false },
    { now: 0, maxOpen: 8, boot: undefined },
  );
}

/** The answer to a challenge, as the attestation after `verdictSequence`. */
export async function attestationOf(
  store: Store,
  hostId: string,
  answer: {
    readonly challengeId: string;
    readonly verdictSequence: number;
    readonly log?: string;
    readonly goldens?: readonly string[];
    readonly audit?: AuditDraft;
    readonly next?: AttestationRecord['next'];
  },
): Promise<AttestationRecord> {
  const { challengeId, verdictSequence, goldens = [] } = answer;
  const bytes = Uint8Array.of(1);
  const verdict = {
    issuedAt: '2026-11-25T12:00:00.000Z',
    expiresAt: '2026-11-25T13:00:00.000Z',
    layers: {},
    furtherGoldens: goldens,
    boot: { epoch: 'boot 1' },
  } as unknown as Verdict;
  return {
    challengeId,
    hostId,
    basis: { epoch: 1, enrolledAt: 1, labels: {}, verdictSequence, trustRevision: await store.trustRevision() },
    verdict,
    evidence: {
      attest: bytes,
      signature: bytes,
      pcrs: pcrsOfTestLog(answer.log ?? 'log'),
      eventLog: new TextEncoder().encode(answer.log ?? 'log'),
      imaLog: undefined,
      userspaceLog: undefined,
      akPublic: bytes,
      qualifyingData: bytes,
      receivedAt: 1,
    },
    circumstances: undefined,
    quoteVerified: true,
    next: answer.next,
    boot: undefined,
    keepEvidence: 2,
    dueAt: 2,
    akCertificate: undefined,
    audit: answer.audit,
  };
}

/** No such bank: a store only keeps them. */
export function pcrsOfTestLog(log: string): string {
  return JSON.stringify({ [log]: {} });
}

export function nameOfTestLog(log: string): string {
  return createHash('sha256').update(log).digest('hex');
}
