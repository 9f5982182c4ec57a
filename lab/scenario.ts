// One story of the lab: what is done to a guest, and what the server must say to it.
import assert from 'node:assert/strict';
import type { WireVerdict } from '../src/api/index.ts';
import type { Lab } from './lab.ts';

export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  /** What must happen, as a sentence. */
  readonly title: string;
  /** What runs after a boot is in an IMA list, which only these stories need. */
  readonly about: 'boot' | 'what ran';
  /** Throws when it does not; returns what the server said. */
  run(lab: Lab): Promise<Outcome>;
}

export interface Outcome {
  readonly status: WireVerdict['status'];
  /** What denied, each code once. */
  readonly codes: readonly string[];
}

/** The verdict is good, and an orchestrator may place workloads. */
export async function expectTrusted({ site }: Lab, verdict: WireVerdict): Promise<Outcome> {
  assert.equal(verdict.status, 'affirming', `expected a trusted host\n${formatFindings(verdict)}`);
  assert.equal(await site.admissionOf(verdict.host), 'allow');
  return { status: verdict.status, codes: [] };
}

/** Exactly these codes deny, and an orchestrator is told no. */
export async function expectRefused({ site }: Lab, verdict: WireVerdict, codes: readonly string[]): Promise<Outcome> {
  assert.deepEqual(
    refusalCodes(verdict),
    [...codes].sort(),
    `expected ${codes.join(', ')}\n${formatFindings(verdict)}`,
  );
  assert.notEqual(verdict.status, 'affirming');
  assert.equal(await site.admissionOf(verdict.host), 'deny');
  return { status: verdict.status, codes: refusalCodes(verdict) };
}

function refusalCodes({ findings }: WireVerdict): readonly string[] {
  const denying = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  return [...new Set(denying)].sort();
}

function formatFindings({ status, findings }: WireVerdict): string {
  const lines = findings.map(
    ({ code, severity, message, observed = '' }) => `${severity} ${code}: ${message} ${observed}`,
  );
  return [`the verdict is ${status}`, ...lines].join('\n');
}
