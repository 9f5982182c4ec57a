export type { AttestingDevice, DeviceQuote, EndorsementCertificates } from './attesting-device.ts';
export { AgentError, TpmResponseError, agentErrors, type AgentErrorCode } from './errors.ts';
export { openTpmDevice, TpmDevice, type TpmDeviceOptions } from './tpm/tpm-device.ts';
export { pcrExtend, readBanks } from './tpm/commands.ts';
