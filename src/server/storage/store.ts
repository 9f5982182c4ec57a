// The storage port. Every promise resolves after the change is durable: whoever was told "done" finds it done after a power
// cut. A method that takes an audit draft writes change and audit entry in one transaction, or neither.
import type {
  AkListRecord,
  AkIssuerRecord,
  AnchorRecord,
  RevocationListRecord,
  AttestationRecord,
  AuditDraft,
  AuditRecord,
  AuditSearch,
  BindingEnd,
  BindOutcome,
  BindPreview,
  BootAnnouncement,
  BreakGlassRecord,
  ChallengeRecord,
  DeliveryRecord,
  DenyJudgement,
  DenyListRecord,
  DenyOutcome,
  Endorser,
  EvidenceRecord,
  FleetRecord,
  GoldenHead,
  GoldenRecord,
  GoldenDecision,
  GoldenProposal,
  GoldenState,
  HostBinding,
  HostRecord,
  IdentityConflict,
  IntermediateRecord,
  IntermediateSourceRecord,
  IssuedAkCertificate,
  MissingIntermediateRecord,
  Labels,
  Page,
  PendingBinding,
  PendingDecision,
  PendingEnrolment,
  PendingHost,
  PolicyRecord,
  LockoutRecord,
  QuarantineRecord,
  QueueRequest,
  RegisteredEkRecord,
  RevokedAkCertificate,
  RecordOutcome,
  RolloutRecord,
  SignerRecord,
  Standing,
  SubscriptionRecord,
  TokenRecord,
  UnreadableHost,
  VerdictRecord,
  VerdictWithCircumstances,
} from './records.ts';
import type { Soon } from '../soon.ts';
import type { StoreSize, SweepBounds, SweepRecord, SweptPage, TableSize } from './sweep-records.ts';

/** An endorsement as it was looked at, which a later binding of the host is not. */
export type JudgedEndorsement = Pick<HostRecord, 'epoch' | 'enrolledAt'> & { readonly endorser: string };

/** What a revocation list ends. */
export interface RevocationJudgement {
  /** Active hosts that somebody vouches for, by id, and how. */
  readonly judged: ReadonlyMap<string, JudgedEndorsement>;
  /** Those among them whose endorsement the list ends. */
  readonly revoked: ReadonlySet<string>;
  /** Ends the endorsements that nobody looked at, too: those hosts have to be vouched for anew. */
  readonly endUnjudged: boolean;
}

export type RevocationOutcome =
  { readonly hosts: number } | { readonly unjudged: readonly string[] } | 'older' | 'gone';

/** What a request about a host is known to need before it is read. */
export interface RequestAhead {
  readonly purpose: 'verdict' | 'challenge' | 'attestation';
  /** Of who asks. */
  readonly tokenId: string | undefined;
  readonly hostId: string;
  /** As `AttestationRecord` has it. */
  readonly keepEvidence: number;
}

export interface StoreAhead {
  /** The store for this request alone. It gives what was read ahead once: who asks again asks the database. */
  readonly store: Store;
  /** Looks at the host, and leaves the answer for `store`. */
  readonly findHost: Store['findHost'];
  /** Reads it all in one round trip, where `store` says what was so when the host attested last, by which nobody may be answered but with
   * an attestation that was recorded; that gives undefined from then on. Undefined where it is read in any case. */
  readonly again: (() => StoreAhead | undefined) | undefined;
}

/** What a change was weighed under. Where trust or labels are others when it is to be made: ServerError REQUEST_CONFLICT, and nothing is
 * changed. */
export interface Weighed {
  /** Of the fleet. Undefined: it was not weighed, or may be made whatever it does. */
  readonly revision: number | undefined;
}

export interface Store {
  /** Reads in one round trip what such a request rests on, when it asks for the first of it, or recalls it. Undefined where asking costs no way. */
  readAhead(request: RequestAhead): StoreAhead | undefined;
  /** Resolves when the store can answer. */
  ping(): Promise<void>;
  close(): Promise<void>;

