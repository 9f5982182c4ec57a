// The server: everything that waits, remembers or listens. Entered from the CLI's start commands and from tests only.
export { loadConfig, parseConfig, checkConfig, type ServerConfig } from './config/config.ts';
export { configSchema } from './config/config.schema.ts';
export type { Check } from './doctor/check.ts';
export { doctor } from './doctor/doctor.ts';
export { ServerError, serverErrors, type ServerErrorRow } from './errors.ts';
export { reasons } from './admission/reasons.ts';
export type { ReasonRow } from './attestation/verdict-reasons.ts';
export { addOperator, initDataDirectory, type InitialiseOptions, type Initialised } from './keys/initialise.ts';
export { chooseAuthority, prepareAuthority, rotateAuthority, type Rotation } from './keys/rotate-authority.ts';
export { storageStatus, type StorageStatus } from './retention/storage-status.ts';
export { startServer } from './main.ts';
export { closeOnSignals, type RunningServer } from './running-server.ts';
export type { StartOptions } from './start-options.ts';
export { startConfigured } from './workers/start-configured.ts';
export { moveEndOf, moveStorage, type MoveProgress } from './storage/index.ts';
