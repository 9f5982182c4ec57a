// One process or several, as the configuration says.
import type { ServerConfig } from '../config/config.ts';
import { startServer } from '../main.ts';
import type { RunningServer } from '../running-server.ts';
import type { StartOptions } from '../start-options.ts';
import { startWorkers } from './primary.ts';

/** @throws ServerError as `startServer` */
export function startConfigured(
  config: ServerConfig,
  options: Pick<StartOptions, 'announce'> = {},
): Promise<RunningServer> {
  const hasSeveral = config.workers > 1 || config.admission.listen !== undefined;
  return hasSeveral ? startWorkers(config, options) : startServer(config, options);
}
