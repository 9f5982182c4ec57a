export type { AttestingDevice, DeviceQuote, EndorsementCertificates } from './attesting-device.ts';
