// From findings to the AR4SI trust vector: start with what was proved, then let every finding make it worse.
import type { Layer } from '../event-log/index.ts';
import { statusOfClaim, type Finding, type TrustClaim, type TrustStatus, type TrustVector } from '../verdict/index.ts';
import type { Trust } from './evidence.ts';
import { rowOf } from './finding.ts';

/** AR4SI: the cryptographic validation of the evidence failed, so every claim made from it is void. */
const cryptographyFailed = 99;
const unverifiable = 1;

/** Layers whose code runs during boot: all of them must match before "approved executables" is claimed. */
const executableLayers: readonly Layer[] = ['firmware', 'boot-loader', 'kernel', 'initrd'];
const configurationLayers: readonly Layer[] = ['secure-boot', 'kernel-command-line'];

/**
 * What a boot of these layers earns when nothing is found. A quote tells of the boot only: 3. Of what ran after it (2)
 * and of files only the kernel's list tells, and only if that kernel is an approved one.
 */
export function earnedVector(matched: ReadonlyMap<Layer, unknown>, trust: Pick<Trust, 'endorsement'>): TrustVector {
  const isMatched = (layer: Layer): boolean => matched.has(layer);
  const booted = executableLayers.every(isMatched);
  const ran = booted && isMatched('runtime');
  const vector: Partial<Record<TrustClaim, number>> = { 'instance-identity': 2 };
  if (configurationLayers.every(isMatched)) vector.configuration = 2;
  if (booted) vector.executables = ran ? 2 : 3;
  if (ran) vector['file-system'] = 2;
  if (trust.endorsement === 'verified') vector.hardware = 2;
  return vector;
}

/** The vector of evidence whose signature, freshness or PCR digest did not verify. */
export const voidVector: TrustVector = {
  'instance-identity': cryptographyFailed,
  configuration: cryptographyFailed,
  executables: cryptographyFailed,
  hardware: cryptographyFailed,
};

/** `vector` with each claim as bad as the worst finding about it. A failed proof of the log bears on executables. */
export function worsenVector(vector: TrustVector, findings: readonly Finding[]): TrustVector {
  if (findings.length === 0) return vector;
  const worse: Partial<Record<TrustClaim, number>> = { ...vector };
  for (const finding of findings) {
    const row = rowOf(finding);
    const claim = row === undefined ? 'executables' : row.claim;
    const value = row === undefined ? unverifiable : row.value;
    if (claim === undefined || value === undefined) continue;
    worse[claim] = worstValue(worse[claim], value);
  }
  return worse;
}

const rank: Readonly<Record<TrustStatus, number>> = { affirming: 0, none: 1, warning: 2, contraindicated: 3 };

function worstValue(current: number | undefined, value: number): number {
  if (current === undefined) return value;
  const difference = rank[statusOfClaim(value)] - rank[statusOfClaim(current)];
  return difference > 0 || (difference === 0 && value > current) ? value : current;
}
