// What a CoRIM says, before anybody believes it. [CORIM §4.1, §5.1]
import type { HashAlgorithm } from '../crypto/index.ts';
import type { CborValue, ClaimedCoseSign1 } from '../encoding/index.ts';

export interface ClaimedCorim {
  /** Text, or the hexadecimal form of a UUID. */
  readonly id: string;
  /** URI, or `oid:` and the hexadecimal form of an OID; undefined when it follows none. */
  readonly profile: string | undefined;
  readonly comids: readonly ClaimedComid[];
  /** Tags of what it holds beside CoMIDs: CoSWID and the like. */
  readonly otherTags: readonly number[];
  readonly notBefore: Date | undefined;
  readonly notAfter: Date | undefined;
  /** Whether it leans on other CoRIMs that are not in it. */
  readonly isDependent: boolean;
  /** Members of the map that CoRIM does not define. */
  readonly extensions: readonly string[];
  /** The COSE structure it came in; undefined when nobody signed it. */
  readonly signed: ClaimedCoseSign1 | undefined;
}

export interface ClaimedComid {
  readonly id: string;
  readonly references: readonly ReferenceTriple[];
  readonly attestKeys: readonly AttestKeyTriple[];
  /** Labels of triples of every other kind. */
  readonly otherTriples: readonly string[];
  readonly extensions: readonly string[];
}

export interface Environment {
  readonly class?: {
    /** As it stands: a UUID (tag 37), an OID (tag 111), bytes (tag 560)... */
    readonly id?: CborValue;
    readonly vendor?: string;
    readonly model?: string;
  };
  readonly instance?: CborValue;
  readonly hasGroup: boolean;
}

export interface ReferenceTriple {
  readonly environment: Environment;
  readonly measurements: readonly Measurement[];
}

export interface AttestKeyTriple {
  readonly environment: Environment;
  readonly keys: readonly CborValue[];
}

export interface Measurement {
  /** A number, a text, a UUID or an OID; undefined when there is none. */
  readonly key: CborValue;
  readonly digests?: readonly ClaimedDigest[];
  readonly name?: string;
  readonly integrityRegisters?: readonly {
    readonly register: number | string;
    readonly digests: readonly ClaimedDigest[];
  }[];
  /** Labels of values of every other kind: what is demanded there is not known here. */
  readonly otherValues: readonly string[];
}

/** `alg` is undefined for algorithms that are not known here. */
export interface ClaimedDigest {
  readonly alg: HashAlgorithm | undefined;
  readonly value: Uint8Array;
}
