// Stored evidence, proved again from its bytes: what is read of a boot rests on the TPM's signature, not on the database.
import { checkUserspaceLog } from '../../core/appraisal/index.ts';
import { parseEventLog, verifyEventLog, type ReplayedLog } from '../../core/event-log/index.ts';
import { verifyAttestationKey, verifyPcrs, verifyQuote, type AttestedPcrs } from '../../core/tpm/index.ts';
import { readClaimedPcrs } from '../attestation/claimed-pcrs.ts';
import type { EvidenceRecord } from '../storage/index.ts';

type ProvableQuote = Pick<EvidenceRecord, 'attest' | 'signature' | 'qualifyingData' | 'akPublic' | 'pcrs'>;

/** @throws VerificationError and MalformedError TPM_* */
export function provePcrs({ attest, signature, qualifyingData, akPublic, pcrs }: ProvableQuote): AttestedPcrs {
  const quote = verifyQuote({ attest, signature, qualifyingData, key: verifyAttestationKey(akPublic) });
  return verifyPcrs(quote, readClaimedPcrs(pcrs));
}

/** Registers that the running system extended too are explained by its own log.
 * @throws VerificationError and MalformedError EVENT_LOG_* */
export function proveBoot(
  { eventLog, userspaceLog }: { readonly eventLog: Uint8Array; readonly userspaceLog: Uint8Array | undefined },
  pcrs: AttestedPcrs,
): ReplayedLog {
  return verifyEventLog(parseEventLog(eventLog), pcrs, checkUserspaceLog(userspaceLog).claimed);
}