  /** False when `maxPending` enrolments wait already; half of them, for one without a join token that is no operator's. Expired
   * ones are cleared first. */
  openEnrolment(
    enrolment: PendingEnrolment,
    bounds: { readonly now: number; readonly maxPending: number },
  ): Promise<boolean>;
  /** Removes the enrolment and returns it: whoever gets it has the one attempt. */
  takeEnrolment(id: string): Promise<PendingEnrolment | undefined>;
  /** Whether the binding could be made now. Decides nothing: `bindHost` asks again. */
  previewBinding(binding: PendingBinding, joinToken: string | undefined, at: number): Promise<BindPreview>;
  /**
   * Binds id, EK and AK for ever. Same id, EK and AK again is `bound` and keeps the host's verdict. After a release the same
   * id opens the next epoch with any EK that no other host ever had. The host token replaces earlier ones of the host. A
   * join token pays for each binding that is new. With `queue`, a binding that is new is made only where an operator approved
   * this very TPM, name and key; else it waits, and the queue says how. `outdated`: trust changed meanwhile, and nothing is changed.
   */
  bindHost(request: {
    readonly binding: HostBinding;
    readonly joinToken: string | undefined;
    readonly akCertificate: IssuedAkCertificate | undefined;
    readonly token: TokenRecord;
    readonly queue: QueueRequest | undefined;
    /** Under which it was judged that the TPM may be bound. */
    readonly trustRevision: number;
    readonly audit: AuditDraft;
  }): Promise<BindOutcome | 'outdated'>;
  /** What `bindHost` would say, and with `request` the binding waits from now on. `bound`: go on. */
  askApproval(question: {
    readonly binding: PendingBinding;
    readonly joinToken: string | undefined;
    readonly request: QueueRequest | undefined;
    readonly at: number;
  }): Promise<BindOutcome>;
  /** Those whose time is over are cleared first, here and wherever the queue is changed. */
  listPendingHosts(page: Page, now: number): Promise<readonly PendingHost[]>;
  findPendingHost(key: { readonly id: string } | { readonly ekDigest: Uint8Array }): Promise<PendingHost | undefined>;
  /** An approval of an identity that is not free any more is refused, and changes nothing. */
  decidePendingHost(
    id: string,
    decision: PendingDecision,
  ): Promise<'decided' | 'unknown' | Exclude<BindPreview, 'bound'>>;

  findHost(id: string): Soon<HostRecord | undefined>;
  /** Host, quarantines and verdict as of one moment: read apart they may tell of a host that never was. */
  findStanding(id: string): Soon<Standing | undefined>;
  /** `ekDigest`: the one that has this TPM alone. */
  listHosts(page: Page & { readonly ekDigest?: Uint8Array }): Promise<readonly (Standing | UnreadableHost)[]>;
  /** Remembers who vouches for the EK of a host. False when the host is not in this epoch, somebody vouches already, or trust has
   * another revision than the one under which the endorser was found. */
  setHostEndorser(
    id: string,
    found: { readonly epoch: number; readonly trustRevision: number; readonly endorser: Endorser },
    audit: AuditDraft,
  ): Promise<boolean>;
  setHostLabels(id: string, labels: Labels, audit: AuditDraft): Promise<boolean>;
  /** Ends the epoch: verdict void, certificates and tokens revoked, challenges and enrolments under way gone. False when there
   * is no host of this id whose binding can end so. */
  endBinding(id: string, end: BindingEnd): Promise<boolean>;

  /** Counts a refused claim. The audit entry is written when it is new, or was told `quietMs` ago or longer, unless `mostTold` others were
   * told since. Keeps `maximum`, which is more than those: those that were told lately, and the latest of the others. */
  recordConflict(
    conflict: Pick<IdentityConflict, 'hostId' | 'ekDigest' | 'code'>,
    options: {
      readonly quietMs: number;
      readonly mostTold: number;
      readonly maximum: number;
      readonly audit: AuditDraft;
    },
  ): Promise<void>;
  /** Those about an identity, the latest first. */
  listConflicts(): Promise<readonly IdentityConflict[]>;

