// What a server used, as it says itself: read from its metrics, and believed only where they are of all the attestations.
import assert from 'node:assert/strict';
import { cpuBetween, parseUsage } from '../../../src/cli/simulate/usage.ts';

const metrics = (workers: readonly { readonly cpu: number; readonly started: number; readonly answered: number }[]) =>
  workers
    .flatMap(({ cpu, started, answered }, index) => [
      '# TYPE process_cpu_seconds_total counter',
      `touchstone_answers_total{operation="createAttestation",code="OK",worker="${index}"} ${answered}`,
      `touchstone_answers_total{operation="createAttestation",code="SERVER_BUSY",worker="${index}"} 1`,
      `touchstone_answers_total{operation="listHosts",code="OK",worker="${index}"} 9999`,
      `process_cpu_seconds_total{worker="${index}"} ${cpu}`,
      `process_resident_memory_bytes{worker="${index}"} 1.5e8`,
      `process_start_time_seconds{worker="${index}"} ${started}`,
    ])
    .join('\n');
const before = parseUsage(
  metrics([
    { cpu: 1, started: 5, answered: 10 },
    { cpu: 2, started: 6, answered: 20 },
  ]),
);

describe('what a server used', () => {
  it('is the sum over its workers', () => {
    assert.equal(before?.cpuMicroseconds, 3_000_000);
    assert.equal(before.memoryBytes, 300_000_000);
    assert.equal(before.counted?.attestations, 32);
    assert.equal(parseUsage('up 1'), undefined);
    assert.equal(parseUsage(''), undefined);
  });

  it('is that of a phase where the same processes answered every attestation of it', () => {
    const later = [
      { cpu: 1.5, started: 5, answered: 15 },
      { cpu: 2.25, started: 6, answered: 25 },
    ];
    assert.equal(cpuBetween(before, parseUsage(metrics(later)), 10), 750_000);
    assert.equal(cpuBetween(before, parseUsage(metrics(later)), 11), undefined, 'another server answered one');
    const anew = later.map((worker) => ({ ...worker, started: 7 }));
    assert.equal(cpuBetween(before, parseUsage(metrics(anew)), 10), undefined, 'they started anew');
    assert.equal(cpuBetween(before, undefined, 0), undefined);
    assert.equal(cpuBetween(undefined, before, 0), undefined);
  });
});
