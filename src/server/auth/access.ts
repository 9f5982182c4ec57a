// Who may do what: one row per operation of openapi.yaml, one column per role. What is not here is refused. An operation
// without a row does not compile, and the server does not start.
import type { OperationId } from '../../api/index.ts';

/** `anonymous` is everybody, with or without credentials. */
export const roles = ['anonymous', 'joiner', 'host', 'orchestrator', 'operator', 'auditor', 'monitor'] as const;
export type Role = (typeof roles)[number];

/** `own`: only on the host that the caller itself is. */
export type Grant = 'any' | 'own';
type Row = Readonly<Partial<Record<Role, Grant>>>;

const readers = { operator: 'any', auditor: 'any' } as const;
const operators = { operator: 'any' } as const;
const everybody = { anonymous: 'any' } as const;

export const access = {
  // With `enrolment.mode: open` also anonymous; see `isAllowed`.
  createEnrollment: { joiner: 'any', operator: 'any' },
  // The enrolment's id and the sealed secret are the credentials.
  activateEnrollment: everybody,
  createChallenge: { host: 'own' },
  createAttestation: { host: 'own' },
  getVerdict: { host: 'own', orchestrator: 'any', ...readers },
  createAdmissionDecision: { orchestrator: 'any', operator: 'any' },
  createAdmissionBatch: { orchestrator: 'any', operator: 'any' },
  reviewKubernetesAdmission: { orchestrator: 'any' },
  filterKubernetesNodes: { orchestrator: 'any' },
  prioritizeKubernetesNodes: { orchestrator: 'any' },
  listHosts: { orchestrator: 'any', ...readers },
  listOutliers: readers,
  getNextAttestations: readers,
  getHost: { host: 'own', orchestrator: 'any', ...readers },
  setHostLabels: operators,
  releaseHost: operators,
  replaceTpm: operators,
  retireHost: operators,
  listIdentityConflicts: readers,
  listPendingHosts: readers,
  tryApprovalRules: readers,
  approvePendingHost: operators,
  rejectPendingHost: operators,
  listQuarantines: { orchestrator: 'any', ...readers },
  createQuarantine: operators,
  previewQuarantine: readers,
  liftQuarantine: operators,
  getLockout: { orchestrator: 'any', ...readers },
  endLockout: operators,
  listBreakGlass: { orchestrator: 'any', ...readers },
  getBreakGlass: { orchestrator: 'any', ...readers },
  submitBreakGlass: operators,
  endBreakGlass: operators,
  listDenyLists: readers,
  getDenyList: readers,
  importDenyList: operators,
  removeDenyList: operators,
  findDeniedHosts: readers,
  getEvidence: readers,
  exportHost: readers,
  explainHost: readers,
  createCapture: operators,
  listGoldenMeasurements: readers,
  getGoldenMeasurement: readers,
  proposeGoldenMeasurement: operators,
  signGoldenMeasurement: operators,
  retireGoldenMeasurement: operators,
  revokeGoldenMeasurement: operators,
  listRollouts: readers,
  getRollout: readers,
  startRollout: operators,
  advanceRollout: operators,
  pauseRollout: operators,
  resumeRollout: operators,
  rollBackRollout: operators,
  askWhatIf: readers,
  listSigners: readers,
  createSigner: operators,
  removeSigner: operators,
  listPolicies: readers,
  getPolicy: readers,
  putPolicy: operators,
  listTrustAnchors: readers,
  createTrustAnchor: operators,
  importTrustAnchorBundle: operators,
  activateTrustAnchor: operators,
  withdrawTrustAnchor: operators,
  listRevocationLists: readers,
  importRevocationLists: operators,
  removeRevocationList: operators,
  previewRevocationLists: readers,
  listIntermediates: readers,
  importIntermediates: operators,
  removeIntermediate: operators,
  allowIntermediateSource: operators,
  forgetIntermediateSource: operators,
  listRegisteredEks: readers,
  registerEk: operators,
  unregisterEk: operators,
  listTokens: readers,
  createToken: operators,
  revokeToken: operators,
  listAudit: readers,
  // How many entries there are, and a hash: a witness need not be shown what they say.
  getAuditCheckpoint: { monitor: 'any', ...readers },
  listSigningKeys: readers,
  createSigningKey: operators,
  // Orchestrators hear of hosts and verdicts only.
  listEvents: { orchestrator: 'any', ...readers },
  listSubscriptions: readers,
  getSubscription: readers,
  createSubscription: operators,
  removeSubscription: operators,
  testSubscription: operators,
  replaySubscription: operators,
  getJwks: everybody,
  getCoseKeys: everybody,
  getAttestationCaCertificate: everybody,
  getAttestationCaChain: everybody,
  getAttestationCaCrl: everybody,
  listAttestationAuthorities: everybody,
  getAttestationAuthorityCrl: everybody,
  // Figures about the whole fleet, and nothing about any one host.
  getMetrics: { monitor: 'any', ...readers },
  getHealth: everybody,
  getReadiness: everybody,
} as const satisfies Record<OperationId, Row>;

/** The caller, as its credentials prove it. */
export interface Principal {
  readonly role: Role;
  /** For audit and log: `token tok_...`, `client NAME`, `anonymous`. */
  readonly actor: string;
  /** The host that the caller is, for role host. */
  readonly hostId: string | undefined;
  /** The token that proved it, where one did. */
  readonly tokenId?: string;
  /** For role host: SHA-256 of the body that its TPM signed for. */
  readonly bodyDigest?: Uint8Array;
}

export const anonymous: Principal = { role: 'anonymous', actor: 'anonymous', hostId: undefined };

export interface AccessQuestion {
  readonly operation: OperationId;
  /** The `hostId` of the path, where the operation has one. */
  readonly hostId: string | undefined;
  readonly openEnrolment: boolean;
}

export function isAllowed(principal: Principal, { operation, hostId, openEnrolment }: AccessQuestion): boolean {
  const row: Row = access[operation];
  if (row.anonymous === 'any') return true;
  if (operation === 'createEnrollment' && openEnrolment) return true;
  const grant = row[principal.role];
  if (grant === 'any') return true;
  return grant === 'own' && principal.hostId !== undefined && principal.hostId === hostId;
}