  /** Holds from now on for every host that the selector selects, also for hosts that it comes to select later. Returns how
   * many it selects now; each of them has its own audit entry. */
  openQuarantine(quarantine: QuarantineRecord, change: Weighed & { readonly audit: AuditDraft }): Promise<number>;
  /** False when it was lifted or has ended already. */
  liftQuarantine(id: string, lift: { readonly reason: string; readonly audit: AuditDraft }): Promise<boolean>;
  /** Writes of those whose time is over, and of which nobody was told: `quarantine.ended`, then `host.quarantine-ended` for each host
   * that they select now. Once, whoever asks how often. Returns how many ended. */
  tellQuarantineEnds(at: number): Promise<number>;
  findQuarantine(id: string): Promise<QuarantineRecord | undefined>;
  listQuarantines(page: Page): Promise<readonly QuarantineRecord[]>;

  /** Keeps at most `maxOpen` challenges of the host, the newest, and none that expired or rode in an answer. A host that announces another boot
   * than before loses, in the same transaction, its verdict and every challenge of the boot before. */
  openChallenge(
    challenge: ChallengeRecord,
    bounds: { readonly now: number; readonly maxOpen: number; readonly boot: BootAnnouncement | undefined },
  ): Promise<void>;
  findChallenge(hostId: string, id: string): Promise<ChallengeRecord | undefined>;
  /** Removes the challenge; whether it was there. */
  spendChallenge(hostId: string, id: string): Promise<boolean>;
  /** Spends the challenge, and any that rides, and keeps verdict, evidence, boot counters, the next challenge and audit entry: all in
   * one transaction, or nothing. */
  recordAttestation(record: AttestationRecord): Promise<RecordOutcome>;
  findVerdict(hostId: string): Soon<VerdictRecord | undefined>;
  /** The verdicts that are kept of the host, the newest first. */
  listVerdicts(hostId: string): Promise<readonly VerdictRecord[]>;
  /** The latest evidence whose quote was verified, of the current epoch. */
  findEvidence(hostId: string): Promise<EvidenceRecord | undefined>;
  /** One verdict, the last unless its number is told, whatever it says, with what it rests on. */
  findCircumstances(hostId: string, sequence?: number): Promise<VerdictWithCircumstances | undefined>;
  /** Active hosts in the order of their ids, each with the evidence it stands on: for questions about the whole fleet. */
  listFleet(page: Page): Promise<readonly (FleetRecord | UnreadableHost)[]>;
  /** One of them. */
  findFleetHost(hostId: string): Promise<FleetRecord | undefined>;
  countActiveHosts(): Promise<number>;
  /** A log by its SHA-256. */
  findLog(sha256: string): Promise<Uint8Array | undefined>;
  hasLog(sha256: string): Promise<boolean>;

  /** Rises whenever a certificate of an attestation key is revoked. */
  akRevocationRevision(): Promise<number>;
  /** Revoked certificates of attestation keys of one issuer that have not long expired, in the order they were revoked. One
   * whose issuer is not known is on the list of each. */
  listRevokedAkCertificates(issuer: string, now: number): Promise<readonly RevokedAkCertificate[]>;
  /** What was the last one of this issuer, whichever server signed it. */
  findLastAkList(issuer: string): Promise<AkListRecord | undefined>;
  /** False: the last one is another than `before`, and stays. */
  replaceLastAkList(issuer: string, before: AkListRecord | undefined, next: AkListRecord): Promise<boolean>;
  /** Remembers who issues certificates of attestation keys from now on. The audit entry is written when that was another
   * before, with `from` in its details. */
  enterAkIssuer(id: string, audit: AuditDraft): Promise<void>;
  /** Everybody who ever issued, in the order of their ids. */
  listAkIssuers(): Promise<readonly AkIssuerRecord[]>;

