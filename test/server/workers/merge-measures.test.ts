import assert from 'node:assert/strict';
import { writeExposition, type Family } from '../../../src/server/telemetry/exposition.ts';
import { measureLinesLost } from '../../../src/server/telemetry/process-gauges.ts';
import { mergeMeasures } from '../../../src/server/workers/merge-measures.ts';

const counted = (value: number): Family => ({
  name: 'touchstone_attestations_total',
  type: 'counter',
  help: 'x',
  samples: [{ labels: { status: 'affirming' }, value }],
});

describe('what several workers measure', () => {
  it('is one family for each metric, with a series for each worker, and says who did not answer', () => {
    const merged = mergeMeasures(
      [
        { seat: 1, starts: 1, families: [counted(3)] },
        { seat: 2, starts: 4, families: undefined },
        { seat: 3, starts: 1, families: [counted(5)] },
      ],
      [measureLinesLost({ linesLost: () => 7 })],
    );
    assert.equal(
      writeExposition(merged).replaceAll(/^# HELP.*\n/gm, ''),
      `# TYPE touchstone_attestations_total counter
touchstone_attestations_total{status="affirming",worker="1"} 3
touchstone_attestations_total{status="affirming",worker="3"} 5
# TYPE touchstone_log_lines_lost_total counter
touchstone_log_lines_lost_total{worker="primary"} 7
# TYPE touchstone_worker_up gauge
touchstone_worker_up{worker="1"} 1
touchstone_worker_up{worker="2"} 0
touchstone_worker_up{worker="3"} 1
# TYPE touchstone_worker_starts_total counter
touchstone_worker_starts_total{worker="1"} 1
touchstone_worker_starts_total{worker="2"} 4
touchstone_worker_starts_total{worker="3"} 1
`,
    );
  });
});
