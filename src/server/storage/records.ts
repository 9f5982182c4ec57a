// What is remembered, in the words of the domain. Times are milliseconds since 1970; bytes are bytes.
import type { AnchorScope } from '../../core/x509/index.ts';
import type { BootEpoch, BootState } from '../../core/tpm/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import type { Role } from '../auth/access.ts';

export type Labels = Readonly<Record<string, string>>;

/** An enrolment between its two requests. The secret itself is not kept: only its hash. */
export interface PendingEnrolment {
  readonly id: string;
  readonly secretHash: Uint8Array;
  readonly binding: HostBinding;
  /** Id of the token it was opened with, a joiner's or an operator's, which must hold when the host is bound; undefined where there was none. */
  readonly joinToken: string | undefined;
  /** An operator opened it: that is approval. */
  readonly byOperator: boolean;
  readonly expiresAt: number;
}

/** A host that proved its TPM and waits for an operator's word. It is no host yet: nothing can be asked about it. */
export interface PendingHost {
  readonly id: string;
  readonly binding: PendingBinding;
  /** Id of the join token it came with. */
  readonly joinToken: string | undefined;
  readonly askedAt: number;
  readonly lastAskedAt: number;
  readonly expiresAt: number;
  readonly state: 'waiting' | 'approved' | 'rejected';
  readonly decided: { readonly at: number; readonly by: string; readonly reason: string } | undefined;
}

export type PendingBinding = Pick<HostBinding, 'hostId' | 'ekDigest' | 'ekCertificate' | 'endorser' | 'akName'> &
  Partial<Pick<HostBinding, 'deviceIdentity'>>;

/** How a binding that needs approval waits for it, where nobody has given it yet. */
export interface QueueRequest {
  readonly id: string;
  readonly expiresAt: number;
  readonly places: number;
  /** For the case that the TPM is new in the queue. */
  readonly audit: AuditDraft;
}

export interface PendingDecision {
  readonly state: 'approved' | 'rejected';
  readonly reason: string;
  readonly expiresAt: number;
  /** Rejections that are remembered at most; the oldest go first. */
  readonly places: number;
  readonly audit: AuditDraft;
}

/** Who a host is: one id, one TPM, one attestation key. */
export interface HostBinding {
  readonly hostId: string;
  /** SHA-256 of the EK's SubjectPublicKeyInfo. */
  readonly ekDigest: Uint8Array;
  readonly ekPublic: Uint8Array;
  readonly ekCertificate: Uint8Array | undefined;
  /** Issuers that the host sent with it, so that the path can be asked for again later. */
  readonly ekChain: readonly Uint8Array[];
  /** As the host sent them: attribute certificates of the machine, and certificates of their issuers. */
  readonly platformCertificates: readonly Uint8Array[];
  /** Where an initial attestation key of the same TPM vouches for the attestation key. */
  readonly deviceIdentity: DeviceIdentity | undefined;
  /** Undefined when nobody vouches for the EK, or whoever did was withdrawn. */
  readonly endorser: Endorser | undefined;
  readonly akName: Uint8Array;
  readonly akPublic: Uint8Array;
}

/** An initial attestation key (IAK), and its certificate by the maker of the machine. */
export interface DeviceIdentity {
  readonly certificate: Uint8Array;
  /** Issuers that the host sent with it, and those that the server had. */
  readonly chain: readonly Uint8Array[];
  /** TPM2B_PUBLIC. */
  readonly publicArea: Uint8Array;
  /** What names the TPM: each belongs to one host for ever, as the digest of an EK does. */
  readonly digests: readonly Uint8Array[];
}

/** Who vouches for a TPM: for its EK, or for its IAK. */
export interface Endorser {
  /** SHA-256, hexadecimal: of the trust anchor's certificate, or of the EK itself where an operator registered it. */
  readonly id: string;
  readonly name: string;
}

export interface HostRecord extends HostBinding {
  /** `released`: any TPM may come under the name. `replacing`: one new TPM may, until `replaceUntil`. `retired`: none, ever. */
  readonly state: 'active' | 'released' | 'replacing' | 'retired';
  readonly replaceUntil: number | undefined;
  /** Counts bindings: whatever ends one, the next enrolment counts another. */
  readonly epoch: number;
  readonly labels: Labels;
  /** Undefined when it was revoked: the next attestation brings another. */
  readonly akCertificate: Uint8Array | undefined;
  readonly enrolledAt: number;
  /** Number of the last verdict; 0 before the first. Guards against two attestations that overtake each other. */
  readonly verdictSequence: number;
  /** Counters of the last quote that was accepted in this epoch. */
  readonly boot: BootState | undefined;
  /** The boot that the host last said it was in. Its word only: believed when it ends trust, never otherwise. */
  readonly untrustedBootId: string | undefined;
  /** When the host was last asked to attest again; undefined while it has not attested since it enrolled or booted. */
  readonly dueAt: number | undefined;
  /** Those that select the host and were not lifted; `isInForce` says whether one of them holds at a given moment. */
  readonly quarantines: readonly QuarantineRecord[];
}

