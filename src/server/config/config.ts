// The configuration: one file, `touchstone.yaml` in the data directory, one schema. Unknown keys are refused, all mistakes
// are reported at once, and secrets stand in files of their own that are named here by path.
import type { EarGeneration } from '../../core/verdict/index.ts';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { firstLine } from '../../core/encoding/index.ts';
import { systemReason } from '../../files/index.ts';
import type { ApprovalRule } from '../attestation/approval-rules.ts';
import { ServerError } from '../errors.ts';
import type { HostSelector } from '../storage/index.ts';
import type { LogLevel } from '../telemetry/log.ts';
import { findMistakes } from './mistakes.ts';
import { findUnsafeStorage, type PostgresConfig } from './storage-place.ts';
import { findUnsafe, type WrittenSettings } from './unsafe-settings.ts';

export interface ClientCertificateRule {
  readonly name: string;
  readonly role: 'host' | 'orchestrator' | 'operator' | 'auditor' | 'joiner' | 'monitor';
  /** SHA-256 of the certificate's SubjectPublicKeyInfo, in lower-case hexadecimal. */
  readonly spkiSha256: string;
  /** For role host: which one. */
  readonly host?: string;
}

/** What pods of a Kubernetes namespace demand of their node. */
export interface NamespaceDemands {
  /** `*`: every namespace that no other entry names. */
  readonly name: string;
  readonly minimumStatus?: 'affirming' | 'warning';
  readonly maxAgeSeconds?: number;
  readonly requireLabels?: Readonly<Record<string, string>>;
  readonly zone?: string;
  readonly tenant?: string;
  readonly confidentialComputing?: boolean;
  readonly refuseHeld?: boolean;
}

/** Where one key of the attestation CA is. Paths are absolute. */
export interface AuthorityConfig {
  /** Not read where the key is in a token. */
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly passphraseFile: string | undefined;
  readonly pkcs11: Pkcs11Config | undefined;
}

