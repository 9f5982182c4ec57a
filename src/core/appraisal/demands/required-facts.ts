// What a policy may demand of the facts of a boot, by name, and how one of them falls short.
import type { HardeningName } from '../../event-log/index.ts';
import type { FindingCode } from '../findings.table.ts';

/** Facts of the boot a policy may demand. Each is read from bound events only; see `facts.table.ts`. */
export interface RequiredFacts {
  /** Implies `mokSbState`: behind a shim that checks nothing, Secure Boot is a word. */
  readonly secureBoot?: 'enabled';
  readonly secureBootMode?: readonly SecureBootMode[];
  readonly mokSbState?: 'not-disabled';
  readonly debugMode?: 'absent';
  readonly dmaProtection?: 'not-disabled';
  readonly testKeys?: 'absent';
  readonly exitBootServices?: 'success';
  readonly separators?: 'complete';
  /** The versions that are allowed, letter by letter. */
  readonly firmwareVersion?: readonly string[];
  readonly sbatLevel?: SbatDemand;
  readonly dbx?: RevocationDemand;
  readonly signatureDatabases?: DatabaseDemands;
  readonly authorities?: AuthorityDemand;
  /** `on`: the command line strengthens it. `not-off`: it is known and does not weaken it. */
  readonly hardening?: Readonly<Partial<Record<HardeningName, HardeningDemand>>>;
  /** Words of the kernel command line that must, and must not, be there. */
  readonly kernelCommandLine?: WordDemand;
}

export type SecureBootMode = 'user' | 'deployed';

export type HardeningDemand = 'on' | 'not-off';

/** Minimums: a later date and a higher generation do. */
export interface SbatDemand {
  /** `YYYYMMDDnn`. */
  readonly date?: string;
  readonly generations?: Readonly<Record<string, number>>;
}

/** The list is an input: whoever writes the policy takes it from the publisher they trust. */
export interface RevocationDemand {
  /** What the list is called, for findings. */
  readonly list?: string;
  /** SHA-256 digests that dbx must hold, in lower-case hexadecimal. */
  readonly mustContain: readonly string[];
}

export type DatabaseDemands = Readonly<Partial<Record<'PK' | 'KEK' | 'db', DatabaseDemand>>>;

/** Certificates by the SHA-256 of their DER, in lower-case hexadecimal. */
export interface DatabaseDemand {
  readonly mustContain?: readonly string[];
  readonly mustNotContain?: readonly string[];
}

export interface AuthorityDemand {
  /** As in `DatabaseDemand`; for an image that is allowed by its digest, that digest. */
  readonly allow: readonly string[];
}

export interface WordDemand {
  readonly require: readonly string[];
  readonly forbid: readonly string[];
}

export type FactName = keyof RequiredFacts;

export type Demand<Name extends FactName> = NonNullable<RequiredFacts[Name]>;

/** One way in which a boot does not satisfy a demand. */
export interface Shortfall {
  /** `unproven`: no bound event says it. `refused`: one says otherwise. */
  readonly kind: 'unproven' | 'refused';
  /** As a policy writes it: `dbx`, `hardening.iommu`. */
  readonly fact: string;
  readonly expected: string;
  /** Printable. */
  readonly observed: string;
  readonly event: number | undefined;
  /** Where the table of findings has a row of its own for it. */
  readonly code?: FindingCode;
  /** Where the plain sentence would not do. */
  readonly message?: string;
}
