// Who vouches for the TPM and the machine of an enrolled host, judged from its record. The server asks at each attestation, and
// whoever verifies an evidence bundle asks again.
export { proveDeviceIdentity } from './device-identity.ts';
export { endorsersOf, isEndorserDenied } from './endorsers.ts';
export type { EndorsementRoots, EndorsementRules, EnrolledHost } from './enrolled-host.ts';
export { checkReadable, judgePlatform } from './platform.ts';
export { endorsementOf, judgeCertificate, judgeEndorsement, standingOf, type Standing } from './standing.ts';
