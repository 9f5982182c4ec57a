// The schema, step by step. A step that was released is never changed: another one follows it.
// Tables that a request of a host touches lead with the host's id; logs are stored once, by their SHA-256.

export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  INSERT INTO meta VALUES ('trust_revision', '1');

  CREATE TABLE hosts (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('active', 'released')),
    epoch INTEGER NOT NULL,
    labels TEXT NOT NULL,
    ek_digest BLOB NOT NULL,
    ek_public BLOB NOT NULL,
    ek_certificate BLOB,
    ek_chain TEXT NOT NULL,
    endorser_id TEXT,
    endorser TEXT,
    ak_name BLOB NOT NULL,
    ak_public BLOB NOT NULL,
    ak_certificate BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    verdict_sequence INTEGER NOT NULL,
    boot TEXT
  ) STRICT;
  CREATE INDEX hosts_by_endorser ON hosts (endorser_id) WHERE endorser_id IS NOT NULL;

  -- One endorsement key is one host for ever: a row here is never changed or removed.
  CREATE TABLE endorsement_keys (ek_digest BLOB PRIMARY KEY, host_id TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE enrolments (
    id TEXT PRIMARY KEY,
    secret_hash BLOB NOT NULL,
    host_id TEXT NOT NULL,
    ek_digest BLOB NOT NULL,
    ek_public BLOB NOT NULL,
    ek_certificate BLOB,
    ek_chain TEXT NOT NULL,
    endorser_id TEXT,
    endorser TEXT,
    ak_name BLOB NOT NULL,
    ak_public BLOB NOT NULL,
    join_token TEXT,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX enrolments_by_expiry ON enrolments (expires_at);

  CREATE TABLE challenges (
    host_id TEXT NOT NULL,
    id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    held_event_log TEXT,
    held_ima_log TEXT,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (host_id, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE verdicts (
    host_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    document TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    voided_at INTEGER,
    void_code TEXT,
    void_message TEXT,
    PRIMARY KEY (host_id, sequence)
  ) STRICT, WITHOUT ROWID;

  -- Which golden measurements the current verdict of a host rests on.
  CREATE TABLE verdict_goldens (
    golden_id TEXT NOT NULL,
    host_id TEXT NOT NULL,
    PRIMARY KEY (golden_id, host_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX verdict_goldens_by_host ON verdict_goldens (host_id);

  CREATE TABLE evidence (
    host_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    quote_verified INTEGER NOT NULL,
    attest BLOB NOT NULL,
    signature BLOB NOT NULL,
    pcrs TEXT NOT NULL,
    event_log TEXT,
    ima_log TEXT,
    userspace_log TEXT,
    ak_public BLOB NOT NULL,
    qualifying_data BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (host_id, sequence)
  ) STRICT;

  CREATE TABLE logs (sha256 TEXT PRIMARY KEY, uses INTEGER NOT NULL, deflated BLOB NOT NULL) STRICT;

  CREATE TABLE goldens (
    id TEXT PRIMARY KEY,
    layer TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'active', 'retired', 'revoked')),
    payload BLOB NOT NULL,
    proposed_at INTEGER NOT NULL,
    activated_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT,
    cve TEXT
  ) STRICT;
  CREATE INDEX goldens_by_state ON goldens (state, id);

  CREATE TABLE golden_signatures (
    golden_id TEXT NOT NULL,
    sig BLOB NOT NULL,
    keyid TEXT,
    PRIMARY KEY (golden_id, sig)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE signers (
    keyid TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    public_key_pem TEXT NOT NULL,
    layers TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE policies (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    hosts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id, version)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE anchors (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    certificate BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    withdraw_reason TEXT
  ) STRICT;

  CREATE TABLE registered_eks (
    ek_digest TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    host_id TEXT UNIQUE,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    host_id TEXT,
    secret_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    enrolments_left INTEGER
  ) STRICT;
  CREATE INDEX tokens_by_host ON tokens (host_id) WHERE host_id IS NOT NULL;

  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details TEXT NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
  CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
  `,
  `
  ALTER TABLE hosts ADD COLUMN boot_id TEXT;
  ALTER TABLE hosts ADD COLUMN due_at INTEGER;
  `,
  'ALTER TABLE challenges ADD COLUMN held_userspace_log TEXT',
  `
  ALTER TABLE anchors ADD COLUMN revocation TEXT NOT NULL DEFAULT 'if-present';
  ALTER TABLE anchors ADD COLUMN staged INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE revocation_lists (
    id TEXT PRIMARY KEY,
    issuer BLOB NOT NULL,
    list BLOB NOT NULL,
    this_update INTEGER NOT NULL,
    url TEXT,
    stored_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE ak_certificates (
    serial TEXT PRIMARY KEY,
    host_id TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    revoked_at INTEGER,
    reason INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ak_certificates_by_host ON ak_certificates (host_id);
  CREATE INDEX ak_certificates_by_end ON ak_certificates (not_after);
  `,
  `
  CREATE TABLE rollouts (
    name TEXT PRIMARY KEY,
    goldens TEXT NOT NULL,
    predecessors TEXT NOT NULL,
    stages TEXT NOT NULL,
    advance TEXT NOT NULL CHECK (advance IN ('operator', 'auto')),
    state TEXT NOT NULL CHECK (state IN ('running', 'widened', 'completed', 'rolled-back')),
    stage INTEGER NOT NULL,
    stage_opened_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT,
    checked_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE quarantines (
    id TEXT PRIMARY KEY,
    hosts TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    until INTEGER,
    lifted_at INTEGER,
    lifted_by TEXT,
    lift_reason TEXT
  ) STRICT;
  CREATE INDEX quarantines_not_lifted ON quarantines (id) WHERE lifted_at IS NULL;
  `,
  `
  CREATE TABLE intermediates (
    id TEXT PRIMARY KEY,
    certificate BLOB NOT NULL,
    not_after INTEGER NOT NULL,
    url TEXT,
    stored_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE intermediate_sources (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    key_id TEXT,
    name TEXT,
    created_at INTEGER NOT NULL,
    asked_at INTEGER,
    failure TEXT
  ) STRICT;
  CREATE TABLE missing_intermediates (
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (name, key_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE enrolments ADD COLUMN by_operator INTEGER NOT NULL DEFAULT 0;
  -- One TPM waits once, whatever names it asks for.
  CREATE TABLE pending_hosts (
    id TEXT PRIMARY KEY,
    ek_digest BLOB NOT NULL UNIQUE,
    host_id TEXT NOT NULL,
    ek_certificate BLOB,
    endorser_id TEXT,
    endorser TEXT,
    ak_name BLOB NOT NULL,
    join_token TEXT,
    asked_at INTEGER NOT NULL,
    last_asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected')),
    decided_at INTEGER,
    decided_by TEXT,
    reason TEXT
  ) STRICT;
  CREATE INDEX pending_hosts_by_end ON pending_hosts (expires_at);
  CREATE INDEX pending_hosts_by_name ON pending_hosts (host_id);
  `,
  `
  ALTER TABLE hosts ADD COLUMN platform_certificates TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE enrolments ADD COLUMN platform_certificates TEXT NOT NULL DEFAULT '[]';
  `,
  `
  ALTER TABLE endorsement_keys ADD COLUMN retired_at INTEGER;
  ALTER TABLE hosts ADD COLUMN ending TEXT CHECK (ending IN ('replacing', 'retired'));
  ALTER TABLE hosts ADD COLUMN replace_until INTEGER;
  CREATE TABLE identity_conflicts (
    host_id TEXT NOT NULL,
    ek_digest BLOB NOT NULL,
    code TEXT NOT NULL,
    actor TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (host_id, ek_digest, code)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    labels TEXT NOT NULL,
    batch INTEGER NOT NULL,
    rate INTEGER,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    paused_at INTEGER
  ) STRICT;

  -- How far each receiver of events has come in the audit log: subscriptions, and receivers of the configuration.
  CREATE TABLE deliveries (
    receiver TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL,
    failing_since INTEGER,
    failure TEXT
  ) STRICT;
  `,
  `
  ALTER TABLE ak_certificates ADD COLUMN issuer TEXT;
  CREATE TABLE ak_issuers (
    id TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    until INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ak_certificates_by_issuer ON ak_certificates (issuer, not_after);
  `,
  `
  ALTER TABLE hosts ADD COLUMN device_identity TEXT;
  ALTER TABLE enrolments ADD COLUMN device_identity TEXT;
  `,
  `
  CREATE TABLE deny_lists (
    name TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    envelope BLOB NOT NULL,
    stored_at INTEGER NOT NULL,
    stored_by TEXT NOT NULL,
    removed_at INTEGER,
    removed_by TEXT,
    remove_reason TEXT
  ) STRICT;
  `,
  `
  ALTER TABLE subscriptions ADD COLUMN format TEXT NOT NULL DEFAULT 'cloudevents';
  `,
  `
  -- What a verdict rests on beside its evidence; archives of it are kept as logs are. Verdicts of before have no row here.
  CREATE TABLE verdict_grounds (
    host_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    attestation TEXT NOT NULL,
    host TEXT NOT NULL,
    trust TEXT NOT NULL,
    PRIMARY KEY (host_id, sequence)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Rows of a host lead with it, so that a database that is spread over many machines has them on one.
  ALTER TABLE verdict_goldens RENAME TO verdict_goldens_before;
  CREATE TABLE verdict_goldens (
    golden_id TEXT NOT NULL,
    host_id TEXT NOT NULL,
    PRIMARY KEY (host_id, golden_id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO verdict_goldens SELECT golden_id, host_id FROM verdict_goldens_before;
  DROP TABLE verdict_goldens_before;
  CREATE INDEX verdict_goldens_by_golden ON verdict_goldens (golden_id, host_id);

  ALTER TABLE ak_certificates RENAME TO ak_certificates_before;
  CREATE TABLE ak_certificates (
    serial TEXT NOT NULL,
    host_id TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    revoked_at INTEGER,
    reason INTEGER,
    issuer TEXT,
    PRIMARY KEY (host_id, serial)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO ak_certificates SELECT serial, host_id, not_after, revoked_at, reason, issuer FROM ak_certificates_before;
  DROP TABLE ak_certificates_before;
  CREATE INDEX ak_certificates_by_end ON ak_certificates (not_after);
  CREATE INDEX ak_certificates_by_issuer ON ak_certificates (issuer, not_after);
  `,
  `
  -- Who retired or revoked it. Those of before have it in the audit log alone.
  ALTER TABLE goldens ADD COLUMN ended_by TEXT;
  `,
  `
  -- Which of the servers that share the store does what, until when.
  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE break_glass (
    id TEXT PRIMARY KEY,
    envelope BLOB NOT NULL,
    until INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    stored_by TEXT NOT NULL,
    ended_at INTEGER,
    ended_by TEXT,
    end_reason TEXT
  ) STRICT;
  `,
  `
  -- When it was told that its time is over. What was over before this was kept is told to nobody.
  ALTER TABLE quarantines ADD COLUMN end_told_at INTEGER;
  UPDATE quarantines SET end_told_at = until WHERE until <= (SELECT max(at) FROM audit);
  `,
  `
  -- When a host lost trust by the operators' doing: what lockout protection counts, on whichever server it happens.
  CREATE TABLE lockout_flips (host_id TEXT PRIMARY KEY, lost_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX lockout_flips_by_time ON lockout_flips (lost_at);
  `,
  `
  -- When each was drawn (not known of those of before), and whether it came with the answer to an attestation.
  ALTER TABLE challenges ADD COLUMN drawn_at INTEGER;
  ALTER TABLE challenges ADD COLUMN rides INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE INDEX audit_by_subject ON audit (subject, sequence);
  `,
  `
  -- How often it was set back or on by an operator: what was under way before acknowledges nothing after.
  ALTER TABLE deliveries ADD COLUMN replays INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Rises with the labels of any host; what one attestation rests on does not.
  INSERT INTO meta VALUES ('label_revision', '1');
  `,
  `
  -- One row is one attestation: its verdict, the evidence behind it, and what both rest on. Not laid out by its key: SQLite keeps a
  -- quarter of a page of such a row, and a page by itself for what is left.
  CREATE TABLE attestations (
    host_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    document TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    voided_at INTEGER,
    void_code TEXT,
    void_message TEXT,
    quote_verified INTEGER NOT NULL,
    attest BLOB NOT NULL,
    signature BLOB NOT NULL,
    pcrs TEXT NOT NULL,
    event_log TEXT,
    ima_log TEXT,
    userspace_log TEXT,
    ak_public BLOB NOT NULL,
    qualifying_data BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    grounds TEXT,
    grounds_host TEXT,
    grounds_trust TEXT,
    PRIMARY KEY (host_id, sequence)
  ) STRICT;
  INSERT INTO attestations
    SELECT verdicts.host_id, verdicts.sequence, verdicts.epoch, document, issued_at, expires_at, voided_at, void_code, void_message,
      quote_verified, attest, signature, pcrs, event_log, ima_log, userspace_log, ak_public, qualifying_data, received_at,
      attestation, host, trust
    FROM verdicts JOIN evidence ON evidence.host_id = verdicts.host_id AND evidence.sequence = verdicts.sequence
    LEFT JOIN verdict_grounds ON verdict_grounds.host_id = verdicts.host_id AND verdict_grounds.sequence = verdicts.sequence;
  -- Evidence of verdicts that were damaged, and dropped when their host was released, goes with its use of logs.
  UPDATE logs SET uses = logs.uses - dropped.times FROM (
    SELECT name, count(*) AS times FROM (
      SELECT host_id, sequence, event_log AS name FROM evidence
      UNION ALL SELECT host_id, sequence, ima_log FROM evidence
      UNION ALL SELECT host_id, sequence, userspace_log FROM evidence
      UNION ALL SELECT host_id, sequence, host FROM verdict_grounds
      UNION ALL SELECT host_id, sequence, trust FROM verdict_grounds
    ) AS used
    WHERE NOT EXISTS (
      SELECT 1 FROM verdicts WHERE verdicts.host_id = used.host_id AND verdicts.sequence = used.sequence
    ) GROUP BY name
  ) AS dropped WHERE sha256 = dropped.name;
  DELETE FROM logs WHERE uses <= 0;
  DROP TABLE verdict_grounds;
  DROP TABLE evidence;
  DROP TABLE verdicts;
  `,
  `
  -- When it was told that the time of a statement is over. What was over before this was kept is told to nobody.
  ALTER TABLE break_glass ADD COLUMN end_told_at INTEGER;
  UPDATE break_glass SET end_told_at = until WHERE until <= (SELECT max(at) FROM audit);
  `,
  `
  -- A key that was taken away stays away, whoever brings it again.
  ALTER TABLE signers ADD COLUMN removed_at INTEGER;
  `,
  `
  -- How many hosts a fleet has, and which certificates were revoked, without reading all of them.
  CREATE INDEX hosts_by_state ON hosts (state);
  CREATE INDEX ak_certificates_revoked ON ak_certificates (revoked_at, serial) WHERE revoked_at IS NOT NULL;
  `,
];
