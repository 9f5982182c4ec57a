// TPMS_ATTEST as bytes: what a simulated TPM signs. [TPM2-P2 §10.12]
import { concatBytes } from '../encoding/index.ts';
import { attestTypeIds, tpmGenerated, type ClaimedAttest, type ClockInfo } from './attest.ts';
import { encodePcrSelections } from './pcr-selection.ts';
import { encodeSized, u16, u32, u64 } from './wire.ts';

/** Bare TPMS_ATTEST of any type. `parseAttest` of the result gives the same values. */
export function encodeAttest(claim: ClaimedAttest): Uint8Array {
  return concatBytes(
    u32(tpmGenerated),
    u16(attestTypeIds[claim.type]),
    encodeSized(claim.qualifiedSigner),
    encodeSized(claim.extraData),
    encodeClock(claim.clock),
    u64(claim.firmwareVersion),
    encodeAttested(claim),
  );
}

function encodeClock(clock: ClockInfo): Uint8Array {
  return concatBytes(u64(clock.clockMs), u32(clock.resetCount), u32(clock.restartCount), flag(clock.safe));
}

function encodeAttested(claim: ClaimedAttest): Uint8Array {
  switch (claim.type) {
    case 'quote':
      return concatBytes(encodePcrSelections(claim.selections), encodeSized(claim.pcrDigest));
    case 'certify':
      return concatBytes(encodeSized(claim.name), encodeSized(claim.qualifiedName));
    case 'creation':
      return concatBytes(encodeSized(claim.objectName), encodeSized(claim.creationHash));
    case 'time':
      return concatBytes(u64(claim.timeMs), encodeClock(claim.timeClock), u64(claim.timeFirmwareVersion));
    case 'nv':
      return concatBytes(encodeSized(claim.indexName), u16(claim.offset), encodeSized(claim.contents));
    case 'nv-digest':
      return concatBytes(encodeSized(claim.indexName), encodeSized(claim.nvDigest));
    case 'command-audit':
      return concatBytes(
        u64(claim.auditCounter),
        u16(claim.digestAlg),
        encodeSized(claim.auditDigest),
        encodeSized(claim.commandDigest),
      );
    case 'session-audit':
      return concatBytes(flag(claim.exclusiveSession), encodeSized(claim.sessionDigest));
  }
}

function flag(value: boolean): Uint8Array {
  return Uint8Array.of(value ? 1 : 0);
}
