// What the doctor, and the server when it starts, say of file descriptors: each connection needs one.
import type { ServerConfig } from '../config/config.ts';
import { connectionsWithin, readMostOpenFiles } from '../load/open-files.ts';
import type { Check } from './check.ts';

/** Nothing where they are enough, or nobody knows how many there may be. */
export function checkOpenFiles(
  config: Pick<ServerConfig, 'limits' | 'storage' | 'events'>,
  mostOpenFiles: number | undefined = readMostOpenFiles(),
): readonly Check[] {
  const most = connectionsWithin(config, mostOpenFiles);
  if (most === config.limits.connections) return [];
  return [
    {
      name: 'open-files',
      ok: false,
      severity: 'warning',
      message: `a server that is started from here may open ${mostOpenFiles} files, and takes ${most} connections instead of ${config.limits.connections} (limits.connections)`,
      remedy:
        'Let it open more (`LimitNOFILE` of a systemd unit, `ulimit -n` of a shell), or set limits.connections lower.',
    },
  ];
}