  /** Rises with every change of goldens, signers or policies, so that what was read from them can be kept until it does. */
  trustRevision(): Soon<number>;
  /** Rises with the trust revision, and with the labels of any host: what is asked about the whole fleet holds until it does. */
  fleetRevision(): Promise<number>;
  listGoldens(page: Page): Promise<readonly GoldenRecord[]>;
  listGoldensByState(state: GoldenState): Promise<readonly GoldenRecord[]>;
  /** The same, without what is large. */
  listGoldenHeads(state: GoldenState): Promise<readonly GoldenHead[]>;
  findGolden(id: string): Promise<GoldenRecord | undefined>;
  /**
   * Creates the golden, or adds the signatures it did not have, and then asks `decide`, inside the transaction, what the
   * whole now is; `before` is without the new signatures. A golden that was ended stays as it is: `ended`.
   */
  saveGolden(
    proposal: GoldenProposal & Weighed,
    decide: (golden: GoldenRecord, before: GoldenRecord) => GoldenDecision,
  ): Promise<GoldenRecord | 'ended'>;
  /** A revocation voids, in the same transaction, every verdict that rests on the golden. Returns how many. What is retired may still be
   * revoked; `ended`: it is what it shall become already, or revoked, and nothing is changed. */
  endGolden(
    id: string,
    end: {
      readonly state: 'retired' | 'revoked';
      readonly reason: string;
      readonly cve: string | undefined;
      readonly audit: AuditDraft;
    } & Weighed,
  ): Promise<number | 'ended'>;

  /** In the order of their names, also those that were removed. */
  listDenyLists(): Promise<readonly DenyListRecord[]>;
  findDenyList(name: string): Promise<DenyListRecord | undefined>;
  /** Takes the place of the issue before it. The verdicts of hosts that it denies end in the same transaction, and the
   * certificates of those that nobody may vouch for are revoked; where hosts attested or enrolled since they were looked at,
   * nothing is changed and they are named. */
  saveDenyList(
    record: Omit<DenyListRecord, 'removed'>,
    change: DenyJudgement & Weighed & { readonly audit: AuditDraft },
  ): Promise<DenyOutcome>;
  /** Brings no verdict back. False when no list of this name is in force. */
  removeDenyList(name: string, removal: { readonly reason: string; readonly audit: AuditDraft }): Promise<boolean>;

  /** The newest first. Rows are never removed. */
  listBreakGlassIds(limit: number): Promise<readonly string[]>;
  /** Neither ended nor past its time, whether its hosts are what it says or not. */
  listOpenBreakGlass(at: number): Promise<readonly BreakGlassRecord[]>;
  /** Not ended by an operator, and nobody was told that their time is over. In the order in which it is, by what they say themselves. */
  listUntoldBreakGlass(): Promise<readonly BreakGlassRecord[]>;
  findBreakGlass(id: string): Promise<BreakGlassRecord | undefined>;
  /** Each host has its own audit entry, after that of the statement. False when it is known: what was ended never comes back. */
  saveBreakGlass(
    record: Omit<BreakGlassRecord, 'ended'>,
    change: { readonly audit: AuditDraft; readonly hosts: readonly AuditDraft[] },
  ): Promise<boolean>;
  /** False when it was ended before, or its time is over. */
  endBreakGlass(
    id: string,
    end: { readonly reason: string; readonly audit: AuditDraft; readonly hosts: readonly AuditDraft[] },
  ): Promise<boolean>;
  /** Writes that its time is over, once, whoever asks how often. False when that was written before, or an operator ended it. */
  tellBreakGlassEnd(
    id: string,
    end: { readonly audit: AuditDraft; readonly hosts: readonly AuditDraft[] },
  ): Promise<boolean>;

