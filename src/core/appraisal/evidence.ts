// What appraisal takes in. Evidence is what a host sends and proves nothing by itself; trust is what the server knows
// of that host from its own records, never from the message.
import type { DenyRules } from '../deny/index.ts';
import type { ApprovedGolden } from '../golden/index.ts';
import type { AppliedLeniency, MissingIssuer, PlatformFacts } from '../x509/index.ts';
import type { AttestationKey, BootState, ClaimedPcrs } from '../tpm/index.ts';

/** Everything in here was written by the host, or by whoever sits on it. */
export interface Evidence {
  /** TPMS_ATTEST as the TPM signed it. */
  readonly attest: Uint8Array;
  /** TPMT_SIGNATURE over `attest`. */
  readonly signature: Uint8Array;
  /** PCR values the host read next to its quote. Used only where the quote's digest covers them. */
  readonly pcrs: ClaimedPcrs;
  /** The firmware event log; absent when the host has none. A `NamedLog` is not hashed once more. */
  readonly eventLog: Uint8Array | undefined;
  readonly imaLog?: Uint8Array;
  readonly userspaceLog?: Uint8Array;
}

/**
 * Who vouches for the host's TPM. `verified`: its maker, by a path to a trust anchor, or an operator. `unverified`: nobody, and
 * the configuration allows that. `missing`: nobody any more. `revoked`: its maker took a certificate of the path back.
 * `unchecked`: the anchor demands a fresh revocation list of every issuer, and one is stale or missing.
 */
export type EndorsementStanding = 'verified' | 'unverified' | 'missing' | 'revoked' | 'unchecked';

/** What a maker of machines says of the machine of the host: proven, or refused with the code of what spoke against it. */
export type PlatformStanding =
  | { readonly facts: PlatformFacts; readonly anchor: string }
  | { readonly refused: { readonly code: string; readonly message: string } };

/** What the server's own records say about the host. */
export interface Trust {
  /** From the enrolment record: the key was proved to live in this host's TPM. */
  readonly host: { readonly id: string; readonly attestationKey: AttestationKey };
  readonly endorsement: EndorsementStanding;
  /** What was forgiven on the path from the EK certificate to its trust anchor. */
  readonly leniencies?: readonly AppliedLeniency[];
  /** Where the path from the EK certificate breaks off: the issuer nobody has a certificate of. */
  readonly missingIssuer?: MissingIssuer | undefined;
  /** Undefined where the host sent no platform certificate. */
  readonly platform?: PlatformStanding | undefined;
  /** What the quote must carry as extraData: see `quoteQualifyingData`. */
  readonly qualifyingData: Uint8Array;
  /** When that challenge was drawn: nothing of the quote is proved of any later moment. Undefined for evidence that is appraised
   * again, as if it had been drawn then. */
  readonly challengedAt: Date | undefined;
  /** Active golden measurements of every layer, in any order. */
  readonly goldens: readonly ApprovedGolden[];
  /** What operators deny; undefined where they deny nothing. It wins over every golden measurement. */
  readonly denied?: DenyRules | undefined;
  /** SHA-256 of all that vouches for the TPM, in hexadecimal: its EK, its certificate, the authorities up to the anchor. */
  readonly endorsers?: readonly string[];
  /** Counters of the last accepted quote of this host, or `undefined` before the first. */
  readonly previousBoot: BootState | undefined;
}
