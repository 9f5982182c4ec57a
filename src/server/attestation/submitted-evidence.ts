// Evidence as it came in, as it is appraised, and as it is kept.
import type { Evidence } from '../../core/appraisal/index.ts';
import type { EvidenceRecord, HostRecord } from '../storage/index.ts';
import { claimedPcrsOf, type WirePcrs } from './claimed-pcrs.ts';

/** All of it was written by the host. */
export interface SubmittedEvidence {
  readonly challengeId: string;
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
  readonly pcrs: WirePcrs;
  readonly eventLog: Uint8Array | undefined;
  readonly imaLog: Uint8Array | undefined;
  readonly userspaceLog: Uint8Array | undefined;
}

export function evidenceOf({ attest, signature, pcrs, eventLog, imaLog, userspaceLog }: SubmittedEvidence): Evidence {
  return {
    attest,
    signature,
    pcrs: claimedPcrsOf(pcrs),
    eventLog,
    ...(imaLog === undefined ? {} : { imaLog }),
    ...(userspaceLog === undefined ? {} : { userspaceLog }),
  };
}

export function evidenceRecord(
  submitted: SubmittedEvidence,
  { host, qualifyingData, at }: { readonly host: HostRecord; readonly qualifyingData: Uint8Array; readonly at: Date },
): EvidenceRecord {
  const { attest, signature, pcrs, eventLog, imaLog, userspaceLog } = submitted;
  return {
    attest,
    signature,
    pcrs: JSON.stringify(pcrs),
    eventLog,
    imaLog,
    userspaceLog,
    akPublic: host.akPublic,
    qualifyingData,
    receivedAt: at.getTime(),
  };
}
