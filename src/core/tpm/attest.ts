// TPMS_ATTEST and its members: what a TPM says, signed. Parsed here, proven in quote.ts and certify.ts.
// [TPM2-P2 §10.12]
import type { PcrSelection } from './pcr-selection.ts';

/** TPMS_CLOCK_INFO. Counters are offset by a constant per key unless the key is in the endorsement or platform
 * hierarchy: only differences mean something. [TPM2-P1 §36.7] */
export interface ClockInfo {
  /** Milliseconds the TPM was powered. */
  readonly clockMs: bigint;
  readonly resetCount: number;
  readonly restartCount: number;
  /** No greater clock value was ever reported. False after a power cut, for a while. */
  readonly safe: boolean;
}

export interface AttestHeader {
  /** Qualified name of the signing key: not its name. */
  readonly qualifiedSigner: Uint8Array;
  /** The caller's qualifying data, verbatim. */
  readonly extraData: Uint8Array;
  readonly clock: ClockInfo;
  readonly firmwareVersion: bigint;
}

export interface QuoteClaim extends AttestHeader {
  readonly type: 'quote';
  readonly selections: readonly PcrSelection[];
  readonly pcrDigest: Uint8Array;
}

export interface CertifyClaim extends AttestHeader {
  readonly type: 'certify';
  readonly name: Uint8Array;
  readonly qualifiedName: Uint8Array;
}

export interface CreationClaim extends AttestHeader {
  readonly type: 'creation';
  readonly objectName: Uint8Array;
  readonly creationHash: Uint8Array;
}

export interface TimeClaim extends AttestHeader {
  readonly type: 'time';
  readonly timeMs: bigint;
  readonly timeClock: ClockInfo;
  readonly timeFirmwareVersion: bigint;
}

export interface NvClaim extends AttestHeader {
  readonly type: 'nv';
  readonly indexName: Uint8Array;
  readonly offset: number;
  readonly contents: Uint8Array;
}

export interface NvDigestClaim extends AttestHeader {
  readonly type: 'nv-digest';
  readonly indexName: Uint8Array;
  readonly nvDigest: Uint8Array;
}

export interface CommandAuditClaim extends AttestHeader {
  readonly type: 'command-audit';
  readonly auditCounter: bigint;
  readonly digestAlg: number;
  readonly auditDigest: Uint8Array;
  readonly commandDigest: Uint8Array;
}

export interface SessionAuditClaim extends AttestHeader {
  readonly type: 'session-audit';
  readonly exclusiveSession: boolean;
  readonly sessionDigest: Uint8Array;
}

/** What somebody says a TPM said. Proves nothing until its signature is verified. */
export type ClaimedAttest =
  | QuoteClaim
  | CertifyClaim
  | CreationClaim
  | TimeClaim
  | NvClaim
  | NvDigestClaim
  | CommandAuditClaim
  | SessionAuditClaim;

export type AttestType = ClaimedAttest['type'];

/** TPM_GENERATED_VALUE: what only a TPM puts in front of what it signs with a restricted key. [TPM2-P2 §6.2] */
export const tpmGenerated = 0xff544347;

/** TPMI_ST_ATTEST. [TPM2-P2 §6.9] */
export const attestTypeIds: Readonly<Record<AttestType, number>> = {
  nv: 0x8014,
  'command-audit': 0x8015,
  'session-audit': 0x8016,
  certify: 0x8017,
  quote: 0x8018,
  time: 0x8019,
  creation: 0x801a,
  'nv-digest': 0x801c,
};