/** Operators' word that hosts shall not be trusted, whatever they attest. */
export interface QuarantineRecord {
  readonly id: string;
  readonly hosts: HostSelector;
  readonly reason: string;
  readonly createdAt: number;
  readonly createdBy: string;
  /** When it ends by itself; undefined: when an operator lifts it. */
  readonly until: number | undefined;
  readonly lifted: { readonly at: number; readonly by: string; readonly reason: string } | undefined;
}

/** How the binding of a host to its TPM ends. Unless it is only released, its EK never enrols again. */
export interface BindingEnd {
  readonly kind: 'released' | 'replacing' | 'retired';
  /** For `replacing`. */
  readonly until: number | undefined;
  readonly audit: AuditDraft;
}

/** Two claims on one identity: what was asked for, and how often. */
export interface IdentityConflict {
  readonly hostId: string;
  readonly ekDigest: Uint8Array;
  readonly code: string;
  /** Who asked last. */
  readonly actor: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

/** A deny list as a quorum signed it: the newest issue of its name. */
export interface DenyListRecord {
  readonly name: string;
  readonly version: number;
  /** Canonical, with the signatures it came with. */
  readonly envelope: Uint8Array;
  readonly storedAt: number;
  readonly storedBy: string;
  /** A list that was removed denies nothing. Its version is remembered: no older issue comes back. */
  readonly removed: { readonly at: number; readonly by: string; readonly reason: string } | undefined;
}

/** A statement that a quorum signed. It is over when its time is, and before that when an operator ends it. */
export interface BreakGlassRecord {
  /** `sha256:` and the hex SHA-256 of the payload. */
  readonly id: string;
  /** Canonical, with the signatures it came with. */
  readonly envelope: Uint8Array;
  /** As the statement says. */
  readonly until: number;
  readonly storedAt: number;
  readonly storedBy: string;
  readonly ended: { readonly at: number; readonly by: string; readonly reason: string } | undefined;
}

/** What the stored evidence of the fleet says under a deny list that is about to be in force. */
export interface DenyJudgement {
  /** Of each host that was looked at, the number of its last verdict then. */
  readonly judged: ReadonlyMap<string, number>;
  /** Why each host that is denied is. */
  readonly denied: ReadonlyMap<string, { readonly code: string; readonly message: string }>;
  /** Hosts whose TPM nobody may vouch for any more: the certificates of their attestation keys are revoked. */
  readonly disowned: ReadonlySet<string>;
  /** End the verdicts of hosts that enrolled or attested meanwhile, too, and revoke their certificates: they could not be looked at. */
  readonly voidUnjudged: boolean;
}

/** `older`: this version, or a newer one, was there already. `unjudged`: these hosts have attested meanwhile. */
export type DenyOutcome = { readonly hosts: number } | { readonly unjudged: readonly string[] } | 'older';

/** Whether an identity is free. */
export type BindPreview =
  | 'bound'
  | 'name-taken'
  | 'name-reserved'
  | 'name-retired'
  | 'ek-taken'
  | 'ek-retired'
  | 'ak-changed'
  | 'replacement-over'
  | 'token-spent';

/** `bound`: as asked. The others bind nothing: the last three are about the queue. */
export type BindOutcome = BindPreview | 'waiting' | 'rejected' | 'queue-full';

export interface ChallengeRecord {
  readonly id: string;
  readonly hostId: string;
  readonly epoch: number;
  readonly nonce: Uint8Array;
  /** PCR values of the attestation that it rode with, as they are kept: the host need not send them again. */
  readonly heldPcrs: string | undefined;
  /** SHA-256 of logs the server holds and told the host not to send. */
  readonly heldEventLog: string | undefined;
  readonly heldImaLog: string | undefined;
  readonly heldUserspaceLog: string | undefined;
  readonly drawnAt: number;
  readonly expiresAt: number;
  /** It came with the answer to an attestation: the host did not ask for it. */
  readonly rides: boolean;
}

/** A challenge that rides in an answer. Logs and PCR values of that attestation are those that the host need not send again. */
export type NextChallenge = Pick<ChallengeRecord, 'id' | 'nonce' | 'drawnAt' | 'expiresAt'>;

/** What a host says of its boot when it asks for a challenge, and the audit entry for the case that it ends a verdict. */
export interface BootAnnouncement {
  readonly untrustedBootId: string;
  readonly audit: AuditDraft;
}

/** Evidence as received, to be appraised again at any time. */
export interface EvidenceRecord {
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
  /** The claimed PCR values, as JSON of the wire. */
  readonly pcrs: string;
  readonly eventLog: Uint8Array | undefined;
  readonly imaLog: Uint8Array | undefined;
  readonly userspaceLog: Uint8Array | undefined;
  readonly akPublic: Uint8Array;
  readonly qualifyingData: Uint8Array;
  readonly receivedAt: number;
}

/** The evidence that a host's standing rests on. Its logs are named by their SHA-256: hosts that booted alike share them. */
export interface StandingEvidence extends Pick<
  EvidenceRecord,
  'attest' | 'signature' | 'pcrs' | 'akPublic' | 'qualifyingData' | 'receivedAt'
> {
  readonly eventLog: string | undefined;
  readonly imaLog: string | undefined;
  readonly userspaceLog: string | undefined;
  /** Where its boot stood after the one before, as its own verdict says; undefined when that verdict is not kept. */
  readonly bootEpoch: BootEpoch | undefined;
  /** Milliseconds: when that verdict ends by itself, where it trusts, is the last one of the host and was not ended. */
  readonly trustedUntil: number | undefined;
}

/** One host of the fleet as it stands. */
export interface FleetRecord {
  readonly host: HostRecord;
  /** The latest evidence of the current epoch whose quote was verified. */
  readonly evidence: StandingEvidence | undefined;
}

/** A host with its last verdict. */
export interface Standing {
  readonly host: HostRecord;
  readonly verdict: VerdictRecord | undefined;
}

/** What stands in a list in the place of a host whose row is damaged: the others are still told. */
export interface UnreadableHost {
  readonly unreadable: string;
}

export interface VerdictRecord {
  readonly hostId: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly verdict: Verdict;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Set when something ended the verdict before its time. */
  readonly voided: { readonly at: number; readonly code: string; readonly message: string } | undefined;
}

export interface AttestationRecord {
  readonly challengeId: string;
  readonly hostId: string;
  /** What the appraisal rested on. When any of it changed meanwhile, nothing is recorded. */
  readonly basis: Pick<HostRecord, 'epoch' | 'enrolledAt' | 'labels' | 'verdictSequence'> & {
    readonly trustRevision: number;
  };
  readonly verdict: Verdict;
  readonly evidence: EvidenceRecord;
  /** Undefined where they are more than an evidence bundle takes. */
  readonly circumstances: Circumstances | undefined;
  /** The quote's own signature was valid: this is evidence worth keeping. */
  readonly quoteVerified: boolean;
  /** Takes the place of any that rode before. */
  readonly next: NextChallenge | undefined;
  /** Counters to remember; undefined leaves the remembered ones. */
  readonly boot: BootState | undefined;
  readonly keepEvidence: number;
  /** When the host is asked to attest again. */
  readonly dueAt: number;
  /** The next certificate of the attestation key; undefined leaves the one the host has. */
  readonly akCertificate: IssuedAkCertificate | undefined;
  /** Written only when the verdict says something new. */
  readonly audit: AuditDraft | undefined;
}

/** Bytes under their own name: SHA-256, hexadecimal. */
export interface Snapshot {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** What a verdict rests on beside the evidence: parts of an evidence bundle, kept until somebody asks for it. */
export interface Circumstances {
  /** See `RecordedAttestation`. */
  readonly attestation: string;
  /** Archives: the record of the host, and what was trusted. */
  readonly host: Snapshot;
  readonly trust: Snapshot;
}

/** The same as it is read again: the archives themselves. */
export interface KeptCircumstances {
  readonly attestation: string;
  readonly host: Uint8Array;
  readonly trust: Uint8Array;
}

/** A verdict with everything it rests on. */
export interface VerdictWithCircumstances {
  readonly verdict: VerdictRecord;
  readonly evidence: EvidenceRecord;
  /** Undefined where they were not kept. */
  readonly circumstances: KeptCircumstances | undefined;
}

/** A certificate of an attestation key that was just made. */
export interface IssuedAkCertificate {
  readonly der: Uint8Array;
  /** Content bytes of the serial number, lower-case hexadecimal. */
  readonly serial: string;
  /** Id of the key of the CA. */
  readonly issuer: string;
  readonly notAfter: number;
}

/** Who issues, or issued, certificates of attestation keys. */
export interface AkIssuerRecord {
  readonly id: string;
  readonly since: number;
  /** Undefined while it issues. */
  readonly until: number | undefined;
  /** When the last certificate ends that it issued, and that is remembered. */
  readonly lastCertificateEnds: number | undefined;
}

/** Of a revocation list of the attestation CA. */
export interface AkListRecord {
  /** As it stands in the list. */
  readonly number: number;
  readonly at: number;
  /** Of what it says, before that was read. */
  readonly revision: number;
}

export interface RevokedAkCertificate {
  /** Content bytes of the serial number, lower-case hexadecimal. */
  readonly serial: string;
  readonly revokedAt: number;
  /** CRLReason. */
  readonly reason: number;
}

/** `challenge-spent`: somebody answered the challenge before. `outdated`: the basis changed; appraise again. */
export type RecordOutcome = 'recorded' | 'challenge-spent' | 'outdated';

export type GoldenState = 'proposed' | 'active' | 'retired' | 'revoked';

export interface GoldenSignatureRecord {
  readonly keyid: string | undefined;
  readonly sig: Uint8Array;
}

export interface GoldenRecord extends GoldenHead {
  readonly payload: Uint8Array;
  readonly signatures: readonly GoldenSignatureRecord[];
}

/** All of it but what is large. */
export interface GoldenHead {
  readonly id: string;
  readonly layer: string;
  readonly name: string;
  readonly state: GoldenState;
  readonly proposedAt: number;
  readonly activatedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly endReason: string | undefined;
  readonly cve: string | undefined;
  /** The actor who retired or revoked it; not known of what was ended before this was kept. */
  readonly endedBy: string | undefined;
}

/** A golden measurement somebody brings, with the signatures that were found valid. */
export interface GoldenProposal {
  readonly id: string;
  readonly layer: string;
  readonly name: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly GoldenSignatureRecord[];
  readonly at: number;
}

export interface GoldenDecision {
  readonly state: 'proposed' | 'active';
  readonly audit: AuditDraft;
}

/** Hosts that a rollout opens to, and what they have to prove before the next ones follow. */
export interface RolloutStage {
  /** Only hosts that carry all of these. */
  readonly labels?: Labels;
  /** Percent of the hosts, chosen by a hash of their ids. All of them unless told. */
  readonly share?: number;
  readonly minimumHosts: number;
  readonly minimumSeconds: number;
}

/** `running`: in force for hosts of the opened stages. `widened`: for all; its predecessors may still be needed.
 * `completed`: its predecessors are retired. `rolled-back`: for no host. */
export type RolloutState = 'running' | 'widened' | 'completed' | 'rolled-back';

export interface RolloutRecord {
  readonly name: string;
  readonly goldens: readonly string[];
  readonly predecessors: readonly string[];
  readonly stages: readonly RolloutStage[];
  readonly advance: 'operator' | 'auto';
  readonly state: RolloutState;
  /** Number of the last stage that is open, from 0. */
  readonly stage: number;
  readonly stageOpenedAt: number;
  readonly createdAt: number;
  readonly endedAt: number | undefined;
  readonly endReason: string | undefined;
}

export interface SignerRecord {
  readonly keyid: string;
  readonly name: string;
  readonly publicKeyPem: string;
  readonly layers: readonly string[] | undefined;
  readonly createdAt: number;
}

export type HostSelector = { readonly names: readonly string[] } | { readonly labels: Labels } | { readonly all: true };

export interface PolicyRecord {
  readonly id: string;
  readonly version: number;
  /** The policy as it came, without `hosts`; `parsePolicy` reads it. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly hosts: HostSelector;
  readonly createdAt: number;
}

export interface AnchorRecord {
  /** SHA-256 of the certificate, hexadecimal. */
  readonly id: string;
  readonly name: string;
  readonly scope: AnchorScope;
  readonly certificate: Uint8Array;
  /** `require`: nobody is endorsed under it without a fresh revocation list of every issuer. */
  readonly revocation: 'if-present' | 'require';
  /** Known, and not trusted yet: an operator activates it. */
  readonly staged: boolean;
  readonly createdAt: number;
  /** Set when an operator stopped trusting it; it vouches for nobody since. */
  readonly withdrawn: { readonly at: number; readonly reason: string } | undefined;
}

/** The newest revocation list of one issuer. Its signature was verified before it was stored. */
export interface RevocationListRecord {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, hexadecimal. */
  readonly id: string;
  /** The issuer's certificate. It is trusted for nothing but having signed this list. */
  readonly issuer: Uint8Array;
  readonly list: Uint8Array;
  readonly thisUpdate: number;
  /** Where the next one is fetched from; named by an operator, never by a certificate. */
  readonly url: string | undefined;
  readonly storedAt: number;
}

/** An authority between TPMs and a trust anchor. It helps a path along, and is trusted for nothing by itself. */
export interface IntermediateRecord {
  /** SHA-256 of the certificate, hexadecimal. */
  readonly id: string;
  readonly certificate: Uint8Array;
  readonly notAfter: number;
  /** Where it was fetched from; undefined when an operator gave it. */
  readonly url: string | undefined;
  readonly storedAt: number;
}

/** Where operators allow intermediates to be fetched from. */
export interface IntermediateSourceRecord {
  /** SHA-256 of the address, hexadecimal. */
  readonly id: string;
  readonly url: string;
  /** Only an authority with this key identifier is taken from there. */
  readonly keyIdHex: string | undefined;
  /** Only an authority of this name is taken from there. */
  readonly name: string | undefined;
  readonly createdAt: number;
  /** Of the last time it was asked, with the code of the failure where it failed. */
  readonly askedAt: number | undefined;
  readonly failure: string | undefined;
}

/** An authority that certificates of TPMs name, and that nobody has. Told by evidence: it chooses nothing. */
export interface MissingIntermediateRecord {
  readonly name: string;
  readonly keyIdHex: string | undefined;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** An endorsement key an operator vouches for, known before its host came. */
export interface RegisteredEkRecord {
  /** SHA-256 of the EK's SubjectPublicKeyInfo, hexadecimal. */
  readonly ekDigest: string;
  /** Serial number or inventory label: what the operator calls the machine. */
  readonly label: string;
  /** The only name this TPM may enrol under, where the operator said one. */
  readonly hostId: string | undefined;
  readonly createdAt: number;
}

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly role: Exclude<Role, 'anonymous'>;
  readonly hostId: string | undefined;
  readonly secretHash: Uint8Array;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
  /** Hosts that may still enrol with it (role joiner); undefined for any number. */
  readonly enrolmentsLeft: number | undefined;
}

export type AuditDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** An audit entry before it has its place in the chain. */
export interface AuditDraft {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly details: AuditDetails;
}

export interface AuditRecord extends AuditDraft {
  readonly sequence: number;
  readonly previousHash: Uint8Array;
  readonly hash: Uint8Array;
}

/** Which entries are looked for. */
export interface AuditFilter {
  /** What they are about; anything when undefined. */
  readonly subject: string | undefined;
  /** Who acted: as the log has it, or the name alone of a token, client or host; anybody when undefined. */
  readonly actor: string | undefined;
  /** Empty: all. */
  readonly actions: readonly string[];
  /** From then on, and before then, in milliseconds. */
  readonly since: number;
  readonly until: number;
  /** Nothing that hosts and the server did by themselves. */
  readonly byPeople: boolean;
}

/** A stretch of the log, its ends left out, and the order in which it is read. */
export interface AuditSearch {
  readonly after: number;
  readonly before: number;
  readonly order: 'oldest' | 'newest';
  readonly filter: AuditFilter;
}

/** Somebody who is told of events, by a webhook. */
export interface SubscriptionRecord {
  readonly id: string;
  readonly url: string;
  /** Empty: all kinds. */
  readonly kinds: readonly string[];
  /** Labels that a host must have. Empty: events about anything. */
  readonly labels: Labels;
  /** Several events in one request. */
  readonly batch: boolean;
  readonly format: 'cloudevents' | 'ocsf' | 'text';
  /** Requests a minute that the receiver allowed; undefined: any number. */
  readonly rate: number | undefined;
  readonly createdAt: number;
  readonly createdBy: string;
  /** Set when deliveries stopped: nobody took them for too long, or the receiver said that it is gone. */
  readonly pausedAt: number | undefined;
}

/** How far a receiver of events has come. Everything up to `cursor` was acknowledged, or is none of its business. */
export interface DeliveryRecord {
  /** Sequence of an audit entry. */
  readonly cursor: number;
  /** How often an operator had it replayed. */
  readonly replays: number;
  /** Since when nothing was acknowledged, and why the last time. */
  readonly failing: { readonly since: number; readonly failure: string } | undefined;
}

export interface Page {
  readonly after: string | undefined;
  readonly limit: number;
}

/** Lockout protection at work, or what it was last. There is no other before an operator has ended it. */
export interface LockoutRecord {
  readonly id: string;
  readonly since: number;
  readonly until: number;
  /** Hosts that had lost trust when it began, of those that there were. */
  readonly flipped: number;
  readonly fleet: number;
  /** When an operator ended it. */
  readonly endedAt?: number;
}
