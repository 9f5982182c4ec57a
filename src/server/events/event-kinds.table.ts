// What outsiders are told of: every action of the audit log, with the fields of its details. docs/events.md lists them. A new
// action needs a row here; a test holds that. A kind keeps its name and its fields for ever; it may get more fields.

/** `time` is RFC 3339 in UTC, `json` a text that holds JSON. A field may also be null, or missing in old entries. */
type FieldType = 'text' | 'texts' | 'number' | 'flag' | 'time' | 'json';

export interface EventKindRow {
  readonly title: string;
  /** `fleet`: orchestrators may hear it too. */
  readonly audience: 'fleet' | 'operators';
  /** What `subject` names. Label filters select events about hosts only. */
  readonly about:
    | 'host'
    | 'golden'
    | 'rollout'
    | 'quarantine'
    | 'policy'
    | 'deny-list'
    | 'signer'
    | 'endorser'
    | 'token'
    | 'signing-key'
    | 'attestation-ca'
    | 'lockout'
    | 'break-glass'
    | 'subscription';
  /** What happened to it, for those who count changes. */
  readonly change: 'created' | 'changed' | 'ended';
  readonly level: 'info' | 'notice' | 'warning' | 'alert';
  readonly fields: Readonly<Record<string, FieldType>>;
}

const fleet = { audience: 'fleet', about: 'host' } as const;
const operators = { audience: 'operators' } as const;
const created = { change: 'created', level: 'info' } as const;
const changed = { change: 'changed', level: 'info' } as const;
const ended = { change: 'ended', level: 'notice' } as const;
/** Protected hosts were lost knowingly: docs/lockout.md. */
const inclusion = { includeProtected: 'flag', protectedHosts: 'texts' } as const;