  /** In the order in which they were opened. */
  listRollouts(): Promise<readonly RolloutRecord[]>;
  findRollout(name: string): Promise<RolloutRecord | undefined>;
  /** `golden-taken`: another rollout of one of its golden measurements is under way. */
  openRollout(rollout: RolloutRecord, audit: AuditDraft): Promise<'opened' | 'name-taken' | 'golden-taken'>;
  /** False when the rollout is no longer where `from` says. With it are retired the subjects of `audits`, which is nothing where they have
   * ended already. */
  moveRollout(
    from: RolloutRecord,
    to: RolloutRecord,
    change: Weighed & {
      readonly audit: AuditDraft;
      readonly retired?: { readonly reason: string; readonly audits: readonly AuditDraft[] } | undefined;
    },
  ): Promise<boolean>;
  /** False when the rollout was looked at less than `interval` milliseconds ago, by whomever. */
  claimRolloutCheck(name: string, now: number, interval: number): Promise<boolean>;
  /** How many active hosts have a last verdict that rests on the golden measurement, whether it still holds or not. */
  countResting(goldenId: string): Promise<number>;

  /** Keeps the time, unless a later one is kept. */
  noteTime(at: number): Promise<void>;
  /** The latest that was kept since a start; 0 where none was. */
  latestTime(): Promise<number>;
  /** Where a time was kept that lies further ahead than the tolerance, of the server's clock and of the database's: voids the last verdicts
   * that were issued then, each with its audit entry, forgets the challenges that were drawn then, and dates right what would be waited
   * for. Undefined where none was. */
  endAhead(now: {
    readonly at: number;
    readonly toleranceMs: number;
  }): Promise<{ readonly aheadMs: number; readonly verdicts: number } | undefined>;

  /** Without those that were removed. */
  listSigners(): Promise<readonly SignerRecord[]>;
  /** `exists`: the key is a signer already; `removed`: it was one, and never is again. */
  addSigner(signer: SignerRecord, audit: AuditDraft): Promise<'added' | 'exists' | 'removed'>;
  /** Its signatures count for nothing from now on. False when the key is no signer. */
  removeSigner(keyid: string, change: Weighed & { readonly audit: AuditDraft }): Promise<boolean>;

  /** The newest version of each policy, by id. */
  listPolicies(): Promise<readonly PolicyRecord[]>;
  findPolicy(id: string): Promise<PolicyRecord | undefined>;
  /** Writes the next version and returns its number. */
  savePolicy(policy: Omit<PolicyRecord, 'version'>, change: Weighed & { readonly audit: AuditDraft }): Promise<number>;

  listAnchors(): Promise<readonly AnchorRecord[]>;
  /** False when the certificate is an anchor already. */
  addAnchor(anchor: AnchorRecord, audit: AuditDraft): Promise<boolean>;
  /** Adds the anchors that the store has not, each with its audit entry, and returns them. Those that were withdrawn stay so.
   * `older`: a bundle of this sequence number or a later one was imported, and nothing is changed. */
  importAnchorBundle(
    sequence: number,
    anchors: readonly { readonly record: AnchorRecord; readonly details: AuditDraft['details'] }[],
    audit: AuditDraft,
  ): Promise<readonly AnchorRecord[] | 'older'>;
  /**
   * Ends the trust in an anchor; in the same transaction no host is vouched for by it any more, and their verdicts are void.
   * Returns how many hosts that were; undefined when no anchor of this id is trusted.
   */
  withdrawAnchor(
    id: string,
    withdrawal: Weighed & { readonly reason: string; readonly audit: AuditDraft },
  ): Promise<number | undefined>;
  /** Trusts a staged anchor from now on. False when none of this id is staged. */
  activateAnchor(id: string, audit: AuditDraft): Promise<boolean>;
  listRevocationLists(): Promise<readonly RevocationListRecord[]>;
  /**
   * Takes the place of the issuer's list before it. In the same transaction `revoked` hosts have no endorser any more, and
   * their verdicts are void. `older`: the store has a newer one. `gone`: it has none to renew. `unjudged`: these hosts were bound or vouched for
   * meanwhile. With these nothing is changed.
   */
  saveRevocationList(
    record: RevocationListRecord,
    /** Without a judgement it revokes nothing. Who renews takes the place of a list that is fetched from there, and of no other. */
    change: {
      readonly judgement: RevocationJudgement | undefined;
      readonly renews: boolean;
      readonly audit: AuditDraft;
    },
  ): Promise<RevocationOutcome>;
  /** The issuer has none then. `other`: it has one of another date; nothing is changed. */
  removeRevocationList(
    list: Pick<RevocationListRecord, 'id' | 'thisUpdate'>,
    removal: Weighed & { readonly audit: AuditDraft },
  ): Promise<'removed' | 'other'>;

