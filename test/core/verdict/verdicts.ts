// A verdict and the tokens made of it, with keys made when the tests run.
import { earOf, type Ear, type EarOptions, type Verdict } from '../../../src/core/verdict/index.ts';

export const issuedAt = new Date('2026-01-01T00:00:00.000Z');
export const expiresAt = new Date('2026-01-01T00:05:00.000Z');
export const during = new Date('2026-01-01T00:02:00.000Z');

export const verdict: Verdict = {
  host: 'hypervisor-7',
  status: 'affirming',
  vector: { 'instance-identity': 2, configuration: 2, executables: 3, hardware: 2, 'file-system': 0 },
  findings: [],
  layers: { firmware: 'sha256:aa' },
  policy: { id: 'prod', version: 7 },
  boot: { resetCount: 4, restartCount: 0, clockMs: '12345', epoch: 'same-boot' },
  evidenceDigest: '00'.repeat(32),
  challengedAt: issuedAt.toISOString(),
  issuedAt: issuedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
};

export const earOptions: EarOptions = {
  generation: 'veraison-2023',
  verifier: { developer: 'https://verifier.example', build: '1.4.2' },
};

export function createEar(options: Partial<EarOptions> = {}, changes: Partial<Verdict> = {}): Ear {
  return earOf({ ...verdict, ...changes }, { ...earOptions, ...options });
}

/** Without `names`. */
export function without<T extends object>(object: T, ...names: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) as Partial<T>;
}
