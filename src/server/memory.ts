// What this process has proved and need not prove again. Bounded by the configuration; lost with the process; never needed: each
// kind says beside its keys why what it brings back is what would be computed.
import type { LogMemory, RememberedLog, RememberedRuntime, RuntimeMemory } from '../core/appraisal/index.ts';
import type { GoldenStatement } from '../core/golden/index.ts';
import type { Certificate, CertificateMemory } from '../core/x509/index.ts';
import type {
  AttestationKey,
  HeldPcrs,
  KeyMemory,
  PcrMemory,
  QuoteMemory,
  RememberedPcrs,
  VerifiedQuote,
} from '../core/tpm/index.ts';
import type { ServerConfig } from './config/config.ts';
import { createLru } from './lru.ts';

export interface ServerMemory {
  /** What the logs of a boot proved. */
  readonly logs: LogMemory;
  /** What lists of IMA proved. */
  readonly runtimes: RuntimeMemory;
  readonly quotes: QuoteMemory;
  /** PCR values that quotes proved. */
  readonly pcrs: PcrMemory;
  /** PCR values as they are kept with an attestation, read: by their JSON, which says all of them. */
  readonly claims: Memory<HeldPcrs>;
  /** Attestation keys. */
  readonly keys: KeyMemory;
  /** Of endorsement keys, attestation keys, and the authorities between them and the anchors. */
  readonly certificates: CertificateMemory;
  /** What golden measurements expected that were ended, by their ids, which are those of their bytes: each change of a golden measurement
   * is held against all of them. */
  readonly ended: HeavyMemory<GoldenStatement>;
}

/** Of things of which some are large. What came first stays, and what is too much is not kept: all of it is gone through each time, and
 * what was used longest ago is what is wanted next. */
export interface HeavyMemory<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value, bytes: number): void;
}

/** Of statements as they were signed; what was read of one takes some times as much. */
const bytesOfEnded = 16 * 1024 * 1024;

/** A host has one for its endorsement key and one for its attestation key; the authorities above it are those of many. */
const certificatesOfHost = 2;

export function createServerMemory({ attestation }: Pick<ServerConfig, 'attestation'>): ServerMemory {
  return {
    logs: createLru<RememberedLog>(attestation.rememberedBoots),
    runtimes: createLru<RememberedRuntime>(attestation.rememberedBoots),
    quotes: createLru<VerifiedQuote>(attestation.rememberedHosts),
    pcrs: createLru<RememberedPcrs>(attestation.rememberedBoots),
    claims: createLru<HeldPcrs>(attestation.rememberedBoots),
    keys: createLru<AttestationKey>(attestation.rememberedHosts),
    certificates: {
      read: createLru<Certificate>(attestation.rememberedHosts * certificatesOfHost),
      signatures: new WeakMap(),
    },
    ended: createHeavyMemory(bytesOfEnded),
  };
}

/** For a walk over the whole fleet: it finds what is remembered, and pushes nothing out that the next attestation needs. Of what
 * it proves itself it remembers the last only. */
export function visitMemory({
  logs,
  runtimes,
  quotes,
  pcrs,
  claims,
  keys,
  certificates,
  ended,
}: ServerMemory): ServerMemory {
  return {
    logs: visit(logs),
    runtimes: visit(runtimes),
    quotes: visit(quotes),
    pcrs: visit(pcrs),
    claims: visit(claims),
    keys: visit(keys),
    certificates: { ...certificates, read: visit(certificates.read) },
    ended,
  };
}

interface Memory<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** Not with an LRU of one: a map that is filled and emptied for each host leaves a chain of tables behind, and what they held is
 * kept until the old generation is collected. */
function visit<Value>(memory: Memory<Value>): Memory<Value> {
  let last: readonly [key: string, value: Value] | undefined;
  return {
    get: (key) => (last?.[0] === key ? last[1] : memory.get(key)),
    set: (key, value) => {
      last = [key, value];
    },
  };
}

export function createHeavyMemory<Value>(heaviest: number): HeavyMemory<Value> {
  const values = new Map<string, Value>();
  let weight = 0;
  return {
    get: (key) => values.get(key),
    set: (key, value, bytes) => {
      if (values.has(key) || weight + bytes > heaviest) return;
      weight += bytes;
      values.set(key, value);
    },
  };
}