  listIntermediates(): Promise<readonly IntermediateRecord[]>;
  /** Adds those that are new and returns them. Where there would be more than `maximum`, those past their end go. `full`: that
   * would not be enough, and nothing is changed. Each of the new ones has its own audit entry, with its id as the subject. */
  addIntermediates(
    records: readonly IntermediateRecord[],
    change: { readonly maximum: number; readonly audit: AuditDraft },
  ): Promise<readonly IntermediateRecord[] | 'full'>;
  removeIntermediate(id: string, audit: AuditDraft): Promise<boolean>;
  listIntermediateSources(): Promise<readonly IntermediateSourceRecord[]>;
  /** Takes the place of the source of the same address. `full`: `maximum` others are known. */
  saveIntermediateSource(
    source: IntermediateSourceRecord,
    change: { readonly maximum: number; readonly audit: AuditDraft },
  ): Promise<'saved' | 'full'>;
  /** What came of asking a source: nothing that trust rests on. */
  noteIntermediateSource(id: string, askedAt: number, failure: string | undefined): Promise<void>;
  removeIntermediateSource(id: string, audit: AuditDraft): Promise<boolean>;
  /** The one asked for last comes first. */
  listMissingIntermediates(): Promise<readonly MissingIntermediateRecord[]>;
  /** Keeps the newest `maximum`. Not for trust: anybody who may enrol can bring it about. */
  noteMissingIntermediate(
    missing: Pick<MissingIntermediateRecord, 'name' | 'keyIdHex'>,
    bounds: { readonly at: number; readonly maximum: number },
  ): Promise<void>;

  findRegisteredEk(ekDigest: string): Promise<RegisteredEkRecord | undefined>;
  listRegisteredEks(page: Page): Promise<readonly RegisteredEkRecord[]>;
  /** `known`: it is registered already. `conflict`: the name it is to have belongs to another TPM, or it belongs to another name. */
  registerEk(ek: RegisteredEkRecord, audit: AuditDraft): Promise<'registered' | 'known' | 'conflict'>;
  /** As withdrawAnchor. */
  unregisterEk(ekDigest: string, audit: AuditDraft): Promise<number | undefined>;

  findToken(id: string): Soon<TokenRecord | undefined>;
  /** Each host has one, too. */
  listTokens(page: Page): Promise<readonly TokenRecord[]>;
  /** Those of no host, in the order in which they were made. */
  listTokensOfNoHost(): Promise<readonly TokenRecord[]>;
  addToken(token: TokenRecord, audit: AuditDraft): Promise<void>;
  /** `last-operator`: it is the only operator token that still works at `audit.at`. */
  revokeToken(id: string, audit: AuditDraft): Promise<'revoked' | 'unknown' | 'last-operator'>;

  /** An entry of its own, for what was refused. */
  appendAudit(draft: AuditDraft): Promise<void>;
  /** Fewer than `limit` where they are heavy, but one at least: none behind `after` are there where it gives none. */
  listAudit(after: number, limit: number): Promise<readonly AuditRecord[]>;
  /** Of the `limit` entries after `after`, in their order: fewer where the log has not all of them. */
  listAuditHashes(after: number, limit: number): Promise<readonly Uint8Array[]>;
  /** Entries as the filter asks for, in the order that is asked for. All of the stretch is read unless a subject is named. `isCut`: there
   * may be more behind the last, fewer than `limit` as they are, for they are heavy. */
  searchAudit(
    search: AuditSearch,
    limit: number,
  ): Promise<{ readonly entries: readonly AuditRecord[]; readonly isCut: boolean }>;
  /** Of the last entry; 0 before the first. */
  lastAuditSequence(): Promise<number>;
  /** Calls `listener` after each commit with new entries, until the returned function is called. */
  watchAudit(listener: () => void): Promise<() => void>;

