// All facts of a boot, for people and for programs. Each line names the event that proves it.
import { encodeHex } from '../../../core/encoding/index.ts';
import {
  readBootChain,
  readCertificate,
  readKeyCertificates,
  readPlatformVendor,
  type AnnotatedLog,
  type BootFacts,
} from '../../../core/event-log/index.ts';
import { asRecord, toJson, type JsonReady } from '../../json.ts';
import type { Paper } from '../../terminal.ts';
import { bootChainGroup } from './boot-chain.ts';
import { firmwareGroup } from './firmware.ts';
import { kernelGroup } from './kernel.ts';
import { formatGroup } from './line.ts';
import { compareRevocations, type NamedRevocations } from './revocations.ts';
import { keysGroup, secureBootGroup } from './secure-boot.ts';

export interface FactsView {
  /** The log that `facts` were read from. */
  readonly log: AnnotatedLog;
  readonly facts: BootFacts;
  readonly revocations: NamedRevocations;
  readonly now: Date;
}

export function formatBootFacts(paper: Paper, { log, facts, revocations, now }: FactsView): string[] {
  if (log.registers !== 'tpm') return ['no facts: the registers of a confidential guest hold what several PCRs do'];
  const certificates = readKeyCertificates(facts);
  const groups = [
    secureBootGroup(facts),
    keysGroup(facts, certificates, { revocations: compareRevocations(facts, revocations), now }),
    bootChainGroup(log, facts),
    kernelGroup(facts),
    firmwareGroup(facts, certificates),
  ];
  return groups.flatMap((group, index) => [...(index === 0 ? [] : ['']), ...formatGroup(paper, group)]);
}

/** Facts as JSON: every value with its `event`; certificates by name and date, not by their bytes. */
export function describeBootFacts({ log, facts, revocations }: FactsView): JsonReady {
  const { name, total, missing } = compareRevocations(facts, revocations);
  const platformVendor = readPlatformVendor(readKeyCertificates(facts));
  const databases = Object.entries(facts.signatureDatabases).map(([database, { value, event }]) => {
    const entries = value.entries.map((entry) => ({
      type: entry.type,
      owner: entry.owner,
      sha256: encodeHex(entry.sha256.value),
      certificate: certificateOf(entry),
    }));
    return [database, { event, entries }] as const;
  });
  const authorities = facts.authorities.map(({ value: { source, signature }, event }) => ({
    value: {
      source,
      sha256: signature && encodeHex(signature.sha256.value),
      certificate: signature && certificateOf(signature),
    },
    event,
  }));
  return toJson({
    ...facts,
    signatureDatabases: Object.fromEntries(databases),
    authorities,
    platformVendor,
    bootChain: readBootChain(log, facts),
    revocations: { list: name, total, missing: missing ?? null, event: facts.signatureDatabases.dbx?.event },
    unproven: [...(platformVendor === undefined ? ['platformVendor'] : []), ...listUnproven(facts)],
  });
}

/** Names of the facts that nothing bound says; those with a `value` of `unknown` are among them. */
function listUnproven(facts: BootFacts): readonly string[] {
  const { shim, hardening, signatureDatabases, ...rest } = facts;
  const optional = ['secureBootMode', 'testKeys', 'kernelCommandLine', 'firmwareVersion', 'partitionTable'] as const;
  const isUnknown = ([, fact]: readonly [string, unknown]): boolean => asRecord(fact)?.['value'] === 'unknown';
  return [
    ...optional.filter((name) => facts[name] === undefined),
    ...(['PK', 'KEK', 'db', 'dbx'] as const)
      .filter((name) => signatureDatabases[name] === undefined)
      .map((name) => `signatureDatabases.${name}`),
    ...(shim.sbatLevel === undefined ? ['shim.sbatLevel'] : []),
    ...Object.entries({ ...rest, 'shim.mokSbState': shim.mokSbState })
      .filter(isUnknown)
      .map(([name]) => name),
    ...Object.entries(hardening)
      .filter(isUnknown)
      .map(([name]) => `hardening.${name}`),
  ];
}

function certificateOf(entry: Parameters<typeof readCertificate>[0]): object | undefined {
  const certificate = readCertificate(entry);
  if (certificate === undefined) return undefined;
  const { subject, issuer, notBefore, notAfter } = certificate;
  return { subject, issuer, notBefore, notAfter };
}
