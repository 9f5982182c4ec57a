export type { AttestingDevice, DeviceQuote, EndorsementCertificates } from './attesting-device.ts';
export { AgentError, TpmResponseError, agentErrors, type AgentErrorCode } from './errors.ts';
export { openTpmDevice, TpmDevice, type TpmDeviceOptions } from './tpm/tpm-device.ts';
export { pcrExtend, readBanks } from './tpm/commands.ts';
export { enrol, type EnrolOptions } from './enrol.ts';
export { attest, type AttestOptions } from './attest.ts';
export { loadEnrolment, type EnrolmentState } from './enrolment-state.ts';
export { describeFailure, formatFailure, type Failure } from './failure.ts';
export { attestUntilTrusted, run, type AgentEvent, type RunOptions, type TrustDemand } from './run.ts';