  /** The last hold of lockout protection. */
  findLockout(): Promise<LockoutRecord | undefined>;
  /** False while there is one that no operator has ended. */
  beginLockout(lockout: LockoutRecord, audit: AuditDraft): Promise<boolean>;
  endLockout(id: string, audit: AuditDraft): Promise<boolean>;
  /** When a host lost trust by the operators' doing: the last time, once for each host. */
  noteFlip(hostId: string, at: number): Promise<void>;
  forgetFlip(hostId: string): Promise<void>;
  /** How many hosts lost it since then, and have not got it back. */
  countFlips(since: number): Promise<number>;

  /** The last sweep; undefined before the first. */
  findSweep(): Promise<SweepRecord | undefined>;
  saveSweep(record: SweepRecord): Promise<void>;
  /** Drops what ended before the bounds and is needed no more, of the next hosts in the order of their ids: never the last verdict of a
   * host, nor its newest verified evidence. As a rehearsal it only counts. Undefined when there are no more hosts. */
  sweepHosts(page: Page, bounds: SweepBounds, how: { readonly isRehearsal: boolean }): Promise<SweptPage | undefined>;

  /** The whole store, at no cost. */
  measure(): Promise<StoreSize>;
  /** The largest first. Over SQLite this reads the whole file: not for a server that answers meanwhile. */
  listTableSizes(): Promise<readonly TableSize[]>;
  /** When the oldest and the newest verdict of these hosts were issued. */
  findHistorySpan(
    after: string,
    through: string,
  ): Promise<{ readonly oldest: number | undefined; readonly newest: number | undefined }>;

  /** Takes a lease that nobody holds, or renews it, for so many milliseconds by the clock of the database. False: another holds it. */
  takeLease(holder: string, name: string, forMs: number): Promise<boolean>;
  /** As many of these leases as are a fair share among the servers that live; those of it that were too many are given back. Returns
   * the names of those it holds. */
  shareLeases(holder: string, names: readonly string[], forMs: number): Promise<readonly string[]>;
  /** Gives back everything, at once. */
  releaseLeases(holder: string): Promise<void>;

  /** In the order of their ids. */
  listSubscriptions(): Promise<readonly SubscriptionRecord[]>;
  findSubscription(id: string): Promise<SubscriptionRecord | undefined>;
  /** Its delivery begins after its own audit entry, or after the sequence `after`. False when there are `maximum` already. */
  addSubscription(
    subscription: SubscriptionRecord,
    start: { readonly after: number | undefined; readonly maximum: number; readonly audit: AuditDraft },
  ): Promise<boolean>;
  removeSubscription(id: string, audit: AuditDraft): Promise<boolean>;
  /** False when it is paused already, or unknown. */
  pauseSubscription(id: string, audit: AuditDraft): Promise<boolean>;
  /** Ends a pause; its delivery goes on after the sequence `after`, or where it stands. */
  replaySubscription(
    id: string,
    change: { readonly after: number | undefined; readonly audit: AuditDraft },
  ): Promise<boolean>;
  findDelivery(receiver: string): Promise<DeliveryRecord | undefined>;
  /** The delivery of a subscription, for whoever is to bring it now: undefined when it is gone or paused, or `holder` has no lease of it. */
  findErrand(receiver: string, holder: string): Promise<DeliveryRecord | undefined>;
  /** What was acknowledged ends a failure. False when the delivery no longer stands where `from` says, or was replayed since. */
  moveDelivery(receiver: string, from: Pick<DeliveryRecord, 'cursor' | 'replays'>, to: number): Promise<boolean>;
  /** Returns since when it fails. */
  noteFailure(receiver: string, failing: { readonly since: number; readonly failure: string }): Promise<number>;
}