/** A key in a PKCS#11 token. At least one name for the token and one for the key. */
export interface Pkcs11Config {
  readonly module: string;
  readonly tokenLabel?: string;
  readonly tokenSerial?: string;
  readonly keyLabel?: string;
  /** Lower-case hexadecimal. */
  readonly keyId?: string;
  /** Absolute. */
  readonly pinFile: string;
  readonly timeoutSeconds: number;
  readonly retrySeconds: number;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface ServerConfig {
  /** Absolute. Everything the server keeps is below it. */
  readonly dataDirectory: string;
  readonly workers: number;
  readonly serverId: string;
  readonly listen: ListenAddress;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly storage: 'sqlite' | PostgresConfig;
  readonly auth: { readonly clients: readonly ClientCertificateRule[] };
  readonly enrolment: {
    readonly mode: 'token' | 'open';
    readonly allowUnverifiedEk: boolean;
    readonly deviceIdentity: 'off' | 'accepted' | 'required';
    readonly activationSeconds: number;
    readonly maxPending: number;
    readonly mostInAnHour: number;
    readonly approval: 'none' | 'queue';
    readonly queuePlaces: number;
    readonly queueHours: number;
    readonly rules: readonly ApprovalRule[];
  };
  readonly attestationCa: {
    readonly certificateHours: number;
    readonly crlHours: number;
    readonly crlUrl: string | undefined;
    readonly others: readonly AuthorityConfig[];
  } & AuthorityConfig;
  readonly attestation: {
    readonly challengeSeconds: number;
    readonly nextChallengeSeconds: number;
    readonly keepEvidence: number;
    readonly rememberedBoots: number;
    readonly rememberedHosts: number;
    readonly rememberedLogs: number;
  };
  readonly tokens: { readonly generation: EarGeneration };
  readonly admission: {
    /** Undefined: questions of admission are answered at the main address alone. */
    readonly listen?: ListenAddress & { readonly realtime: boolean };
    readonly decisionSeconds: number;
    readonly outageSeconds: number;
    readonly rememberedHosts: number;
    readonly zoneLabel: string;
    readonly tenantLabel: string;
  };
  readonly revocation: { readonly fetchHosts: readonly string[]; readonly refreshSeconds: number };
  readonly intermediates: {
    readonly fetchHosts: readonly string[];
    readonly refreshSeconds: number;
    readonly maximum: number;
  };
  readonly events: {
    readonly webhookHosts: readonly string[];
    readonly allowLoopback: boolean;
    /** Absolute. */
    readonly caFile: string | undefined;
    readonly timeoutSeconds: number;
    readonly pauseAfterSeconds: number;
    readonly maximumSubscriptions: number;
    readonly maximumListeners: number;
    readonly syslog: {
      readonly receivers: readonly string[];
      readonly facility: number;
      readonly enterpriseNumber: number;
      readonly certificateFile: string | undefined;
      readonly keyFile: string | undefined;
    };
  };
  readonly retention: {
    readonly historyDays: number;
    readonly expiredHours: number;
    readonly sweepSeconds: number;
  };
  readonly lockout: {
    /** Undefined: off. */
    readonly sharePercent: number | undefined;
    readonly windowSeconds: number;
    readonly holdSeconds: number;
    readonly leastHosts: number;
    /** Whom one of them selects is protected. */
    readonly protected: readonly HostSelector[];
  };
  readonly breakGlass: { readonly longestSeconds: number };
  readonly kubernetes: { readonly prefix: string; readonly namespaces: readonly NamespaceDemands[] };
  readonly goldenQuorum: number;
  readonly allowSingleOperator: boolean;
  readonly lockSigners: boolean;
  readonly limits: {
    readonly bodyBytes: number;
    readonly evidenceBytes: number;
    readonly hostRequests: number;
    readonly connections: number;
    readonly headersSeconds: number;
    readonly requestSeconds: number;
    readonly stallSeconds: number;
  };
  readonly log: { readonly level: LogLevel };
}

export const configFileName = 'touchstone.yaml';

/** Reads and checks `touchstone.yaml` of a data directory.
 * @throws ServerError CONFIG_NOT_FOUND, CONFIG_INVALID */
export function loadConfig(dataDirectory: string): ServerConfig {
  const path = join(dataDirectory, configFileName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ServerError('CONFIG_NOT_FOUND', `${path} cannot be read (${systemReason(cause)})`, { cause });
  }
  return parseConfig(text, dataDirectory);
}

/** @throws ServerError CONFIG_INVALID */
export function parseConfig(text: string, dataDirectory: string): ServerConfig {
  const document = parseDocument(text, { uniqueKeys: true, maxAliasCount: 0 } as object);
  if (document.errors.length > 0) {
    const mistakes = document.errors.map(({ message }) => firstLine(message));
    throw new ServerError('CONFIG_INVALID', mistakes.join('\n'));
  }
  return checkConfig(document.toJS({ maxAliasCount: 0 }) ?? {}, dataDirectory);
}

/** Checks a configuration that is an object already, and fills in the defaults.
 * @throws ServerError CONFIG_INVALID */
export function checkConfig(value: unknown, dataDirectory: string): ServerConfig {
  const root = resolve(dataDirectory);
  // ajv fills in the defaults in place: on a copy.
  const settings = structuredClone(value) as WrittenSettings & { readonly postgres: PostgresSettings };
  const mistakes = findMistakes(settings);
  if (mistakes.length === 0)
    mistakes.push(...findUnsafe(settings), ...findUnsafeStorage(settings.storage, settings.postgres));
  if (mistakes.length > 0) throw new ServerError('CONFIG_INVALID', mistakes.join('\n'));
  const tls = settings.tls && {
    certFile: resolve(root, settings.tls.certFile),
    keyFile: resolve(root, settings.tls.keyFile),
  };
  const { attestationCa: ca } = settings;
  const attestationCa = {
    ...ca,
    ...placesOf(ca, root),
    others: ca.others.map((other) => placesOf(other, root)),
  };
  const at = (path: string | undefined): string | undefined => path && resolve(root, path);
  const { caFile, syslog } = settings.events;
  const { certificateFile, keyFile } = syslog;
  const events = {
    ...settings.events,
    caFile: at(caFile),
    syslog: { ...syslog, certificateFile: at(certificateFile), keyFile: at(keyFile) },
  };
  const { postgres, storage, ...rest } = settings;
  return { ...rest, storage: storageOf(storage, postgres, root), tls, attestationCa, events, dataDirectory: root };
}

/** As the file says it. */
type PostgresSettings = Partial<PostgresConfig> & Pick<PostgresConfig, 'connections'>;

function storageOf(
  url: string,
  { passwordFile, caFile, certFile, keyFile, connections }: PostgresSettings,
  root: string,
): ServerConfig['storage'] {
  if (url === 'sqlite') return url;
  return {
    url,
    passwordFile: passwordFile && resolve(root, passwordFile),
    caFile: caFile && resolve(root, caFile),
    certFile: certFile && resolve(root, certFile),
    keyFile: keyFile && resolve(root, keyFile),
    connections,
  };
}

function placesOf(settings: Partial<AuthorityConfig>, root: string): AuthorityConfig {
  // PEM may hold the key and its certificate in one file.
  const { keyFile = '', certificateFile = keyFile, passphraseFile, pkcs11 } = settings;
  return {
    keyFile: resolve(root, keyFile),
    certificateFile: resolve(root, certificateFile),
    passphraseFile: passphraseFile && resolve(root, passphraseFile),
    pkcs11: pkcs11 && { ...pkcs11, pinFile: resolve(root, pkcs11.pinFile) },
  };
}