export const eventKinds = {
  'verdict.changed': {
    ...fleet,
    ...changed,
    title: 'a host has a new verdict',
    fields: {
      status: 'text',
      before: 'text',
      expiresAt: 'time',
      findings: 'texts',
      policy: 'text',
      boot: 'text',
      evidence: 'text',
      heldUntil: 'time',
      breakGlass: 'text',
      breakGlassUntil: 'time',
    },
  },
  'verdict.voided': {
    ...fleet,
    ...ended,
    title: 'a verdict was ended before its time',
    fields: {
      code: 'text',
      golden: 'text',
      endorser: 'text',
      revocationList: 'text',
      denyList: 'text',
      version: 'number',
    },
  },
  'host.enrolled': {
    ...fleet,
    ...created,
    title: 'a host enrolled',
    fields: { ek: 'text', ak: 'text', endorser: 'text', akCertificate: 'text' },
  },
  'host.endorsed': {
    ...fleet,
    ...changed,
    title: 'somebody vouches for a host',
    fields: { endorser: 'text', name: 'text' },
  },
  'host.labelled': {
    ...fleet,
    ...changed,
    title: 'a host has other labels',
    fields: { labels: 'json', before: 'json' },
  },
  'host.quarantined': {
    ...fleet,
    change: 'changed',
    level: 'warning',
    title: 'a host was set aside',
    fields: { quarantine: 'text', reason: 'text', until: 'time' },
  },
  'host.quarantine-lifted': {
    ...fleet,
    ...changed,
    title: 'a quarantine of a host was lifted',
    fields: { quarantine: 'text', reason: 'text' },
  },
  'host.quarantine-ended': {
    ...fleet,
    ...changed,
    title: 'the time of a quarantine of a host is over',
    fields: { quarantine: 'text', reason: 'text', until: 'time' },
  },
  'host.break-glass-begun': {
    ...fleet,
    change: 'changed',
    level: 'alert',
    title: 'operators admit a host that no golden measurement accepts',
    fields: { breakGlass: 'text', until: 'time', reason: 'text', ticket: 'text', signers: 'texts' },
  },
  'host.break-glass-ended': {
    ...fleet,
    ...changed,
    title: 'a break-glass statement about a host was ended',
    fields: { breakGlass: 'text', reason: 'text' },
  },
  'host.break-glass-expired': {
    ...fleet,
    ...changed,
    title: 'the time of a break-glass statement about a host is over',
    fields: { breakGlass: 'text', until: 'time', reason: 'text', ticket: 'text' },
  },
  'host.released': {
    ...fleet,
    ...ended,
    title: 'a host was released, and its verdict ended',
    fields: { reason: 'text', ek: 'text' },
  },
  'host.tpm-replaced': {
    ...fleet,
    ...ended,
    title: 'a host is to come back with another TPM, and its verdict ended',
    fields: { reason: 'text', ek: 'text', until: 'time' },
  },
  'host.retired': {
    ...fleet,
    ...ended,
    title: 'a host was retired for good, and its verdict ended',
    fields: { reason: 'text', ek: 'text' },
  },
  'host.pending': {
    ...fleet,
    ...changed,
    title: 'a host waits for approval',
    fields: { ek: 'text', ak: 'text', endorser: 'text' },
  },
  'host.approved': {
    ...fleet,
    ...changed,
    title: 'a host that waited may enrol',
    fields: { id: 'text', ek: 'text', ak: 'text', reason: 'text' },
  },
  'host.rejected': {
    ...fleet,
    ...ended,
    title: 'a host that waited may not enrol',
    fields: { id: 'text', ek: 'text', ak: 'text', reason: 'text' },
  },
  'host.pending-expired': {
    ...fleet,
    ...ended,
    title: 'nobody decided in time about a host that waited, or it did not come back',
    fields: { state: 'text', ek: 'text' },
  },
  'identity.conflict': {
    ...fleet,
    change: 'changed',
    level: 'alert',
    title: 'somebody asked for an identity that is taken',
    fields: { code: 'text', ek: 'text', ak: 'text', count: 'number' },
  },
  'enrolment.refused': {
    ...fleet,
    change: 'changed',
    level: 'warning',
    title: 'an enrolment was refused',
    fields: { code: 'text', ek: 'text', ak: 'text', count: 'number' },
  },
  'quarantine.opened': {
    ...operators,
    ...created,
    about: 'quarantine',
    title: 'a quarantine began',
    fields: { hosts: 'json', reason: 'text', until: 'time', ...inclusion },
  },
  'quarantine.lifted': {
    ...operators,
    ...ended,
    about: 'quarantine',
    title: 'a quarantine was lifted',
    fields: { reason: 'text' },
  },
  'quarantine.ended': {
    ...operators,
    ...ended,
    about: 'quarantine',
    title: 'the time of a quarantine is over',
    fields: { reason: 'text', until: 'time' },
  },
  'lockout.held': {
    audience: 'fleet',
    about: 'lockout',
    change: 'created',
    level: 'alert',
    title: 'too many hosts lost trust at once: what was believed of them last is held',
    fields: { until: 'time', flipped: 'number', fleet: 'number' },
  },
  'lockout.ended': {
    audience: 'fleet',
    about: 'lockout',
    change: 'ended',
    level: 'warning',
    title: 'an operator ended what lockout protection held',
    fields: { reason: 'text' },
  },
  'break-glass.begun': {
    ...operators,
    about: 'break-glass',
    change: 'created',
    level: 'alert',
    title: 'a quorum of operators admits hosts that no golden measurement accepts',
    fields: {
      until: 'time',
      reason: 'text',
      ticket: 'text',
      signers: 'texts',
      status: 'text',
      excuses: 'texts',
      hosts: 'number',
    },
  },
  'break-glass.ended': {
    ...operators,
    about: 'break-glass',
    change: 'ended',
    level: 'warning',
    title: 'an operator ended a break-glass statement',
    fields: { reason: 'text' },
  },
  'break-glass.expired': {
    ...operators,
    ...ended,
    about: 'break-glass',
    title: 'the time of a break-glass statement is over',
    fields: { until: 'time', reason: 'text', ticket: 'text' },
  },
  'deny-list.imported': {
    ...operators,
    ...changed,
    about: 'deny-list',
    title: 'an issue of a deny list came into force',
    fields: { version: 'number', digest: 'text', entries: 'number', signers: 'texts', hosts: 'number', ...inclusion },
  },
  'deny-list.removed': {
    ...operators,
    ...ended,
    about: 'deny-list',
    title: 'a deny list was removed',
    fields: { version: 'number', reason: 'text' },
  },
  'golden.signed': {
    ...operators,
    ...changed,
    about: 'golden',
    title: 'a golden measurement was signed',
    fields: { layer: 'text', signers: 'texts', quorum: 'number', acceptsRevoked: 'texts' },
  },
  'golden.activated': {
    ...operators,
    ...created,
    about: 'golden',
    title: 'a golden measurement is in force, or in force again',
    fields: { layer: 'text', signers: 'texts', quorum: 'number', acceptsRevoked: 'texts' },
  },
  'golden.retired': {
    ...operators,
    ...ended,
    about: 'golden',
    title: 'a golden measurement was retired',
    fields: { layer: 'text', reason: 'text', cve: 'text', ...inclusion },
  },
  'golden.revoked': {
    ...operators,
    change: 'ended',
    level: 'warning',
    about: 'golden',
    title: 'a golden measurement was revoked',
    fields: { layer: 'text', reason: 'text', cve: 'text', ...inclusion },
  },
  'rollout.started': {
    ...operators,
    ...created,
    about: 'rollout',
    title: 'a rollout began',
    fields: { goldens: 'texts', predecessors: 'texts', stages: 'json', advance: 'text' },
  },
  'rollout.advanced': {
    ...operators,
    ...changed,
    about: 'rollout',
    title: 'a rollout opened its next stage',
    fields: { stage: 'number', proved: 'number', hosts: 'number' },
  },
  'rollout.widened': {
    ...operators,
    ...changed,
    about: 'rollout',
    title: 'a rollout opened to all hosts',
    fields: { stage: 'number', proved: 'number', hosts: 'number' },
  },
  'rollout.paused': {
    ...operators,
    ...changed,
    about: 'rollout',
    title: 'a rollout takes no step by itself any more',
    fields: { reason: 'text' },
  },
  'rollout.resumed': {
    ...operators,
    ...changed,
    about: 'rollout',
    title: 'a rollout takes its steps by itself',
    fields: { reason: 'text' },
  },
  'rollout.completed': {
    ...operators,
    ...ended,
    about: 'rollout',
    title: 'a rollout is complete',
    fields: { retired: 'texts' },
  },
  'rollout.rolled-back': {
    ...operators,
    change: 'ended',
    level: 'warning',
    about: 'rollout',
    title: 'a rollout was rolled back',
    fields: { reason: 'text', goldens: 'texts' },
  },
  'policy.written': {
    ...operators,
    ...changed,
    about: 'policy',
    title: 'a policy has a new version',
    fields: { version: 'number', layers: 'texts', bank: 'text', document: 'json', ...inclusion },
  },
  'signer.added': {
    ...operators,
    ...created,
    about: 'signer',
    title: 'a signer was authorised',
    fields: { keyid: 'text', layers: 'texts' },
  },
  'signer.removed': {
    ...operators,
    change: 'ended',
    level: 'warning',
    about: 'signer',
    title: 'a signer’s key was taken away',
    fields: { keyid: 'text', reason: 'text', lapsed: 'texts', ...inclusion },
  },
  'trust-anchor.added': {
    ...operators,
    ...created,
    about: 'endorser',
    title: 'a trust anchor is trusted',
    fields: {
      certificate: 'text',
      scope: 'text',
      subject: 'text',
      revocation: 'text',
      staged: 'flag',
      bundle: 'number',
      source: 'text',
      takenAt: 'time',
    },
  },
  'trust-anchor.staged': {
    ...operators,
    ...created,
    about: 'endorser',
    title: 'a trust anchor is known, and not trusted yet',
    fields: {
      certificate: 'text',
      scope: 'text',
      subject: 'text',
      revocation: 'text',
      bundle: 'number',
      source: 'text',
      takenAt: 'time',
    },
  },
  'trust-anchor-bundle.imported': {
    ...operators,
    ...changed,
    about: 'endorser',
    title: 'a bundle of trust anchors was imported, with the signatures of operators',
    fields: { madeAt: 'time', signers: 'texts', anchors: 'number', staged: 'flag' },
  },
  'trust-anchor.withdrawn': {
    ...operators,
    change: 'ended',
    level: 'warning',
    about: 'endorser',
    title: 'a trust anchor was withdrawn',
    fields: { reason: 'text', hosts: 'number', ...inclusion },
  },
  'ek.registered': {
    ...operators,
    ...created,
    about: 'endorser',
    title: 'an EK was registered',
    fields: { label: 'text', host: 'text' },
  },
  'ek.unregistered': {
    ...operators,
    ...ended,
    about: 'endorser',
    title: 'an EK is registered no more',
    fields: { hosts: 'number' },
  },
  'revocation-list.imported': {
    ...operators,
    ...changed,
    about: 'endorser',
    title: 'a revocation list was imported',
    fields: { issuer: 'text', thisUpdate: 'time', entries: 'number', hosts: 'number' },
  },
  'revocation-list.removed': {
    ...operators,
    ...ended,
    level: 'warning',
    about: 'endorser',
    title: 'a revocation list was removed: what it revokes is believed again',
    fields: { issuer: 'text', thisUpdate: 'time', entries: 'number', reason: 'text', ...inclusion },
  },
  'intermediate.added': {
    ...operators,
    ...created,
    about: 'endorser',
    title: 'a certificate between trust anchors and TPMs was added',
    fields: { url: 'text' },
  },
  'intermediate.removed': {
    ...operators,
    ...ended,
    about: 'endorser',
    title: 'a certificate between trust anchors and TPMs was removed',
    fields: {},
  },
  'intermediate-source.allowed': {
    ...operators,
    ...created,
    about: 'endorser',
    title: 'certificates may be fetched from an address',
    fields: { url: 'text', keyId: 'text', name: 'text' },
  },
  'intermediate-source.forgotten': {
    ...operators,
    ...ended,
    about: 'endorser',
    title: 'certificates are fetched from an address no more',
    fields: {},
  },
  'attestation-ca.rotated': {
    ...operators,
    change: 'changed',
    level: 'notice',
    about: 'attestation-ca',
    title: 'another key certifies attestation keys from now on',
    fields: { certificate: 'text', notAfter: 'time', from: 'text' },
  },
  'signing-key.created': {
    ...operators,
    ...created,
    about: 'signing-key',
    title: 'there is a key to sign verdicts and events with',
    fields: { alg: 'text', signsFrom: 'time', withdrawOthers: 'flag', reason: 'text' },
  },
  'token.created': {
    ...operators,
    ...created,
    about: 'token',
    title: 'an access token was made',
    fields: { name: 'text', role: 'text', expiresInSeconds: 'number', enrolments: 'number' },
  },
  'token.revoked': { ...operators, ...ended, about: 'token', title: 'an access token was revoked', fields: {} },
  'subscription.added': {
    ...operators,
    ...created,
    about: 'subscription',
    title: 'a receiver of events was added',
    fields: { url: 'text', kinds: 'texts', labels: 'json', format: 'text' },
  },
  'subscription.removed': {
    ...operators,
    ...ended,
    about: 'subscription',
    title: 'a receiver of events was removed',
    fields: { url: 'text' },
  },
  'subscription.paused': {
    ...operators,
    change: 'changed',
    level: 'warning',
    about: 'subscription',
    title: 'deliveries to a receiver have stopped',
    fields: { url: 'text', failure: 'text', cursor: 'number' },
  },
  'subscription.replayed': {
    ...operators,
    ...changed,
    about: 'subscription',
    title: 'deliveries to a receiver go on from a cursor',
    fields: { url: 'text', cursor: 'number' },
  },
  'subscription.tested': {
    ...operators,
    ...changed,
    about: 'subscription',
    title: 'a receiver was sent a test',
    fields: { url: 'text', failure: 'text' },
  },
} as const satisfies Readonly<Record<string, EventKindRow>>;

export type EventKind = keyof typeof eventKinds;
