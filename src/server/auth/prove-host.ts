// A host is believed for its TPM, not for its token: each of its requests carries a statement of the attestation key about
// that request. There is no way without: a token of an older agent, or a stolen one, opens nothing. [PEERS T23]
import type { IncomingMessage } from 'node:http';
import { equalInConstantTime, hash, hashInPieces } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  parseRequestProof,
  recallAttestationKey,
  requestQualifyingData,
  verifyTime,
  type AttestationKey,
  type KeyMemory,
} from '../../core/tpm/index.ts';
import { ServerError } from '../errors.ts';
import { inTurns } from '../own-turn.ts';
import { soon, type Soon } from '../soon.ts';
import type { HostRecord, Store } from '../storage/index.ts';

export interface HostProver {
  readonly store: Pick<Store, 'findHost'>;
  /** Attestation keys that were verified before. */
  readonly keys: KeyMemory;
  readonly serverId: string;
  readonly now: () => Date;
}

/** How far a proof's time may be from the server's, in milliseconds. The refusal tells the server's, so that hosts with a
 * wrong clock can answer at once. */
const toleranceMs = 300_000;

/** Verifies the proof of a request, and returns the digest that its body must have.
 * @throws ServerError AUTH_PROOF_REQUIRED, AUTH_PROOF_STALE, AUTH_PROOF_INVALID, HOST_NOT_FOUND */
export function proveHost(request: Provable, hostId: string, prover: HostProver): Soon<Uint8Array> {
  const header = request.headers['touchstone-proof'];
  if (typeof header !== 'string') throw new ServerError('AUTH_PROOF_REQUIRED');
  return soon(prover.store.findHost(hostId), (host) => {
    if (host === undefined) throw new ServerError('HOST_NOT_FOUND');
    return proveRequest(request, header, host, prover);
  });
}

type Provable = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

function proveRequest(
  { method = '', url: path = '' }: Provable,
  header: string,
  host: HostRecord,
  { keys, serverId, now }: HostProver,
): Uint8Array {
  try {
    const key = recallAttestationKey(host.akPublic, keys);
    return verifyProof(header, { host, key, serverId, method, path, now: now() });
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    const reason = `${error.message} (${error.code}); this server is ${serverId}`;
    throw new ServerError('AUTH_PROOF_INVALID', reason, { cause: error });
  }
}

interface ProvenRequest {
  readonly host: HostRecord;
  readonly key: AttestationKey;
  readonly serverId: string;
  readonly method: string;
  readonly path: string;
  readonly now: Date;
}

function verifyProof(header: string, { host, key, serverId, method, path, now }: ProvenRequest): Uint8Array {
  const { at, bodyDigest, attest, signature } = parseRequestProof(header);
  if (Math.abs(at - now.getTime()) > toleranceMs) {
    throw new ServerError('AUTH_PROOF_STALE', undefined, { headers: { date: now.toUTCString() } });
  }
  const { hostId, akName } = host;
  const qualifyingData = requestQualifyingData({ serverId, hostId, akName, method, path, bodyDigest, at });
  verifyTime({ attest, signature, key, qualifyingData });
  return bodyDigest;
}

/** @throws ServerError AUTH_PROOF_INVALID when the body is not the one that was proved */
export function checkProvenBody(body: Uint8Array, digest: Uint8Array | undefined): Soon<void> {
  if (digest === undefined) return undefined;
  const hashing = inTurns(
    body,
    (bytes) => hash('sha256', bytes),
    (bytes, pause) => hashInPieces('sha256', bytes, pause),
  );
  return soon(hashing, (found) => {
    if (!equalInConstantTime(found, digest))
      throw new ServerError('AUTH_PROOF_INVALID', 'the proof is about another body');
  });
}
