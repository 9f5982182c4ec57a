// What runs on the host: its TPM, its logs, and how it enrols and attests.
export type { AttestingDevice, DeviceQuote, EndorsementCertificates } from './attesting-device.ts';
export { AgentError, agentErrors, type AgentErrorCode } from './errors.ts';
export { openTpmDevice, TpmDevice, type TpmDeviceOptions } from './tpm/tpm-device.ts';
export { pcrExtend } from './tpm/pcr-commands.ts';
export { shutdown } from './tpm/state-commands.ts';
export { awaitApproval, type ApprovalWaitOptions } from './await-approval.ts';
export { keepAppointments } from './appointments.ts';
export type { DeviceIdentityOptions } from './device-identity.ts';
export { enrol, enrolDevice, type EnrolOptions } from './enrol.ts';
export { attest, exchangeEvidence, type AttestOptions } from './attest.ts';
export { createNextChallenge, type NextChallenge } from './next-challenge.ts';
export { createProver } from './prove.ts';
export { loadEnrolment, type EnrolmentState } from './enrolment-state.ts';
export { findMissing } from './missing.ts';
export { describeFailure, formatFailure, type Failure } from './failure.ts';
export { attestUntilTrusted, backOff, run, type AgentEvent, type RunOptions, type TrustDemand } from './run.ts';
