// What a step of the demonstration found: for the JSON document, and as a sentence for whoever watches.
import type { WireFinding, WireVerdict } from '../../api/index.ts';

export const stepNames = [
  'server-init',
  'enrol',
  'deny-before-golden',
  'capture',
  'sign-and-activate',
  'attest-trusted',
  'admission-allow',
  'token-verified-offline',
  'refuse-command-line',
  'refuse-secure-boot-off',
  'refuse-replayed-quote',
  'refuse-cloned-tpm',
  'refuse-unrestricted-ak',
  'restart-durable',
] as const;

export type StepName = (typeof stepNames)[number];

export interface StepFinding {
  readonly code: string;
  readonly pcr?: number;
  readonly event?: number;
  readonly expected?: string;
  readonly observed?: string;
  readonly message: string;
}

export interface StepOutcome {
  /** The step went as the story says: a refusal that should come is ok. */
  readonly ok: boolean;
  /** What happened, in words. */
  readonly sentence: string;
  readonly verdict?: string;
  readonly decision?: string;
  readonly findings?: readonly StepFinding[];
}

export type StepRecord = { readonly name: StepName } & StepOutcome;

/** A member of `steps` in the JSON document: what programs read. The sentences are for those who watch. */
export function describeStep({ name, ok, verdict, decision, findings }: StepRecord): Readonly<Record<string, unknown>> {
  return {
    name,
    ok,
    ...(verdict === undefined ? {} : { verdict }),
    ...(decision === undefined ? {} : { decision }),
    ...(findings === undefined ? {} : { findings }),
  };
}

/** The findings that made a verdict what it is: errors, and warnings where there is no error. */
export function decisiveFindings({ findings }: WireVerdict): readonly StepFinding[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const decisive = errors.length > 0 ? errors : findings.filter(({ severity }) => severity === 'warning');
  return decisive.map(toStepFinding);
}

function toStepFinding({ code, pcr, event, expected, observed, message }: WireFinding): StepFinding {
  return {
    code,
    message,
    ...(pcr === undefined ? {} : { pcr }),
    ...(event === undefined ? {} : { event }),
    ...(expected === undefined ? {} : { expected }),
    ...(observed === undefined ? {} : { observed }),
  };
}
