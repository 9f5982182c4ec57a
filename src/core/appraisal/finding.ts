// One outcome of a check, made from its row in the table.
import { errorCodes } from '../error-codes.ts';
import type { AttestationError } from '../error.ts';
import type { Layer } from '../event-log/index.ts';
import type { Finding } from '../verdict/index.ts';
import { findings, type FindingCode, type FindingRow } from './findings.table.ts';

/** The checks, in the order they run. */
export type CheckName =
  | 'policy'
  | 'endorsement'
  | 'platform'
  | 'quote'
  | 'pcrs'
  | 'boot-state'
  | 'event-log'
  | 'layers'
  | 'runtime'
  | 'facts'
  | 'denied';

export interface FindingDetails {
  readonly check: CheckName;
  /** One sentence: what, expected, observed. Printable. */
  readonly message: string;
  readonly layer?: Layer;
  readonly pcr?: number;
  readonly event?: number;
  readonly golden?: string;
  readonly expected?: string;
  readonly observed?: string;
  /** The next step, where it can be said more exactly than in the table. */
  readonly remedy?: string;
}

export function createFinding(code: FindingCode, details: FindingDetails): Finding {
  const { severity, remedy } = findings[code];
  return { code, severity, remedy, ...details };
}

/** What each check holds in its hands, as the subject of a sentence. */
const subjects: Readonly<Record<CheckName, string>> = {
  policy: 'The policy',
  endorsement: 'The endorsement of the TPM',
  platform: 'The platform certificate',
  quote: 'The quote',
  pcrs: 'The list of PCR values',
  'boot-state': 'The boot counter',
  'event-log': 'The event log',
  layers: 'The boot',
  runtime: 'The IMA list',
  facts: 'The boot',
  denied: 'The boot',
};

/** A proof that failed. Nothing that depends on it was read. */
export function findingOfError(check: CheckName, error: AttestationError): Finding {
  const { code } = error;
  const message = `${subjects[check]} cannot be verified: ${error.message}.`;
  return { code, severity: 'error', check, message, remedy: error.remedy ?? errorCodes[code].remedy };
}

/** The row of a finding, or `undefined` for a failed proof. */
export function rowOf({ code }: Finding): FindingRow | undefined {
  return Object.hasOwn(findings, code) ? findings[code as FindingCode] : undefined;
}
