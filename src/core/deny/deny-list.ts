// What operators deny: a signed document, whose entries each name one thing that no trusted host may have.
import type { DigestSet } from '../golden/index.ts';
import type { Layer } from '../event-log/index.ts';

export const denyListType = 'https://touchstone.dev/deny-list/v1';
/** Part of what is signed: a signature over a golden measurement is none over a deny list. [DSSE] */
export const denyPayloadType = 'application/vnd.touchstone.deny-list+json';

export interface DenyList {
  /** One list of a name is in force. */
  readonly name: string;
  /** Rises with every issue, and never goes back. */
  readonly version: number;
  readonly issuedAt: Date;
  /** When the next issue is due. A list that is overdue goes on denying; the doctor warns. */
  readonly nextIssue?: Date;
  readonly entries: readonly DenyEntry[];
}

export interface DenyEntry {
  /** Unique in its list. */
  readonly id: string;
  readonly reason: string;
  readonly cves: readonly string[];
  /** Where it is known from, for people. */
  readonly source?: string;
  /** When it ceases to deny. */
  readonly until?: Date;
  readonly denies: Denied;
}

export type Denied =
  /** A digest that was extended: an Authenticode digest of an image, or that of any other event. Without `pcr`, in any register. */
  | { readonly kind: 'measurement'; readonly digests: DigestSet; readonly pcr?: number }
  /** SHA-256 of a certificate that let an image run, or that the platform holds in PK, KEK or db. */
  | { readonly kind: 'certificate'; readonly sha256: string }
  /** SHA-256 of an EK's SubjectPublicKeyInfo, of its certificate, or of an authority or anchor that vouches for it. */
  | { readonly kind: 'endorsement'; readonly sha256: string }
  /** Shims that would still let a generation of the component run that is below this one. */
  | { readonly kind: 'sbat'; readonly component: string; readonly below: number }
  /** Text of EV_S_CRTM_VERSION, exactly. */
  | { readonly kind: 'firmware-version'; readonly version: string }
  | { readonly kind: 'golden'; readonly id: string }
  /** Every golden measurement of the layer that names this subject. */
  | { readonly kind: 'golden-subject'; readonly layer: Layer; readonly name: string };
