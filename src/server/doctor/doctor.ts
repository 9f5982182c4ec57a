// The doctor: looks at a data directory and says what is wrong, what is weak and what to do, without serving anything.
import { availableParallelism } from 'node:os';
import { loadConfig, type ServerConfig } from '../config/config.ts';
import { checkNotExposed } from '../keys/key-file.ts';
import { checkClock } from './check-clock.ts';
import { checkDisk, readFreeSpace } from './check-disk.ts';
import { checkKeys } from './check-keys.ts';
import { checkOpenFiles } from './check-open-files.ts';
import { checkStore } from './check-store.ts';
import { checkTls } from './check-tls.ts';
import { checkWorkers } from './check-workers.ts';
import { attempt, failure, passed, type Check } from './check.ts';

/** Checks in order: what comes later needs what comes earlier. The store is only read.
 * @param tell up to which entry the audit log was read, where it is long */
export async function doctor(
  dataDirectory: string,
  now: Date = new Date(),
  tell: (auditEntry: number) => void = () => undefined,
): Promise<readonly Check[]> {
  let config: ServerConfig;
  try {
    config = loadConfig(dataDirectory);
  } catch (error) {
    return [failure('configuration', error)];
  }
  const { keys, checks } = await checkKeys(config, now);
  return [
    passed('configuration', `${config.dataDirectory}/touchstone.yaml is valid`),
    await attempt('permissions', 'the data directory is private', () => checkNotExposed(config.dataDirectory)),
    ...checks,
    await checkTls(config, now),
    checkClock(now),
    checkDisk(readFreeSpace(config.dataDirectory)),
    ...checkOpenFiles(config),
    ...checkWorkers(config, availableParallelism()),
    ...(await checkStore(config, keys, now, tell)),
  ];
}
