import assert from 'node:assert/strict';
import { createPaper } from '../../src/cli/terminal.ts';
import { formatVerdict } from '../../src/cli/views/verdict-view.ts';

describe('the findings of a verdict, as they are shown', () => {
  it('begin with what denies, then what warns, and end with what is only said', () => {
    const finding = (code: string, severity: 'error' | 'warning' | 'info') => ({
      code,
      severity,
      check: 'x',
      message: `of ${code}`,
    });
    const findings = [
      finding('A', 'info'),
      finding('B', 'warning'),
      finding('C', 'error'),
      finding('D', 'info'),
      finding('E', 'error'),
    ];
    const at = '2026-11-25T12:00:00.000Z';
    const verdict = {
      host: 'hv-1',
      status: 'contraindicated',
      layers: {},
      challengedAt: at,
      issuedAt: at,
      expiresAt: at,
      findings,
    } as const;
    const lines = formatVerdict(createPaper({ write: () => undefined }, {}), verdict);
    const codes = lines.flatMap((line) => /^(?:error|warning|info) ([A-E])\b/.exec(line)?.[1] ?? []);
    assert.deepEqual(codes, ['C', 'E', 'B', 'A', 'D']);
  });
});
