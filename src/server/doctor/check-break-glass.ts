// What the doctor says of break-glass statements.
import { counted } from '../../core/encoding/index.ts';
import { parseBreakGlassEnvelope } from '../../core/break-glass/index.ts';
import type { ServerConfig } from '../config/config.ts';
import type { Check } from './check.ts';
import type { BreakGlassRecord } from '../storage/index.ts';
import { endOf, isCurrent } from '../break-glass/grants.ts';

export function checkBreakGlass(
  config: Pick<ServerConfig, 'breakGlass'>,
  open: readonly BreakGlassRecord[],
  at: Date,
): Check {
  const statements = open
    .map(({ envelope }) => parseBreakGlassEnvelope(envelope).untrustedStatement)
    .filter((statement) => isCurrent(config, statement, at));
  const hosts = new Set(statements.flatMap((statement) => statement.hosts.map(({ id }) => id))).size;
  const last = new Date(Math.max(0, ...statements.map((statement) => endOf(config, statement).getTime())));
  return {
    name: 'break-glass',
    ok: statements.length === 0,
    severity: 'warning',
    message:
      statements.length === 0
        ? 'no break-glass statement is in force'
        : `break-glass admits up to ${counted(hosts, 'host')} that no golden measurement accepts, the last until ${last.toISOString()}`,
    remedy: 'Approve golden measurements for them, then: `touchstone break-glass list`, `touchstone break-glass end`.',
  };
}
