import type { AnchorScope, CertificateObservation, CertificateProfile } from '../../../src/core/x509/index.ts';
import type { TestCertificate } from '../../support/pki.ts';

/** A certificate in one shape, and what must be made of it. */
export interface Shape {
  /** Continues "accepts" or "refuses". */
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly root: TestCertificate;
  readonly intermediates?: readonly TestCertificate[];
  readonly legacy?: boolean;
  readonly profile?: CertificateProfile;
  readonly scope?: AnchorScope;
  /** Every leniency granted, in order; or the code of the refusal. */
  readonly outcome: readonly string[] | string;
  /** Observed facts, as the conformance command shows them. */
  readonly facts?: Partial<CertificateObservation>;
}
